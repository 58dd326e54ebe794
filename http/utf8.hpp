#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace croupier::http {

/// The length in bytes of the UTF-8 sequence at the start of `text`, which is not empty; 0 when there is no well-formed
/// one (overlong forms, surrogates and values above U+10FFFF are not well-formed).
std::size_t utf8_sequence_length(std::string_view text) noexcept;

/// How many characters (code points) the text has; nothing when it is not UTF-8. Lengths that the dialects state in
/// "characters" are measured by it. O(length).
std::optional<std::size_t> utf8_length(std::string_view text) noexcept;

} // namespace croupier::http
