#include "http/wynta/routes.hpp"

#include "http/wynta/identify.hpp"
#include "http/wynta/profile.hpp"
#include "http/wynta/replay_cache.hpp"
#include "http/wynta/track.hpp"

#include <memory>

namespace croupier::http::wynta {

namespace {

constexpr std::string_view track_schema = R"({
  "parameters": [{"$ref": "#/components/parameters/WyntaIdempotencyKey"},
    {"$ref": "#/components/parameters/WyntaClientId"}],
  "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object",
    "required": ["events"], "properties": {"events": {"type": "array", "minItems": 1, "maxItems": 500,
      "items": {"$ref": "#/components/schemas/WyntaEvent"}}}}}}},
  "responses": {
    "202": {"description": "What was accepted is durable; the others say why not.", "content": {"application/json": {
      "schema": {"type": "object", "required": ["accepted", "rejected", "errors"], "properties": {
        "accepted": {"type": "integer"}, "rejected": {"type": "integer"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/WyntaEventError"}}}}}}},
    "409": {"description": "A request with this X-Idempotency-Key is being processed."},
    "422": {"description": "The body as a whole is malformed, or the X-Idempotency-Key stands for another one.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WyntaValidationError"}}}}}})";

constexpr std::string_view identify_schema = R"({
  "parameters": [{"$ref": "#/components/parameters/WyntaIdempotencyKey"},
    {"$ref": "#/components/parameters/WyntaClientId"}],
  "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object",
    "required": ["user_id", "timestamp"], "properties": {
      "user_id": {"type": "string", "minLength": 1, "maxLength": 255},
      "anonymous_id": {"type": "string", "minLength": 1, "maxLength": 255},
      "timestamp": {"type": "string", "format": "date-time"},
      "traits": {"type": "object"},
      "unset_traits": {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 255}}}}}}},
  "responses": {
    "202": {"description": "Durable.", "content": {"application/json": {"schema": {"type": "object",
      "required": ["user_id"], "properties": {"user_id": {"type": "string"}}}}}},
    "409": {"description": "A request with this X-Idempotency-Key is being processed."},
    "422": {"description": "The body is malformed, or the X-Idempotency-Key stands for another one.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WyntaValidationError"}}}}}})";

constexpr std::string_view profile_schema = R"({
  "parameters": [{"name": "brand_id", "in": "query", "required": false, "schema": {"type": "string"},
    "description": "Id or alias; else the token's default brand, else the workspace's."}],
  "responses": {
    "200": {"description": "What is known of the player.", "content": {"application/json": {"schema": {
      "type": "object", "required": ["user_id", "brand_id", "registered_at", "updated_at", "traits", "balances",
        "revshare", "sequence"], "properties": {
          "user_id": {"type": "string"}, "brand_id": {"type": "string", "format": "uuid"},
          "registered_at": {"type": "string", "format": "date-time"},
          "updated_at": {"type": "string", "format": "date-time"},
          "attribution": {"type": "object", "description": "Absent: nobody brought the player."},
          "traits": {"type": "object"},
          "balances": {"type": "object", "description": "By metric: decimals as strings, integers as numbers."},
          "revshare": {"type": "string"}, "sequence": {"type": "integer"}}}}}},
    "404": {"description": "No such player of the brand."}}})";

} // namespace

std::string_view components() noexcept {
  return R"({
"parameters": {
"WyntaIdempotencyKey": {"name": "X-Idempotency-Key", "in": "header", "required": false,
  "schema": {"type": "string", "minLength": 1, "maxLength": 255},
  "description": "The same request gets its first answer again, )"
         R"(unless that asked for a retry. Kept for 24 hours, 32 MiB of answers at most."},
"WyntaClientId": {"name": "X-Client-Id", "in": "header", "required": false, "schema": {"type": "string"},
  "description": "Goes into the access log."}
},
"schemas": {
"WyntaEvent": {"type": "object", "required": ["user_id", "event_name", "timestamp"], "properties": {
  "user_id": {"type": "string", "minLength": 1, "maxLength": 255},
  "session_id": {"type": "string", "minLength": 1, "maxLength": 255},
  "event_id": {"type": "string", "minLength": 1, "maxLength": 255},
  "event_name": {"type": "string", "minLength": 1, "maxLength": 255},
  "timestamp": {"type": "string", "format": "date-time"},
  "device_type": {"type": "string", "enum": ["mobile", "tablet", "desktop"]},
  "platform": {"type": "string", "enum": ["ios", "android", "web"]},
  "brand_id": {"type": "string", "minLength": 1, "maxLength": 255},
  "properties": {"type": "object"}}},
"WyntaEventError": {"type": "object", "required": ["index", "event_id", "code", "message"], "properties": {
  "index": {"type": "integer"}, "event_id": {"type": ["string", "null"]},
  "code": {"type": "string", "enum": ["MISSING_FIELD", "INVALID_TYPE", "INVALID_VALUE", "INVALID_TIMESTAMP",
    "EMPTY_VALUE", "UNAVAILABLE", "DEADLINE_EXCEEDED"]},
  "message": {"type": "string"}}},
"WyntaValidationError": {"type": "object", "required": ["detail"], "properties": {"detail": {"type": "array",
  "items": {"type": "object", "required": ["loc", "msg", "type", "input", "ctx"], "properties": {
    "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
    "msg": {"type": "string"}, "type": {"type": "string"}, "input": {}, "ctx": {"type": "object"}}}}}}
}})";
}

void add_routes(std::vector<route>& table, actors::gateway& ledger, actors::books& books) {
  const auto answers = std::make_shared<replay_cache>();
  const auto add = [&](std::string_view pattern, std::string_view summary, std::string_view schema,
                       response (*take)(actors::gateway&, const request&, const std::shared_ptr<answer_mark>&)) {
    const auto handle = [answers, &ledger, take](const request& req) {
      return replayable(answers, req, [&](const auto& mark) { return take(ledger, req, mark); });
    };
    table.push_back(
        {"POST", pattern, scope::events_write, body_policy::json, error_style::wynta, summary, handle, schema});
  };
  add("/v1/events/track", "Take up to 500 events of players.", track_schema, track_events);
  add("/v1/events/identify", "Set and unset traits of a player.", identify_schema,
      [](actors::gateway& to, const request& req, const auto& /*mark*/) { return identify_player(to, req); });
  table.push_back({"GET", "/v1/profiles/{user_id}", scope::read, body_policy::none, error_style::wynta,
                   "Show a player: traits, balances, attribution.",
                   [&ledger, &books](const request& req) { return show_profile(ledger, books, req); }, profile_schema});
  table.back().holds_thread = true;
}

} // namespace croupier::http::wynta
