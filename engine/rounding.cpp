#include "engine/rounding.hpp"

#include "engine/check.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace croupier {
namespace {

__extension__ using uint128 = unsigned __int128;

constexpr int128 largest = static_cast<int128>(~static_cast<uint128>(0) >> 1);

constexpr uint128 magnitude_of(int128 value) noexcept {
  // The smallest int128 has no positive counterpart: negate as unsigned.
  return value < 0 ? -static_cast<uint128>(value) : static_cast<uint128>(value);
}

/// A number of 256 bits; `high` counts 2^128.
struct wide {
  uint128 high = 0;
  uint128 low = 0;
};

wide product_of(uint128 a, uint128 b) noexcept {
  constexpr int half = 64;
  const uint128 mask = ~static_cast<std::uint64_t>(0);
  const uint128 a0 = a & mask;
  const uint128 a1 = a >> half;
  const uint128 b0 = b & mask;
  const uint128 b1 = b >> half;
  const uint128 middle = a1 * b0 + ((a0 * b0) >> half);
  const uint128 low_middle = (middle & mask) + a0 * b1;
  return {a1 * b1 + (middle >> half) + (low_middle >> half), (low_middle << half) | ((a0 * b0) & mask)};
}

struct quotient {
  uint128 whole = 0;
  uint128 rest = 0;
};

/// Bit by bit: it is called once per month and plan, not per movement. The divisor is below 2^127, so that a rest can
/// be doubled. The quotient must fit: dividend.high < divisor.
quotient divide(const wide& dividend, uint128 divisor) noexcept {
  constexpr int bits = 128;
  quotient result{.rest = dividend.high};
  for (int bit = bits - 1; bit >= 0; --bit) {
    result.rest = (result.rest << 1) | ((dividend.low >> bit) & 1);
    result.whole <<= 1;
    if (result.rest >= divisor) {
      result.rest -= divisor;
      result.whole |= 1;
    }
  }
  return result;
}

/// Whether rest / divisor, behind the whole number `whole`, rounds up.
bool rounds_up(uint128 whole, uint128 rest, uint128 divisor) noexcept {
  const auto missing = divisor - rest;
  return rest > missing || (rest == missing && (whole & 1) != 0);
}

} // namespace

namespace detail {

int128 step_of(int scale, int digits) noexcept {
  CROUPIER_ASSERT(digits >= 0 && digits <= scale, "rounding to more digits than the number has");
  int128 step = 1;
  for (int i = digits; i < scale; ++i) step *= 10;
  return step;
}

std::optional<int128> nearest_multiple(int128 units, int128 step) noexcept {
  const auto magnitude = magnitude_of(units);
  const auto divisor = static_cast<uint128>(step);
  auto whole = magnitude / divisor;
  if (rounds_up(whole, magnitude % divisor, divisor)) ++whole;
  if (whole > static_cast<uint128>(largest) / divisor) return std::nullopt;
  const auto nearest = static_cast<int128>(whole * divisor);
  return units < 0 ? -nearest : nearest;
}

} // namespace detail

std::optional<int128> product_over(int128 a, int128 b, int128 c, int128 step) noexcept {
  CROUPIER_ASSERT(c > 0, "a product over nothing");
  CROUPIER_ASSERT(step == 1 || (step > 1 && step % 2 == 0), "a step without a middle");
  const auto divisor = static_cast<uint128>(c);
  const auto grid = static_cast<uint128>(step);
  const auto product = product_of(magnitude_of(a), magnitude_of(b));
  if (product.high >= divisor) return std::nullopt;
  const auto [whole, rest] = divide(product, divisor);
  auto steps = whole / grid;
  const auto beyond = whole % grid;
  const bool up = step == 1 ? rounds_up(whole, rest, divisor)
                            : rounds_up(steps, beyond, grid) || (rest != 0 && beyond == grid - beyond);
  if (up) ++steps;
  if (steps > static_cast<uint128>(largest) / grid) return std::nullopt;
  const auto result = static_cast<int128>(steps * grid);
  return (a < 0) != (b < 0) ? -result : result;
}

std::vector<base_amount> split_pro_rata(base_amount total, std::span<const base_amount> weights, int digits) {
  CROUPIER_ASSERT(!total.is_negative() && !weights.empty(), "nothing to split, or nobody to split it among");
  base_amount sum;
  for (const auto weight : weights) {
    CROUPIER_ASSERT(weight > base_amount{}, "a share without a weight");
    const auto next = sum.plus(weight);
    CROUPIER_ASSERT(next.has_value(), "weights beyond 128 bits");
    sum = *next;
  }
  std::vector<base_amount> shares(weights.begin(), weights.end());
  if (total == sum) return shares;
  const auto step = detail::step_of(base_amount::scale, digits);
  auto left = total.units();
  for (std::size_t i = 0; i + 1 < shares.size(); ++i) {
    const auto share = product_over(total.units(), weights[i].units(), sum.units(), step);
    const auto taken = std::min(share.value_or(left), left);
    shares[i] = base_amount::from_units(taken);
    left -= taken;
  }
  shares.back() = base_amount::from_units(left);
  return shares;
}

} // namespace croupier
