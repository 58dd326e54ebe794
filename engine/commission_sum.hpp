#pragma once

#include "engine/fixed_point.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace croupier {

/// A sum of commissions that cannot overflow. One commission holds up to 1.7 x 10^20; a few hundred of the largest
/// movements would carry a plain sum of them out of its range, and what is committed cannot be refused any more. Here
/// whole units and their fraction are apart: room for 10^18 commissions of any size. Plain data, exact.
class commission_sum {
public:
  constexpr commission_sum() noexcept = default;
  commission_sum(commission value) noexcept { *this += value; }

  /// From its two parts, as a checkpoint keeps them. `fraction` is 0 to 10^18 - 1 (CROUPIER_ASSERT).
  static commission_sum from_parts(int128 whole, std::int64_t fraction) noexcept;
  int128 whole() const noexcept { return whole_; }             ///< rounded down
  std::int64_t fraction() const noexcept { return fraction_; } ///< 0 to 10^18 - 1, units of 10^-18

  commission_sum& operator+=(const commission_sum& other) noexcept;
  commission_sum& operator-=(const commission_sum& other) noexcept;
  commission_sum& operator+=(commission value) noexcept;
  commission_sum& operator-=(commission value) noexcept { return *this -= commission_sum(value); }
  friend commission_sum operator+(commission_sum a, const commission_sum& b) noexcept { return a += b; }
  friend commission_sum operator-(commission_sum a, const commission_sum& b) noexcept { return a -= b; }

  bool is_zero() const noexcept { return whole_ == 0 && fraction_ == 0; }
  bool is_negative() const noexcept { return whole_ < 0; }

  /// The same number as a commission; nothing when it does not fit one.
  std::optional<commission> exact() const noexcept;

  /// At least two fraction digits, no trailing zeros beyond them, zero is "0".
  std::string text() const;

  friend auto operator<=>(const commission_sum&, const commission_sum&) = default;

private:
  int128 whole_ = 0;
  std::int64_t fraction_ = 0; ///< counts upwards from whole_, so that each number has one form
};

} // namespace croupier
