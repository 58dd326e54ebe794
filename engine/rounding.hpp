#pragma once

#include "engine/fixed_point.hpp"

#include <optional>
#include <span>
#include <vector>

namespace croupier {

/// What a percentage is taken of, after percentages were taken off it: an amount (8 digits) times a percentage with two
/// fraction digits (2 + 2) is exact here, and so is its product with a rate (4 + 2 digits) as a commission (18).
using base_amount = fixed_point<12>;

/// The three places where the ledger rounds, all half to even: payments, quotients that have no end, and splits. Pure.

namespace detail {

/// The multiple of `step` (positive) that is nearest to `units`; a tie goes to the even multiple. Nothing when that
/// leaves 128 bits.
std::optional<int128> nearest_multiple(int128 units, int128 step) noexcept;

/// Units of a fixed point of `scale` that one unit in the last of `digits` fraction digits is worth.
int128 step_of(int scale, int digits) noexcept;

} // namespace detail

/// A rounded number and what rounding took away: value + residue is the exact number.
template<int Scale>
struct rounded {
  fixed_point<Scale> value;
  fixed_point<Scale> residue;
};

/// `exact` with at most `digits` (0 to Scale) fraction digits, half to even. Nothing when it leaves 128 bits, which
/// only a number within one step of their end does.
template<int Scale>
std::optional<rounded<Scale>> round_half_even(fixed_point<Scale> exact, int digits) noexcept {
  const auto nearest = detail::nearest_multiple(exact.units(), detail::step_of(Scale, digits));
  if (!nearest) return std::nullopt;
  const auto value = fixed_point<Scale>::from_units(*nearest);
  return rounded<Scale>{value, fixed_point<Scale>::from_units(exact.units() - *nearest)};
}

/// a x b / c, computed over 256 bits and rounded once, half to even, to a multiple of `step`. c is positive, step is 1
/// or even (CROUPIER_ASSERT). Nothing when the result leaves 128 bits.
std::optional<int128> product_over(int128 a, int128 b, int128 c, int128 step) noexcept;

/// Splits `total` by `weights`: share i is total x weight i / sum of weights, rounded half to even to `digits` fraction
/// digits but never more than is left; the last share is what is left. So the shares add up to `total` exactly, none is
/// negative, and whoever checks the split with a pocket calculator finds the same cents. When `total` is the sum of the
/// weights there is nothing to split: each share is its weight.
///
/// `total` is not negative, `weights` are positive and not empty, and their sum fits (CROUPIER_ASSERT). O(size).
std::vector<base_amount> split_pro_rata(base_amount total, std::span<const base_amount> weights, int digits);

} // namespace croupier
