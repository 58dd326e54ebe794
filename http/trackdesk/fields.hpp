#pragma once

#include "engine/timestamp.hpp"
#include "engine/uuid.hpp"
#include "http/json.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::http::trackdesk {

/// The way to a value in a body, for messages: "metrics[2].code". Made on the stack on the way down; the text is only
/// put together when something is wrong.
struct place {
  const place* parent = nullptr;
  std::string_view name;
  std::optional<std::size_t> index = std::nullopt;

  std::string text() const;
};

/// The first thing that was wrong with a body, as "<field>: <what is wrong>".
class complaint {
public:
  bool empty() const noexcept { return text_.empty(); }
  const std::string& text() const noexcept { return text_; }
  void about(const place& where, std::string_view what);

private:
  std::string text_;
};

/// Reads the members of one JSON object by the rules of the vendor's fields. Whatever is wrong goes to the complaint
/// and a harmless value is given, so that reading goes straight on; callers ask the complaint at the end. Views given
/// point into the document. Lengths of texts are in characters (Unicode code points).
class object_reader {
public:
  /// `object` nullptr or not an object: every member reads as absent, without a complaint of its own.
  object_reader(const json::value* object, const place* at, complaint& problems) noexcept
      : object_(object), at_(at), problems_(problems) {}

  bool has(std::string_view name) const noexcept { return find(name) != nullptr; }

  /// A text of 1 to `length_max` characters without NUL.
  std::string_view required_text(std::string_view name, std::size_t length_max) const;
  /// The same; empty when absent.
  std::string_view optional_text(std::string_view name, std::size_t length_max) const;
  /// Any string, its form judged elsewhere.
  std::string_view required_string(std::string_view name) const;
  uuid required_id(std::string_view name) const;
  timestamp required_time(std::string_view name) const;
  std::optional<timestamp> optional_time(std::string_view name) const;
  /// A JSON number without point or exponent, within the bounds.
  std::uint64_t required_whole(std::string_view name, std::uint64_t min, std::uint64_t max) const;
  /// An array with a number of items within the bounds.
  std::span<const json::value> required_list(std::string_view name, std::size_t min, std::size_t max) const;
  /// An object; nullptr when it is absent or wrong.
  const json::value* required_object(std::string_view name) const;
  const json::value* optional_object(std::string_view name) const;
  /// Distinct texts of 1 to `length_max` characters; nothing when absent or empty: then the filter does not filter.
  std::optional<std::vector<std::string>> optional_texts(std::string_view name, std::size_t length_max) const;
  /// Distinct UUIDs; nothing when absent or empty.
  std::optional<std::vector<uuid>> optional_ids(std::string_view name) const;

  /// Complains about a member.
  void complain(std::string_view name, std::string_view what) const;

private:
  const json::value* find(std::string_view name) const noexcept;
  const json::value* required(std::string_view name) const;
  std::string_view checked_text(const json::value& value, const place& where, std::size_t length_max) const;
  std::span<const json::value> optional_list(std::string_view name) const;

  const json::value* object_;
  const place* at_;
  complaint& problems_;
};

/// The most values that a filter may list.
inline constexpr std::size_t filter_values_max = 1'000;

/// A whole number in decimal digits without sign or leading zeros; nothing on any other text and beyond 64 bits.
std::optional<std::uint64_t> parse_whole(std::string_view text) noexcept;

/// What is wrong with a text that must have 1 to `length_max` characters and no NUL; empty when nothing is.
std::string text_problem(std::string_view text, std::size_t length_max);

} // namespace croupier::http::trackdesk
