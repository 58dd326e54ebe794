#pragma once

#include "engine/result.hpp"
#include "http/trackdesk/errors.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::http::trackdesk {

/// The key of an `Idempotency-Key` header: a structured-field string (RFC 8941) in quotes, or bare visible ASCII
/// without quotes, 1-100 characters. Empty when the header is absent (empty).
result<std::string, api_error> read_idempotency_key(std::string_view header);

/// Whether a `Prefer` header (RFC 7240) asks for the stored row.
bool prefers_representation(std::string_view header) noexcept;

/// Where a repeated call differs from the original in meaning, as paths, at most `limit`; empty when it repeats it.
/// The request id is left out: the repetition was found by it, and a header may have stood for the member. Both are
/// bodies of movements; an original that does not parse (it came in another way) differs as a "body".
std::vector<std::string> payload_differences(std::string_view original, std::string_view repeated, std::size_t limit);

} // namespace croupier::http::trackdesk
