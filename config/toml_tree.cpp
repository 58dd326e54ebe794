#include "config/toml_tree.hpp"

#include "config/toml_source.hpp"

#include <algorithm>
#include <string>

namespace croupier::config {
namespace {

constexpr std::size_t key_steps_max = 64;

/// Where the string that opens at `at` ends: behind its closing quotes, or at the end of the text.
std::size_t behind_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string three(3, quote);
  const bool is_long = text.substr(at, 3) == three;
  const std::string_view closing = is_long ? std::string_view(three) : std::string_view(three).substr(0, 1);
  for (at += closing.size(); at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text.substr(at, closing.size()) == closing) {
      return at + closing.size();
    } else if (!is_long && text[at] == '\n') {
      return at; // never closed: the parser says so
    }
  }
  return text.size();
}

/// The line of the first key that has too many steps: the parser makes a table of each, and tables inside tables are
/// destroyed by recursion. Nothing when all is well.
std::optional<std::uint32_t> line_of_deep_key(std::string_view text) {
  std::size_t dots = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      at = behind_string(text, at);
      continue;
    }
    if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    if (c == '\n' || c == '=' || c == ',') dots = 0;
    if (c == '.' && ++dots > key_steps_max)
      return static_cast<std::uint32_t>(1 + std::count(text.begin(), text.begin() + static_cast<long>(at), '\n'));
    ++at;
  }
  return std::nullopt;
}

tree tree_of(const toml::node& node) {
  tree made;
  if (const auto text = node.value_exact<std::string>()) {
    made = tree::of_text(*text);
  } else if (const auto truth = node.value_exact<bool>()) {
    made = tree::of_truth(*truth);
  } else if (const auto whole = node.value_exact<std::int64_t>()) {
    made = tree::of_number(std::to_string(*whole));
  } else if (const toml::array* list = node.as_array()) {
    made = tree::of(tree::kind::list);
    for (const toml::node& item : *list) made.items.push_back(tree_of(item));
  } else if (const toml::table* table = node.as_table()) {
    made = tree::of(tree::kind::table);
    for (const auto& [name, content] : *table) made.add(name.str(), tree_of(content));
  } else {
    made = tree::of(tree::kind::other);
  }
  made.line = node.source().begin.line;
  return made;
}

} // namespace

std::optional<tree> parse_toml_tree(std::string_view text, std::string_view name, problems& found) {
  if (const auto line = line_of_deep_key(text)) {
    found.push_back({place_in_file(name, *line), "a key has more than 64 steps"});
    return std::nullopt;
  }
  const auto document = parse_toml(text, name, found);
  return document ? std::optional(tree_of(*document)) : std::nullopt;
}

} // namespace croupier::config
