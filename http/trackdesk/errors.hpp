#pragma once

#include "actors/gateway.hpp"
#include "engine/rejection.hpp"
#include "http/route.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::http::trackdesk {

/// The codes of the vendor's error bodies, which are those of gRPC.
enum class grpc_code : std::uint8_t {
  invalid_argument = 3,
  deadline_exceeded = 4,
  not_found = 5,
  already_exists = 6,
  permission_denied = 7,
  unavailable = 14
};

/// A refusal in the vendor's form: `{"code": ..., "message": "...", "details": [...]}`. Clients match on `message`.
struct api_error {
  int status = 400;
  grpc_code code = grpc_code::invalid_argument;
  std::string message;
  std::string details = "[]"; ///< a JSON array
};

/// "<field>: <what is wrong>", 400.
api_error field_error(std::string_view field, std::string_view what);

/// What the vendor's API says to each business no. The texts are the vendor's own where it has one.
api_error describe(rejection why);

/// Broken machinery, with what the caller can do about it.
api_error describe(actors::failure why);

/// Of `duplicate metric movement request`: where the original is and whether it said the same.
std::string duplicate_details(std::string_view movement_id, std::string_view created_at, bool payload_mismatch);

/// An `Idempotency-Key` that stands for another payload: 422, naming the fields that differ.
api_error key_reused(const std::vector<std::string>& differing_fields);

/// The body of the error.
std::string to_json(const api_error& error);

/// The whole answer; 503 carries `Retry-After`.
response to_response(const api_error& error);

} // namespace croupier::http::trackdesk
