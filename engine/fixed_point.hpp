#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace croupier {

__extension__ using int128 = __int128;

/// What was wrong with the text of a number.
enum class number_error : std::uint8_t {
  malformed,      ///< not `-?(0|[1-9][0-9]*)(\.[0-9]+)?`; of an integer: not whole
  too_many_digits ///< more than 18 integer digits, or more fraction digits than the type holds, never rounded; of an
                  ///< integer: whole, but beyond a signed 64-bit integer
};

/// A number as a client wrote it: its value and how many fraction digits the text had, so that the very text can be
/// given back (`text()`), "-0" and trailing zeros included.
struct number_text {
  int128 units = 0;                 ///< value in units of 10^-scale of the type that parsed it
  std::uint8_t fraction_digits = 0; ///< digits after the point; 0 when there was none
  bool negative_zero = false;       ///< the text was "-0", "-0.00", ...
};

namespace detail {

/// Parses the grammar above into units of 10^-scale. O(length). Digits beyond 18 before the point or `scale` behind it
/// are an error even when they are zeros.
std::optional<number_error> parse_fixed(std::string_view text, int scale, number_text& out) noexcept;

/// At least `min_fraction` fraction digits, no trailing zeros beyond them; zero prints as "0".
std::string print_fixed(int128 units, int scale, int min_fraction);

/// Exactly `fraction_digits` fraction digits, which must be able to hold the value (CROUPIER_ASSERT).
std::string print_fixed_exact(int128 units, int scale, int fraction_digits, bool negative_zero);

} // namespace detail

/// An exact decimal: a signed 128-bit count of 10^-Scale. There is no floating point anywhere near it, no implicit
/// conversion, and no unchecked arithmetic: sums answer nothing when they would overflow.
template<int Scale>
class fixed_point {
public:
  static constexpr int scale = Scale;

  constexpr fixed_point() noexcept = default;

  static constexpr fixed_point from_units(int128 units) noexcept {
    fixed_point result;
    result.units_ = units;
    return result;
  }

  /// `value` whole units (1 is 1.00). The range of std::int64_t fits every Scale up to 18.
  static constexpr fixed_point from_integer(std::int64_t value) noexcept {
    int128 units = value;
    for (int i = 0; i < Scale; ++i) units *= 10;
    return from_units(units);
  }

  /// Parses `-?(0|[1-9][0-9]*)(\.[0-9]+)?` with at most 18 integer and Scale fraction digits; nothing on any other
  /// text.
  static std::optional<fixed_point> parse(std::string_view text) noexcept {
    number_text parsed;
    if (detail::parse_fixed(text, Scale, parsed)) return std::nullopt;
    return from_units(parsed.units);
  }

  constexpr int128 units() const noexcept { return units_; }
  constexpr bool is_zero() const noexcept { return units_ == 0; }
  constexpr bool is_negative() const noexcept { return units_ < 0; }

  /// The sum, or nothing when it leaves 128 bits.
  constexpr std::optional<fixed_point> plus(fixed_point other) const noexcept {
    int128 sum = 0;
    if (__builtin_add_overflow(units_, other.units_, &sum)) return std::nullopt;
    return from_units(sum);
  }

  /// The difference, or nothing when it leaves 128 bits.
  constexpr std::optional<fixed_point> minus(fixed_point other) const noexcept {
    int128 difference = 0;
    if (__builtin_sub_overflow(units_, other.units_, &difference)) return std::nullopt;
    return from_units(difference);
  }

  constexpr fixed_point negated() const noexcept { return from_units(-units_); }

  /// API.md section 1: at least two fraction digits, no trailing zeros beyond them, zero is "0".
  std::string text() const { return detail::print_fixed(units_, Scale, 2); }

  friend constexpr auto operator<=>(fixed_point, fixed_point) noexcept = default;

private:
  int128 units_ = 0;
};

/// A metric value, delta or balance: up to 18 integer and 8 fraction digits. Integer metrics use it too, with whole
/// values in the range of a signed 64-bit integer.
using amount = fixed_point<8>;

/// A rate in percent with up to 4 fraction digits ("12.5" is 12.5 %).
using percentage = fixed_point<4>;

/// Revshare and other commission, exact: an amount (8 digits) x a percentage (4 + 2 digits) leaves 4 digits to spare
/// for percentages taken off the base.
using commission = fixed_point<18>;

/// `base` x `rate` %, exact. Nothing when the result leaves 128 bits.
std::optional<commission> share_of(amount base, percentage rate) noexcept;

/// Parses a value of a decimal metric and keeps the form of its text. Nothing returned: `out` holds it.
std::optional<number_error> parse_amount(std::string_view text, number_text& out) noexcept;

/// The same for an integer metric: `-?(0|[1-9][0-9]*)`, no point, within a signed 64-bit integer (19 digits, so one
/// more than decimals have before the point). `out` counts units of `amount`.
std::optional<number_error> parse_integer_amount(std::string_view text, number_text& out) noexcept;

/// Whether a balance or value of a decimal metric is inside 18 integer digits.
bool in_decimal_range(amount value) noexcept;

/// Whether the value is whole and inside a signed 64-bit integer.
bool in_integer_range(amount value) noexcept;

} // namespace croupier
