#include "http/trackdesk/errors.hpp"

#include "engine/check.hpp"
#include "http/json.hpp"

#include <utility>

namespace croupier::http::trackdesk {

api_error field_error(std::string_view field, std::string_view what) {
  return {400, grpc_code::invalid_argument, std::string(field) + ": " + std::string(what)};
}

api_error describe(rejection why) {
  switch (why) {
  case rejection::brand_unknown: return {404, grpc_code::not_found, "revenue origin not exists"};
  case rejection::click_unknown: return {404, grpc_code::not_found, "conversion source not exists"};
  case rejection::player_unknown: return {404, grpc_code::not_found, "client not found"};
  case rejection::player_duplicate: return {409, grpc_code::already_exists, "duplicate client"};
  case rejection::request_duplicate: return {409, grpc_code::already_exists, "duplicate metric movement request"};
  case rejection::metric_unknown: return {404, grpc_code::not_found, "metric not found"};
  case rejection::integer_value_invalid: return {400, grpc_code::invalid_argument, "invalid integer metric value"};
  case rejection::decimal_value_invalid: return {400, grpc_code::invalid_argument, "invalid decimal metric value"};
  case rejection::value_out_of_range: return {400, grpc_code::invalid_argument, "metric value out of range"};
  }
  ::croupier::detail::invariant_failed("why in rejection", __FILE__, __LINE__, "a rejection is none of its names");
}

api_error describe(actors::failure why) {
  switch (why) {
  case actors::failure::overloaded:
    return {503, grpc_code::unavailable, "the ledger is busy and nothing was applied: try again shortly"};
  case actors::failure::journal_unavailable:
    return {503, grpc_code::unavailable,
            "the journal could not be written and nothing was applied: try again when /readyz says ready"};
  case actors::failure::deadline_passed:
    return {504, grpc_code::deadline_exceeded,
            "the outcome is not known yet: repeating the call with the same requestId is safe"};
  case actors::failure::stopping:
    return {503, grpc_code::unavailable, "the ledger is stopping and nothing was applied: try again shortly"};
  }
  ::croupier::detail::invariant_failed("why in failure", __FILE__, __LINE__, "a failure is none of its names");
}

std::string duplicate_details(std::string_view movement_id, std::string_view created_at, bool payload_mismatch) {
  std::string out;
  json::writer writer(out);
  writer.begin_array().begin_object();
  writer.key("movementId").string(movement_id);
  writer.key("createdAt").string(created_at);
  writer.key("payloadMismatch").boolean(payload_mismatch);
  writer.end_object().end_array();
  return out;
}

api_error key_reused(const std::vector<std::string>& differing_fields) {
  std::string message = "Idempotency-Key reused with a different payload: ";
  for (std::size_t i = 0; i < differing_fields.size(); ++i) message += (i == 0 ? "" : ", ") + differing_fields[i];
  return {422, grpc_code::invalid_argument, std::move(message)};
}

std::string to_json(const api_error& error) {
  std::string out;
  json::writer writer(out);
  writer.begin_object();
  writer.key("code").unsigned_integer(static_cast<std::uint8_t>(error.code));
  writer.key("message").string(error.message);
  writer.key("details").raw(error.details);
  writer.end_object();
  return out;
}

response to_response(const api_error& error) {
  response answer;
  answer.status = error.status;
  answer.body = to_json(error);
  if (error.status == 503) answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

} // namespace croupier::http::trackdesk
