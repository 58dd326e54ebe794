#include "http/errors.hpp"

#include "engine/check.hpp"
#include "http/json.hpp"

namespace croupier::http {

namespace {

/// What a style says of a kind: a code of its own and a default message.
struct wording {
  std::string_view code;
  std::string_view message;
};

[[noreturn]] void unknown_kind() {
  ::croupier::detail::invariant_failed("kind in error_kind", __FILE__, __LINE__,
                                       "an error kind is not one of its names");
}

/// Numbers of google.rpc.Code.
std::int64_t grpc_code(error_kind kind) {
  switch (kind) {
  case error_kind::malformed:
  case error_kind::uri_too_long:
  case error_kind::media_type_unknown:
  case error_kind::expectation_failed:
  case error_kind::unprocessable:
  case error_kind::head_too_large: return 3;
  case error_kind::request_timeout:
  case error_kind::deadline_passed: return 4;
  case error_kind::not_found: return 5;
  case error_kind::conflict: return 6;
  case error_kind::forbidden: return 7;
  case error_kind::body_too_large:
  case error_kind::rate_limited: return 8;
  case error_kind::method_not_allowed: return 12;
  case error_kind::internal: return 13;
  case error_kind::overloaded:
  case error_kind::storage_unavailable: return 14;
  case error_kind::credentials_missing:
  case error_kind::credentials_invalid: return 16;
  }
  unknown_kind();
}

std::string_view trackdesk_message(error_kind kind) {
  switch (kind) {
  case error_kind::malformed: return "malformed request";
  case error_kind::credentials_missing:
  case error_kind::credentials_invalid: return "unauthenticated";
  case error_kind::forbidden: return "permission denied";
  case error_kind::not_found: return "not found";
  case error_kind::method_not_allowed: return "method not allowed";
  case error_kind::request_timeout: return "request timeout";
  case error_kind::conflict: return "conflict";
  case error_kind::body_too_large: return "request body too large";
  case error_kind::uri_too_long: return "request target too long";
  case error_kind::media_type_unknown: return "unsupported media type";
  case error_kind::expectation_failed: return "unsupported expectation";
  case error_kind::unprocessable: return "unprocessable request";
  case error_kind::rate_limited: return "rate limit exceeded";
  case error_kind::head_too_large: return "request header too large";
  case error_kind::internal: return "internal error";
  case error_kind::overloaded: return "overloaded";
  case error_kind::storage_unavailable: return "storage unavailable";
  case error_kind::deadline_passed: return "deadline exceeded";
  }
  unknown_kind();
}

wording revvvs_wording(error_kind kind) {
  switch (kind) {
  case error_kind::malformed: return {"VALIDATION_ERROR", "Malformed request"};
  case error_kind::credentials_missing:
  case error_kind::credentials_invalid: return {"INVALID_API_KEY", "Invalid or missing API key"};
  case error_kind::forbidden: return {"FORBIDDEN", "The API key lacks the scope for this call"};
  case error_kind::not_found: return {"NOT_FOUND", "Not found"};
  case error_kind::method_not_allowed: return {"METHOD_NOT_ALLOWED", "Method not allowed"};
  case error_kind::request_timeout: return {"REQUEST_TIMEOUT", "The request came too slowly"};
  case error_kind::conflict: return {"CONFLICT", "Conflict"};
  case error_kind::body_too_large: return {"PAYLOAD_TOO_LARGE", "Request body too large"};
  case error_kind::uri_too_long: return {"VALIDATION_ERROR", "Request target too long"};
  case error_kind::media_type_unknown: return {"UNSUPPORTED_MEDIA_TYPE", "Unsupported media type"};
  case error_kind::expectation_failed: return {"VALIDATION_ERROR", "Unsupported expectation"};
  case error_kind::unprocessable: return {"VALIDATION_ERROR", "Validation error"};
  case error_kind::rate_limited: return {"RATE_LIMITED", "Rate limit exceeded"};
  case error_kind::head_too_large: return {"VALIDATION_ERROR", "Request header too large"};
  case error_kind::internal: return {"INTERNAL_ERROR", "Internal error"};
  case error_kind::overloaded: return {"UNAVAILABLE", "Overloaded, try again shortly"};
  case error_kind::storage_unavailable: return {"UNAVAILABLE", "Storage unavailable"};
  case error_kind::deadline_passed: return {"DEADLINE_EXCEEDED", "Deadline exceeded"};
  }
  unknown_kind();
}

wording wynta_wording(error_kind kind) {
  switch (kind) {
  case error_kind::malformed: return {"invalid_request", "Malformed request"};
  case error_kind::credentials_missing: return {"invalid_token", "Missing or malformed Authorization header"};
  case error_kind::credentials_invalid: return {"invalid_token", "Invalid or expired token"};
  case error_kind::forbidden: return {"forbidden", "Token scope insufficient"};
  case error_kind::not_found: return {"not_found", "Not found"};
  case error_kind::method_not_allowed: return {"method_not_allowed", "Method not allowed"};
  case error_kind::request_timeout: return {"request_timeout", "The request came too slowly"};
  case error_kind::conflict: return {"conflict", "Conflict"};
  case error_kind::body_too_large: return {"payload_too_large", "Request body too large"};
  case error_kind::uri_too_long: return {"uri_too_long", "Request target too long"};
  case error_kind::media_type_unknown: return {"unsupported_media_type", "Unsupported media type"};
  case error_kind::expectation_failed: return {"expectation_failed", "Unsupported expectation"};
  case error_kind::unprocessable: return {"invalid_request", "Validation error"};
  case error_kind::rate_limited: return {"rate_limited", "Rate limit exceeded"};
  case error_kind::head_too_large: return {"header_too_large", "Request header too large"};
  case error_kind::internal: return {"internal_error", "Internal error"};
  case error_kind::overloaded: return {"unavailable", "Overloaded, try again shortly"};
  case error_kind::storage_unavailable: return {"unavailable", "Storage unavailable"};
  case error_kind::deadline_passed: return {"deadline_exceeded", "Deadline exceeded"};
  }
  unknown_kind();
}

wording plain_wording(error_kind kind) {
  switch (kind) {
  case error_kind::malformed: return {"malformed_request", "malformed request"};
  case error_kind::credentials_missing: return {"unauthenticated", "an API key is needed"};
  case error_kind::credentials_invalid: return {"unauthenticated", "the API key is unknown, expired or revoked"};
  case error_kind::forbidden: return {"forbidden", "the API key lacks the scope for this call"};
  case error_kind::not_found: return {"not_found", "not found"};
  case error_kind::method_not_allowed: return {"method_not_allowed", "method not allowed"};
  case error_kind::request_timeout: return {"request_timeout", "the request came too slowly"};
  case error_kind::conflict: return {"conflict", "conflict"};
  case error_kind::body_too_large: return {"body_too_large", "request body too large"};
  case error_kind::uri_too_long: return {"uri_too_long", "request target too long"};
  case error_kind::media_type_unknown: return {"unsupported_media_type", "unsupported media type"};
  case error_kind::expectation_failed: return {"expectation_failed", "unsupported expectation"};
  case error_kind::unprocessable: return {"unprocessable", "unprocessable request"};
  case error_kind::rate_limited: return {"rate_limited", "rate limit exceeded"};
  case error_kind::head_too_large: return {"head_too_large", "request header too large"};
  case error_kind::internal: return {"internal", "internal error"};
  case error_kind::overloaded: return {"overloaded", "overloaded, try again shortly"};
  case error_kind::storage_unavailable: return {"storage_unavailable", "storage unavailable"};
  case error_kind::deadline_passed: return {"deadline_passed", "deadline passed, the outcome is unknown"};
  }
  unknown_kind();
}

std::string_view or_else(std::string_view message, std::string_view otherwise) {
  return message.empty() ? otherwise : message;
}

std::string body_of(error_style style, error_kind kind, std::string_view message) {
  std::string body;
  json::writer out(body);
  switch (style) {
  case error_style::trackdesk:
    out.begin_object().key("code").integer(grpc_code(kind));
    out.key("message").string(or_else(message, trackdesk_message(kind))).key("details").raw("[]").end_object();
    return body;
  case error_style::revvvs: {
    const auto words = revvvs_wording(kind);
    out.begin_object().key("error").begin_object().key("code").string(words.code);
    out.key("message").string(or_else(message, words.message)).key("details").raw("[]").end_object().end_object();
    return body;
  }
  case error_style::wynta: {
    const auto words = wynta_wording(kind);
    out.begin_object().key("code").string(words.code);
    out.key("message").string(or_else(message, words.message)).end_object();
    return body;
  }
  case error_style::plain: {
    const auto words = plain_wording(kind);
    out.begin_object().key("error").begin_object().key("code").string(words.code);
    out.key("message").string(or_else(message, words.message)).end_object().end_object();
    return body;
  }
  }
  ::croupier::detail::invariant_failed("style in error_style", __FILE__, __LINE__, "a style is not one of its names");
}

} // namespace

int status_of(error_kind kind) noexcept {
  switch (kind) {
  case error_kind::malformed: return 400;
  case error_kind::credentials_missing:
  case error_kind::credentials_invalid: return 401;
  case error_kind::forbidden: return 403;
  case error_kind::not_found: return 404;
  case error_kind::method_not_allowed: return 405;
  case error_kind::request_timeout: return 408;
  case error_kind::conflict: return 409;
  case error_kind::body_too_large: return 413;
  case error_kind::uri_too_long: return 414;
  case error_kind::media_type_unknown: return 415;
  case error_kind::expectation_failed: return 417;
  case error_kind::unprocessable: return 422;
  case error_kind::rate_limited: return 429;
  case error_kind::head_too_large: return 431;
  case error_kind::internal: return 500;
  case error_kind::overloaded:
  case error_kind::storage_unavailable: return 503;
  case error_kind::deadline_passed: return 504;
  }
  unknown_kind();
}

response error_response(error_style style, error_kind kind, std::string_view message) {
  response answer;
  answer.status = status_of(kind);
  answer.body = body_of(style, kind, message);
  if (answer.status == 503) answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

} // namespace croupier::http
