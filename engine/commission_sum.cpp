#include "engine/commission_sum.hpp"

#include "engine/check.hpp"

namespace croupier {
namespace {

constexpr std::int64_t one = 1'000'000'000'000'000'000; // 10^18
static_assert(commission::scale == 18, "the fraction of a sum holds all digits of a commission");

} // namespace

commission_sum commission_sum::from_parts(int128 whole, std::int64_t fraction) noexcept {
  CROUPIER_ASSERT(fraction >= 0 && fraction < one, "a fraction that is not one");
  commission_sum sum;
  sum.whole_ = whole;
  sum.fraction_ = fraction;
  return sum;
}

commission_sum& commission_sum::operator+=(commission value) noexcept {
  auto whole = value.units() / one;
  auto fraction = static_cast<std::int64_t>(value.units() % one);
  if (fraction < 0) {
    fraction += one;
    --whole;
  }
  return *this += from_parts(whole, fraction);
}

commission_sum& commission_sum::operator+=(const commission_sum& other) noexcept {
  whole_ += other.whole_;
  fraction_ += other.fraction_; // two fractions stay below 2^61
  if (fraction_ >= one) {
    fraction_ -= one;
    ++whole_;
  }
  return *this;
}

commission_sum& commission_sum::operator-=(const commission_sum& other) noexcept {
  whole_ -= other.whole_;
  fraction_ -= other.fraction_;
  if (fraction_ < 0) {
    fraction_ += one;
    --whole_;
  }
  return *this;
}

std::optional<commission> commission_sum::exact() const noexcept {
  // The part next to zero first: at the negative end the rounded-down whole may leave 128 bits while the number does
  // not.
  const bool borrowed = whole_ < 0 && fraction_ != 0;
  const auto whole = borrowed ? whole_ + 1 : whole_;
  const auto fraction = static_cast<int128>(borrowed ? fraction_ - one : fraction_);
  int128 units = 0;
  if (__builtin_mul_overflow(whole, static_cast<int128>(one), &units)) return std::nullopt;
  if (__builtin_add_overflow(units, fraction, &units)) return std::nullopt;
  return commission::from_units(units);
}

std::string commission_sum::text() const {
  if (const auto fits = exact()) return fits->text();
  const bool negative = whole_ < 0;
  const bool borrowed = negative && fraction_ != 0;
  const auto whole = detail::print_fixed_exact(borrowed ? whole_ + 1 : whole_, 0, 0, false);
  const auto fraction = commission::from_units(borrowed ? one - fraction_ : fraction_);
  const auto digits = fraction.is_zero() ? std::string("0.00") : fraction.text();
  return whole + digits.substr(1);
}

} // namespace croupier
