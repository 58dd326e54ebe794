#pragma once

#include "engine/timestamp.hpp"
#include "http/json.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace croupier::http {

/// What can be wrong with a member of an event, for dialects that have a code for each.
enum class member_fault : std::uint8_t { missing, not_text, not_object, empty, bad_value, bad_time };

/// Reads the members of one event; what is wrong is told and a harmless value given, so that reading goes straight on.
/// null reads as absent. Views given point into the document; lengths are in characters (Unicode code points).
class member_reader {
public:
  /// `what` does not repeat the member's name: "is required".
  using listener = std::function<void(member_fault fault, std::string_view name, std::string_view what)>;

  member_reader(const json::value& object, listener tell) : object_(object), tell_(std::move(tell)) {}

  /// A string of 1 to `length_max` characters without NUL.
  std::string_view required_text(std::string_view name, std::size_t length_max) const;
  /// The same; empty when absent.
  std::string_view optional_text(std::string_view name, std::size_t length_max) const;
  timestamp required_time(std::string_view name) const;
  /// One of a few texts, or absent.
  void optional_choice(std::string_view name, std::initializer_list<std::string_view> choices) const;
  /// nullptr when it is absent or no object.
  const json::value* optional_object(std::string_view name) const;
  /// The member's value; nullptr when it is absent or null.
  const json::value* find(std::string_view name) const noexcept;

private:
  std::string_view text_of(const json::value& value, std::string_view name, std::size_t length_max) const;

  const json::value& object_;
  listener tell_;
};

/// Two capital letters, as countries are written.
bool is_country(std::string_view text) noexcept;

} // namespace croupier::http
