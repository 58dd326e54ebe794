#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string_view>

namespace croupier {

/// An ISO 4217 code. Plain data: three capital letters.
struct currency_code {
  std::array<char, 3> letters{'X', 'X', 'X'}; ///< the code for "no currency"

  /// Exactly three capital letters; nothing on anything else. Whether ISO has given the code out is not asked:
  /// operators keep books in codes of their own, too.
  static std::optional<currency_code> parse(std::string_view text) noexcept;

  std::string_view text() const noexcept { return {letters.data(), letters.size()}; }

  friend auto operator<=>(const currency_code&, const currency_code&) = default;
};

/// How many digits after the point a payment in the currency has (ISO 4217): 0 for JPY, 3 for KWD, 4 for CLF, and 2 for
/// every code that is not in the table.
int minor_digits(currency_code currency) noexcept;

} // namespace croupier
