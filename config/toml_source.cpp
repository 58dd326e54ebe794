#include "config/toml_source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace croupier::config {
namespace {

constexpr std::size_t file_bytes_max = 16U << 20;

} // namespace

std::optional<std::string> read_text_file(const std::string& path, problems& found) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  char block[1 << 16];
  while (file.read(block, sizeof block) || file.gcount() > 0) {
    text.append(block, static_cast<std::size_t>(file.gcount()));
    if (text.size() > file_bytes_max) {
      found.push_back({path, "larger than 16 MiB"});
      return std::nullopt;
    }
  }
  if (!file.eof()) { // a folder opens, and fails at the first read
    found.push_back({path, std::string("cannot be read: ") + std::strerror(errno)});
    return std::nullopt;
  }
  return text;
}

std::optional<toml::table> parse_toml(std::string_view text, std::string_view name, problems& found) {
  try {
    return toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    found.push_back({place_in_file(name, error.source().begin.line), std::string(error.description())});
    return std::nullopt;
  }
}

table_reader::table_reader(const toml::table& table, std::string_view file, problems& found)
    : table_(table), file_(file), found_(found) {}

const toml::node* table_reader::node(std::string_view key) {
  asked_.push_back(key);
  return table_.get(key);
}

std::optional<std::string> table_reader::text(std::string_view key) {
  const toml::node* found = node(key);
  if (found == nullptr) return std::nullopt;
  auto value = found->value_exact<std::string>();
  if (!value) complain(key, "must be a text in quotes");
  return value;
}

std::optional<bool> table_reader::flag(std::string_view key) {
  const toml::node* found = node(key);
  if (found == nullptr) return std::nullopt;
  const auto value = found->value_exact<bool>();
  if (!value) complain(key, "must be true or false");
  return value;
}

std::vector<std::string> table_reader::texts(std::string_view key) {
  std::vector<std::string> result;
  const toml::node* found = node(key);
  if (found == nullptr) return result;
  const toml::array* array = found->as_array();
  if (array != nullptr)
    for (const toml::node& item : *array)
      if (auto value = item.value_exact<std::string>()) result.push_back(std::move(*value));
  if (array == nullptr || result.size() != array->size()) complain(key, "must be a list of texts in quotes");
  return result;
}

const toml::table* table_reader::table(std::string_view key) {
  const toml::node* found = node(key);
  if (found == nullptr) return nullptr;
  if (!found->is_table()) complain(key, "must be a table");
  return found->as_table();
}

const toml::array* table_reader::tables(std::string_view key) {
  const toml::node* found = node(key);
  if (found == nullptr) return nullptr;
  const toml::array* array = found->as_array();
  const bool all = array != nullptr &&
                   std::all_of(array->begin(), array->end(), [](const toml::node& item) { return item.is_table(); });
  if (all) return array;
  complain(key, "must be a list of tables: [[" + std::string(key) + "]]");
  return nullptr;
}

std::string table_reader::required_text(std::string_view key) {
  if (table_.get(key) == nullptr) {
    asked_.push_back(key);
    complain(key, "is required");
    return {};
  }
  auto value = text(key);
  if (value && value->empty()) complain(key, "must not be empty");
  return value.value_or(std::string{});
}

std::uint32_t table_reader::line_of(std::string_view path) const {
  const std::string_view key = path.substr(0, path.find('.')); // "revshare.metric" is in the field "revshare"
  for (const auto& [name, value] : table_)
    if (name.str() == key) return name.source().begin.line;
  return table_.source().begin.line;
}

void table_reader::complain(std::string_view key, const std::string& what) {
  const std::string subject = what_.empty() ? std::string(key) : what_ + ": " + std::string(key);
  found_.push_back({place_in_file(file_, line_of(key)), subject + ": " + what});
}

void table_reader::finish() {
  for (const auto& [key, value] : table_)
    if (std::find(asked_.begin(), asked_.end(), key.str()) == asked_.end()) complain(key.str(), "unknown field");
}

} // namespace croupier::config
