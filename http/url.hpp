#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace croupier::http {

/// Whether every `%` is followed by two hex digits.
bool escapes_are_whole(std::string_view text) noexcept;

/// The text with its escapes decoded, any bytes; `+` stays. The escapes are whole (CROUPIER_ASSERT).
std::string percent_decoded(std::string_view text);

/// The value of the first parameter of that name in a raw query (without `?`): decoded, `+` is a space, everything
/// after the first `=` belongs to the value. Nothing when there is none; empty when it has no `=`. The query's escapes
/// are whole (CROUPIER_ASSERT). O(query).
std::optional<std::string> query_parameter(std::string_view query, std::string_view name);

} // namespace croupier::http
