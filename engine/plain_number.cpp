#include "engine/plain_number.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace croupier {
namespace {

constexpr int exponent_max = 40;

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Whether the text is `(0|[1-9][0-9]*)`.
bool is_whole_part(std::string_view text) {
  return !text.empty() && all_digits(text) && (text.size() == 1 || text.front() != '0');
}

std::optional<int> parse_exponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (!all_digits(text)) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > exponent_max) return std::nullopt;
  return negative ? -value : value;
}

/// `digits` with the point before the last `fraction` of them (behind them all, and beyond, when it is not positive).
std::string place_point(std::string digits, int fraction) {
  if (fraction <= 0) {
    digits.append(static_cast<std::size_t>(-fraction), '0');
  } else if (const auto wanted = static_cast<std::size_t>(fraction) + 1; digits.size() < wanted) {
    digits.insert(0, wanted - digits.size(), '0');
  }
  const std::size_t whole = digits.size() - static_cast<std::size_t>(std::max(fraction, 0));
  const std::size_t zeros = std::min(digits.find_first_not_of('0'), whole - 1);
  std::string result = digits.substr(zeros, whole - zeros);
  return fraction > 0 ? result + "." + digits.substr(whole) : result;
}

} // namespace

std::optional<std::string> plain_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  const std::string_view mantissa = text.substr(0, e);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::string_view whole = mantissa.substr(0, point);
  const std::string_view fraction = point < mantissa.size() ? mantissa.substr(point + 1) : std::string_view();
  if (!is_whole_part(whole) || !all_digits(fraction) || (point < mantissa.size() && fraction.empty()))
    return std::nullopt;
  const std::string sign = negative ? "-" : "";
  if (e == text.size()) return sign + std::string(mantissa);
  const auto exponent = parse_exponent(text.substr(e + 1));
  if (!exponent) return std::nullopt;
  return sign + place_point(std::string(whole) + std::string(fraction), static_cast<int>(fraction.size()) - *exponent);
}

} // namespace croupier
