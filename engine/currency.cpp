#include "engine/currency.hpp"

#include <algorithm>

namespace croupier {
namespace {

constexpr std::array<std::string_view, 17> without_minor_unit{"BIF", "CLP", "DJF", "GNF", "ISK", "JPY",
                                                              "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
                                                              "VND", "VUV", "XAF", "XOF", "XPF"};
constexpr std::array<std::string_view, 7> with_three_digits{"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
constexpr std::array<std::string_view, 2> with_four_digits{"CLF", "UYW"};

template<class Codes>
bool contains(const Codes& codes, std::string_view code) noexcept {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

} // namespace

std::optional<currency_code> currency_code::parse(std::string_view text) noexcept {
  currency_code code;
  if (text.size() != code.letters.size()) return std::nullopt;
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) return std::nullopt;
  std::copy(text.begin(), text.end(), code.letters.begin());
  return code;
}

int minor_digits(currency_code currency) noexcept {
  if (contains(without_minor_unit, currency.text())) return 0;
  if (contains(with_three_digits, currency.text())) return 3;
  if (contains(with_four_digits, currency.text())) return 4;
  return 2;
}

} // namespace croupier
