#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace croupier {

/// A UUID (RFC 9562) as 16 bytes in network order. Prints in lower case, parses either case.
struct uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// Parses the 36-character form with dashes. Nothing on anything else.
  static std::optional<uuid> parse(std::string_view text) noexcept;

  /// Parses the 36-character form or 32 hex digits without dashes (Wynta's `clickid`).
  static std::optional<uuid> parse_relaxed(std::string_view text) noexcept;

  /// 36 characters, lower case.
  std::string text() const;

  /// The first and last eight bytes as big-endian numbers.
  std::uint64_t high() const noexcept;
  std::uint64_t low() const noexcept;
  static uuid from_halves(std::uint64_t high, std::uint64_t low) noexcept;

  bool is_nil() const noexcept { return *this == uuid{}; }
  friend auto operator<=>(const uuid&, const uuid&) = default;
};

} // namespace croupier

template<>
struct std::hash<croupier::uuid> {
  std::size_t operator()(const croupier::uuid& id) const noexcept {
    return id.low() ^ (id.high() * 0x9e3779b97f4a7c15U);
  }
};
