#include "engine/fixed_point.hpp"

#include "engine/check.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

namespace croupier {
namespace {

__extension__ using uint128 = unsigned __int128;

constexpr std::size_t integer_digits_max = 18;

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

constexpr int128 power_of_ten(int exponent) noexcept {
  int128 result = 1;
  for (int i = 0; i < exponent; ++i) result *= 10;
  return result;
}

constexpr int128 units_of_one = power_of_ten(amount::scale);

/// A text cut up by the grammar `-?(0|[1-9][0-9]*)(\.[0-9]+)?`.
struct number_parts {
  bool negative = false;
  std::string_view integer;
  std::string_view fraction;
};

std::string_view leading_digits(std::string_view text) noexcept {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  return {text.data(), static_cast<std::size_t>(end - text.begin())};
}

bool cut_up(std::string_view text, number_parts& out) noexcept {
  out.negative = text.starts_with('-');
  if (out.negative) text.remove_prefix(1);
  out.integer = leading_digits(text);
  if (out.integer.empty()) return false;
  if (out.integer.size() > 1 && out.integer.front() == '0') return false;
  text.remove_prefix(out.integer.size());
  out.fraction = {};
  if (text.empty()) return true;
  if (text.front() != '.') return false;
  text.remove_prefix(1);
  out.fraction = leading_digits(text);
  return !out.fraction.empty() && out.fraction.size() == text.size();
}

/// At most 19 digits, which fit 64 bits.
std::uint64_t value_of_digits(std::string_view digits) noexcept {
  std::uint64_t value = 0;
  for (const char digit : digits) value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  return value;
}

void store(int128 magnitude, const number_parts& parts, number_text& out) noexcept {
  out.units = parts.negative ? -magnitude : magnitude;
  out.fraction_digits = static_cast<std::uint8_t>(parts.fraction.size());
  out.negative_zero = parts.negative && magnitude == 0;
}

/// The number with all its `scale` fraction digits, written backwards from the end of a buffer that fits 128 bits.
class rendered {
public:
  rendered(int128 units, int scale, bool minus) noexcept {
    // The magnitude of the smallest int128 has no positive counterpart: negate as unsigned.
    const auto magnitude = units < 0 ? -static_cast<uint128>(units) : static_cast<uint128>(units);
    const auto one = static_cast<uint128>(power_of_ten(scale));
    auto fraction = static_cast<std::uint64_t>(magnitude % one);
    for (int i = 0; i < scale; ++i) put_last_digit(fraction);
    put('.');
    auto whole = magnitude / one;
    while (whole > std::numeric_limits<std::uint64_t>::max()) put_last_digit(whole);
    auto narrow_whole = static_cast<std::uint64_t>(whole); // 64-bit divisions are several times faster
    do put_last_digit(narrow_whole);
    while (narrow_whole != 0);
    if (minus) put('-');
  }

  std::string_view view() const noexcept { return {buffer_.data() + begin_, buffer_.size() - begin_}; }

private:
  void put(char c) noexcept { buffer_[--begin_] = c; }

  template<class Unsigned>
  void put_last_digit(Unsigned& value) noexcept {
    put(static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  }

  std::array<char, 44> buffer_; // 39 digits, sign, point
  std::size_t begin_ = buffer_.size();
};

} // namespace

namespace detail {

std::optional<number_error> parse_fixed(std::string_view text, int scale, number_text& out) noexcept {
  number_parts parts;
  if (!cut_up(text, parts)) return number_error::malformed;
  const auto fraction_digits = static_cast<int>(std::min<std::size_t>(parts.fraction.size(), 255));
  if (parts.integer.size() > integer_digits_max || fraction_digits > scale) return number_error::too_many_digits;
  const int128 fraction = value_of_digits(parts.fraction) * power_of_ten(scale - fraction_digits);
  store(value_of_digits(parts.integer) * power_of_ten(scale) + fraction, parts, out);
  return std::nullopt;
}

std::string print_fixed(int128 units, int scale, int min_fraction) {
  if (units == 0) return "0";
  const rendered all(units, scale, units < 0);
  auto text = all.view();
  for (int kept = scale; kept > min_fraction && text.back() == '0'; --kept) text.remove_suffix(1);
  return std::string(text);
}

std::string print_fixed_exact(int128 units, int scale, int fraction_digits, bool negative_zero) {
  CROUPIER_ASSERT(fraction_digits >= 0 && fraction_digits <= scale, "a text has more digits than its type");
  CROUPIER_ASSERT(!negative_zero || units == 0, "only zero can be a negative zero");
  const rendered all(units, scale, units < 0 || negative_zero);
  auto text = all.view();
  for (int kept = scale; kept > fraction_digits; --kept) {
    CROUPIER_ASSERT(text.back() == '0', "the digits of a text cannot hold its value");
    text.remove_suffix(1);
  }
  if (text.back() == '.') text.remove_suffix(1);
  return std::string(text);
}

} // namespace detail

std::optional<commission> share_of(amount base, percentage rate) noexcept {
  constexpr int digits_of_percent = 2;
  constexpr auto spare = power_of_ten(commission::scale - amount::scale - percentage::scale - digits_of_percent);
  int128 product = 0;
  if (__builtin_mul_overflow(base.units(), rate.units(), &product)) return std::nullopt;
  if (__builtin_mul_overflow(product, spare, &product)) return std::nullopt;
  return commission::from_units(product);
}

std::optional<number_error> parse_amount(std::string_view text, number_text& out) noexcept {
  return detail::parse_fixed(text, amount::scale, out);
}

std::optional<number_error> parse_integer_amount(std::string_view text, number_text& out) noexcept {
  constexpr std::size_t digits_max = 19;
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  number_parts parts;
  if (!cut_up(text, parts) || !parts.fraction.empty()) return number_error::malformed;
  if (parts.integer.size() > digits_max) return number_error::too_many_digits;
  const auto magnitude = value_of_digits(parts.integer);
  if (magnitude > largest + (parts.negative ? 1U : 0U)) return number_error::too_many_digits;
  store(magnitude * units_of_one, parts, out);
  return std::nullopt;
}

bool in_decimal_range(amount value) noexcept {
  constexpr auto bound = power_of_ten(static_cast<int>(integer_digits_max) + amount::scale);
  return value.units() > -bound && value.units() < bound;
}

bool in_integer_range(amount value) noexcept {
  const auto whole = value.units() / units_of_one;
  return whole * units_of_one == value.units() && whole >= std::numeric_limits<std::int64_t>::min() &&
         whole <= std::numeric_limits<std::int64_t>::max();
}

} // namespace croupier
