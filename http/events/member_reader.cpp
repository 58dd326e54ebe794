#include "http/events/member_reader.hpp"

#include "http/utf8.hpp"

#include <algorithm>

namespace croupier::http {

const json::value* member_reader::find(std::string_view name) const noexcept {
  const auto* found = object_.find(name);
  return found != nullptr && found->type() == json::kind::null ? nullptr : found;
}

std::string_view member_reader::text_of(const json::value& value, std::string_view name, std::size_t length_max) const {
  if (!value.is_string()) {
    tell_(member_fault::not_text, name, "must be a string");
    return {};
  }
  const auto text = value.text();
  const auto length = utf8_length(text).value_or(length_max + 1);
  if (length == 0)
    tell_(member_fault::empty, name, "must not be empty");
  else if (length > length_max)
    tell_(member_fault::bad_value, name, "must have at most " + std::to_string(length_max) + " characters");
  else if (text.find('\0') != std::string_view::npos)
    tell_(member_fault::bad_value, name, "must not contain NUL");
  return text;
}

std::string_view member_reader::required_text(std::string_view name, std::size_t length_max) const {
  const auto* found = find(name);
  if (found != nullptr) return text_of(*found, name, length_max);
  tell_(member_fault::missing, name, "is required");
  return {};
}

std::string_view member_reader::optional_text(std::string_view name, std::size_t length_max) const {
  const auto* found = find(name);
  return found == nullptr ? std::string_view() : text_of(*found, name, length_max);
}

timestamp member_reader::required_time(std::string_view name) const {
  const auto* found = find(name);
  if (found == nullptr) {
    tell_(member_fault::missing, name, "is required");
    return {};
  }
  if (!found->is_string()) {
    tell_(member_fault::not_text, name, "must be a string");
    return {};
  }
  if (found->text().empty()) {
    tell_(member_fault::empty, name, "must not be empty");
    return {};
  }
  const auto time = timestamp::parse(found->text());
  if (!time)
    tell_(member_fault::bad_time, name,
          "must be an ISO 8601 date and time with Z or an offset, such as 2026-05-18T14:38:00.000Z");
  return time.value_or(timestamp{});
}

void member_reader::optional_choice(std::string_view name, std::initializer_list<std::string_view> choices) const {
  const auto* found = find(name);
  if (found == nullptr) return;
  if (!found->is_string()) return tell_(member_fault::not_text, name, "must be a string");
  if (std::find(choices.begin(), choices.end(), found->text()) != choices.end()) return;
  std::string listed;
  for (const auto& each : choices) listed.append(listed.empty() ? "" : ", ").append(each);
  tell_(member_fault::bad_value, name, "must be one of " + listed);
}

const json::value* member_reader::optional_object(std::string_view name) const {
  const auto* found = find(name);
  if (found == nullptr || found->is_object()) return found;
  tell_(member_fault::not_object, name, "must be an object");
  return nullptr;
}

bool is_country(std::string_view text) noexcept {
  return text.size() == 2 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

} // namespace croupier::http
