#pragma once

#include "http/route.hpp"

#include <cstdint>
#include <string_view>

namespace croupier::http {

/// Why a request is refused before, or beside, what its handler decides. Business refusals are the dialects' own.
enum class error_kind : std::uint8_t {
  malformed,           ///< 400: framing, escapes, encoding, or a body that is not what it says
  credentials_missing, ///< 401: no key was presented, or not in a form that is known
  credentials_invalid, ///< 401: the key is unknown, expired or revoked
  forbidden,           ///< 403: the key lacks the scope
  not_found,           ///< 404: no such path
  method_not_allowed,  ///< 405: the path has other methods
  request_timeout,     ///< 408: the head or body came too slowly
  conflict,            ///< 409
  body_too_large,      ///< 413
  uri_too_long,        ///< 414
  media_type_unknown,  ///< 415: of the body, or its encoding
  expectation_failed,  ///< 417
  unprocessable,       ///< 422
  rate_limited,        ///< 429
  head_too_large,      ///< 431
  internal,            ///< 500: a fault of ours
  overloaded,          ///< 503: nothing was applied, try again shortly
  storage_unavailable, ///< 503: the disk refuses; nothing was applied
  deadline_passed      ///< 504: the outcome is unknown, repeating with the same request id is safe
};

int status_of(error_kind kind) noexcept;

/// The refusal in the words and shape of the style. An empty `message` takes the style's own; another one may hold any
/// bytes (what is not UTF-8 is written as U+FFFD). The two 503s carry `Retry-After: 1`.
response error_response(error_style style, error_kind kind, std::string_view message = {});

} // namespace croupier::http
