#pragma once

#include "engine/uuid.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The words in which the rules of the workspace are written: each gives "<field>: <what is wrong>", or nothing.
namespace croupier::rules {

using problem = std::optional<std::string>;

inline problem at(std::string_view field, std::string_view what) {
  return std::string(field).append(": ").append(what);
}

/// The first of the problems that there is.
inline problem first_of(std::initializer_list<problem> problems) {
  for (const auto& one : problems)
    if (one) return one;
  return std::nullopt;
}

/// A new object takes the next number. 0 comes of a table that has used up its numbers.
template<class Object>
problem number_problem(const std::vector<Object>& table, std::size_t number) {
  if (number == 0) return at("number", "there is no room for another one");
  if (number > table.size() + 1) return at("number", "must be the next free one, " + std::to_string(table.size() + 1));
  return std::nullopt;
}

/// The id is there, does not change, and nothing else in the table has it. `holder`: who has it now.
template<class Object>
problem id_problem(const Object* before, const Object* holder, const uuid& id) {
  if (id.is_nil()) return at("id", "must not be nil");
  if (before != nullptr && before->id != id) return at("id", "is permanent");
  return holder != before ? at("id", "is in use") : std::nullopt;
}

/// For the tables that are too small for an index of ids.
template<class Object>
const Object* scan_for(const std::vector<Object>& table, const uuid& id) noexcept {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Object& one) { return one.id == id; });
  return found == table.end() ? nullptr : &*found;
}

/// Any text without control characters, of at most `length_max` bytes; it may be empty.
inline problem optional_text_problem(std::string_view field, std::string_view text, std::size_t length_max = 255) {
  if (text.size() > length_max) return at(field, "must not be longer than " + std::to_string(length_max) + " bytes");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), is_control)) return at(field, "must not contain control characters");
  return std::nullopt;
}

inline problem text_problem(std::string_view field, std::string_view text, std::size_t length_max = 255) {
  if (text.empty()) return at(field, "must not be empty");
  return optional_text_problem(field, text, length_max);
}

/// It is sent out as it is, so nothing but visible ASCII may be in it. `first`, `second`: the schemes that it may have.
inline problem url_problem(std::string_view field, std::string_view url, std::string_view first,
                           std::string_view second) {
  constexpr std::size_t url_length_max = 2048;
  const auto is_visible = [](char c) { return c > 0x20 && c < 0x7f; };
  const auto scheme = url.starts_with(first) ? first.size() : url.starts_with(second) ? second.size() : 0U;
  if (scheme == 0 || url.size() == scheme || std::string_view("/?#:@").find(url[scheme]) != std::string_view::npos)
    return at(field, "must be an absolute URL that starts with " + std::string(first) +
                         (first == second ? std::string() : " or " + std::string(second)));
  if (url.size() > url_length_max) return at(field, "must not be longer than 2048 bytes");
  if (!std::all_of(url.begin(), url.end(), is_visible))
    return at(field, "must not contain spaces, control or non-ASCII characters");
  return std::nullopt;
}

/// Each is there, and none is listed twice.
template<class Table, class Number>
problem references_problem(std::string_view field, const Table& table, const std::vector<Number>& numbers) {
  for (auto one = numbers.begin(); one != numbers.end(); ++one) {
    if (table.find(*one) == nullptr) return at(field, "one does not exist");
    if (std::find(numbers.begin(), one, *one) != one) return at(field, "one is listed twice");
  }
  return std::nullopt;
}

} // namespace croupier::rules
