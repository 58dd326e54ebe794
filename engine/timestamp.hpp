#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace croupier {

/// Microseconds since 1970-01-01T00:00:00Z, without leap seconds. The engine never reads a clock: time comes in.
struct timestamp {
  std::int64_t unix_us = 0;

  /// RFC 3339 with seconds, an optional fraction (digits beyond microseconds are dropped) and `Z` or a numeric offset,
  /// in years 0001 to 9999 (UTC). Nothing on anything else; a leap second at the end of a month (UTC) reads as the
  /// next.
  static std::optional<timestamp> parse(std::string_view text) noexcept;

  /// RFC 3339 in UTC with `Z`; the fraction is left out when it is zero and has six digits otherwise. The time is in
  /// the years 0001 to 9999 (CROUPIER_ASSERT).
  std::string text() const;

  friend auto operator<=>(const timestamp&, const timestamp&) = default;
};

} // namespace croupier
