#pragma once

#include "engine/result.hpp"
#include "http/trackdesk/errors.hpp"

#include <string>
#include <string_view>

namespace croupier::http::trackdesk {

/// The key of an `Idempotency-Key` header: a structured-field string (RFC 8941) in quotes, or bare visible ASCII
/// without quotes, 1-100 characters. Empty when the header is absent (empty).
result<std::string, api_error> read_idempotency_key(std::string_view header);

/// Whether a `Prefer` header (RFC 7240) asks for the stored row.
bool prefers_representation(std::string_view header) noexcept;

} // namespace croupier::http::trackdesk
