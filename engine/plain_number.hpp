#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace croupier {

/// Writes a JSON number, and only one (`-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`), without its exponent: "1e-7"
/// is "0.0000001", "25e1" is "250". Exact, by moving the point; a number without an exponent stays as it is. Nothing on
/// any other text and on exponents beyond 40. O(length).
std::optional<std::string> plain_number(std::string_view text);

} // namespace croupier
