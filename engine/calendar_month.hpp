#pragma once

#include "engine/timestamp.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace croupier {

/// Days since 1970-01-01 in UTC.
using day_number = std::int32_t;

/// The day that a time of the years 0001 to 9999 is in.
day_number day_of(timestamp time) noexcept;

/// The first microsecond of a day.
timestamp begin_of(day_number day) noexcept;

/// A calendar month in UTC: the period of every deal. Years 0001 to 9999, month 1 to 12.
struct calendar_month {
  std::int16_t year = 1970;
  std::uint8_t month = 1;

  static calendar_month of(timestamp time) noexcept;
  /// "2026-01"; nothing on any other form.
  static std::optional<calendar_month> parse(std::string_view text) noexcept;

  timestamp starts_at() const noexcept; ///< its first microsecond
  timestamp ends_at() const noexcept;   ///< the first microsecond after it
  calendar_month next() const noexcept;
  /// Its last microsecond: when what its close books takes effect.
  timestamp last_moment() const noexcept { return {ends_at().unix_us - 1}; }
  bool contains(timestamp time) const noexcept { return starts_at() <= time && time < ends_at(); }
  std::string text() const;

  friend auto operator<=>(const calendar_month&, const calendar_month&) = default;
};

} // namespace croupier
