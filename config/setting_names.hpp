#pragma once

#include "config/settings.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace croupier::config {

// The texts of the settings that are a choice. One overload of `name_of` and one list of values per choice; parsing and
// listing follow from them.

constexpr std::string_view name_of(durability value) noexcept {
  switch (value) {
  case durability::sync: return "sync";
  case durability::async: return "async";
  }
  return {};
}

constexpr std::string_view name_of(log_level value) noexcept {
  switch (value) {
  case log_level::debug: return "debug";
  case log_level::info: return "info";
  case log_level::warning: return "warning";
  case log_level::error: return "error";
  }
  return {};
}

constexpr std::string_view name_of(log_format value) noexcept {
  switch (value) {
  case log_format::logfmt: return "logfmt";
  case log_format::json: return "json";
  }
  return {};
}

constexpr std::string_view name_of(environment value) noexcept {
  switch (value) {
  case environment::live: return "live";
  case environment::staging: return "staging";
  }
  return {};
}

template<class Choice>
inline constexpr std::uint8_t last_choice = 0;
template<>
inline constexpr std::uint8_t last_choice<durability> = static_cast<std::uint8_t>(durability::async);
template<>
inline constexpr std::uint8_t last_choice<log_level> = static_cast<std::uint8_t>(log_level::error);
template<>
inline constexpr std::uint8_t last_choice<log_format> = static_cast<std::uint8_t>(log_format::json);
template<>
inline constexpr std::uint8_t last_choice<environment> = static_cast<std::uint8_t>(environment::staging);

/// The choice of that name; nothing when there is none.
template<class Choice>
std::optional<Choice> choice_named(std::string_view text) noexcept {
  for (std::uint8_t i = 0; i <= last_choice<Choice>; ++i)
    if (name_of(static_cast<Choice>(i)) == text) return static_cast<Choice>(i);
  return std::nullopt;
}

/// "debug, info, warning or error".
template<class Choice>
std::string choices_text() {
  std::string result;
  for (std::uint8_t i = 0; i <= last_choice<Choice>; ++i) {
    if (i > 0) result += i == last_choice<Choice> ? " or " : ", ";
    result += name_of(static_cast<Choice>(i));
  }
  return result;
}

} // namespace croupier::config
