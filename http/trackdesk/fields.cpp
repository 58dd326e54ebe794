#include "http/trackdesk/fields.hpp"

#include "http/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_set>

namespace croupier::http::trackdesk {

std::string place::text() const {
  std::string path = parent == nullptr ? "" : parent->text();
  if (!name.empty()) {
    if (!path.empty()) path += '.';
    path += name;
  }
  if (index) path += "[" + std::to_string(*index) + "]";
  return path;
}

void complaint::about(const place& where, std::string_view what) {
  if (!text_.empty()) return;
  text_ = where.text();
  text_ += ": ";
  text_ += what;
}

std::optional<std::uint64_t> parse_whole(std::string_view text) noexcept {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

std::string text_problem(std::string_view text, std::size_t length_max) {
  const auto length = utf8_length(text);
  if (!length) return "must be UTF-8";
  if (*length == 0 || *length > length_max) return "must have 1-" + std::to_string(length_max) + " characters";
  if (text.find('\0') != std::string_view::npos) return "must not contain NUL";
  return {};
}

const json::value* object_reader::find(std::string_view name) const noexcept {
  return object_ == nullptr ? nullptr : object_->find(name);
}

void object_reader::complain(std::string_view name, std::string_view what) const {
  problems_.about(place{at_, name}, what);
}

const json::value* object_reader::required(std::string_view name) const {
  const json::value* found = find(name);
  if (found == nullptr) complain(name, "is required");
  return found;
}

std::string_view object_reader::checked_text(const json::value& value, const place& where,
                                             std::size_t length_max) const {
  if (!value.is_string()) {
    problems_.about(where, "must be a string");
    return {};
  }
  if (const std::string wrong = text_problem(value.text(), length_max); !wrong.empty()) problems_.about(where, wrong);
  return value.text();
}

std::string_view object_reader::required_text(std::string_view name, std::size_t length_max) const {
  const json::value* found = required(name);
  return found == nullptr ? std::string_view{} : checked_text(*found, place{at_, name}, length_max);
}

std::string_view object_reader::optional_text(std::string_view name, std::size_t length_max) const {
  const json::value* found = find(name);
  return found == nullptr ? std::string_view{} : checked_text(*found, place{at_, name}, length_max);
}

std::string_view object_reader::required_string(std::string_view name) const {
  const json::value* found = required(name);
  if (found == nullptr) return {};
  if (!found->is_string()) complain(name, "must be a string");
  return found->text();
}

uuid object_reader::required_id(std::string_view name) const {
  const json::value* found = required(name);
  if (found == nullptr) return {};
  const auto id = found->is_string() ? uuid::parse(found->text()) : std::nullopt;
  if (!id) complain(name, "must be a UUID");
  return id.value_or(uuid{});
}

timestamp object_reader::required_time(std::string_view name) const {
  if (required(name) == nullptr) return {};
  return optional_time(name).value_or(timestamp{});
}

std::optional<timestamp> object_reader::optional_time(std::string_view name) const {
  const json::value* found = find(name);
  if (found == nullptr) return std::nullopt;
  const auto time = found->is_string() ? timestamp::parse(found->text()) : std::nullopt;
  if (!time) complain(name, "must be an RFC 3339 time");
  return time;
}

std::uint64_t object_reader::required_whole(std::string_view name, std::uint64_t min, std::uint64_t max) const {
  const json::value* found = required(name);
  if (found == nullptr) return min;
  const auto number = found->is_number() ? parse_whole(found->text()) : std::nullopt;
  if (number && *number >= min && *number <= max) return *number;
  complain(name, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  return min;
}

std::span<const json::value> object_reader::required_list(std::string_view name, std::size_t min,
                                                          std::size_t max) const {
  const json::value* found = required(name);
  if (found == nullptr) return {};
  if (!found->is_array()) {
    complain(name, "must be a list");
    return {};
  }
  const auto items = found->items();
  if (items.size() >= min && items.size() <= max) return items;
  complain(name, "must have " + std::to_string(min) + "-" + std::to_string(max) + " items");
  return {};
}

const json::value* object_reader::required_object(std::string_view name) const {
  return required(name) == nullptr ? nullptr : optional_object(name);
}

const json::value* object_reader::optional_object(std::string_view name) const {
  const json::value* found = find(name);
  if (found == nullptr || found->is_object()) return found;
  complain(name, "must be an object");
  return nullptr;
}

std::span<const json::value> object_reader::optional_list(std::string_view name) const {
  return has(name) ? required_list(name, 0, filter_values_max) : std::span<const json::value>{};
}

std::optional<std::vector<std::string>> object_reader::optional_texts(std::string_view name,
                                                                      std::size_t length_max) const {
  const auto items = optional_list(name);
  if (items.empty()) return std::nullopt;
  const place list{at_, name};
  std::vector<std::string> texts;
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const place here{&list, {}, i};
    const std::string_view text = checked_text(items[i], here, length_max);
    if (!seen.insert(text).second) problems_.about(here, "is listed twice");
    texts.emplace_back(text);
  }
  return texts;
}

std::optional<std::vector<uuid>> object_reader::optional_ids(std::string_view name) const {
  const auto items = optional_list(name);
  if (items.empty()) return std::nullopt;
  const place list{at_, name};
  std::vector<uuid> ids;
  std::unordered_set<uuid> seen;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const place here{&list, {}, i};
    const auto id = items[i].is_string() ? uuid::parse(items[i].text()) : std::nullopt;
    if (!id)
      problems_.about(here, "must be a UUID");
    else if (!seen.insert(*id).second)
      problems_.about(here, "is listed twice");
    ids.push_back(id.value_or(uuid{}));
  }
  return ids;
}

} // namespace croupier::http::trackdesk
