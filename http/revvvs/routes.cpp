#include "http/revvvs/routes.hpp"

#include "http/revvvs/events.hpp"

namespace croupier::http::revvvs {

namespace {

constexpr std::string_view events_schema = R"({
  "requestBody": {"required": true, "content": {"application/json": {"schema": {"oneOf": [
    {"$ref": "#/components/schemas/RevvvsEvent"},
    {"type": "object", "required": ["events"], "properties": {"events": {"type": "array", "minItems": 1,
      "maxItems": 100, "items": {"$ref": "#/components/schemas/RevvvsEvent"}}}}]}}}},
  "responses": {
    "200": {"description": "Known already: of a batch, all of it. `event_id` is the original's.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RevvvsAnswer"}}}},
    "202": {"description": "Durable; of a batch, at least one event is.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RevvvsAnswer"}}}},
    "400": {"description": "Nothing was recorded. Of a batch, the results say why; otherwise the error does.",
      "content": {"application/json": {"schema": {"oneOf": [{"$ref": "#/components/schemas/RevvvsError"},
        {"$ref": "#/components/schemas/RevvvsAnswer"}]}}}}}})";

} // namespace

std::string_view components() noexcept {
  return R"({"schemas": {
"RevvvsEvent": {"type": "object",
  "required": ["event_type", "event_time", "brand_id", "player_external_ref", "idempotency_key"], "properties": {
    "event_type": {"type": "string", "minLength": 1, "maxLength": 100, "description":
      "registration, first_deposit, deposit, ngr_update, chargeback, withdrawal, bet, win, bonus; others are kept."},
    "event_time": {"type": "string", "format": "date-time"},
    "brand_id": {"type": "string", "format": "uuid"},
    "player_external_ref": {"type": "string", "minLength": 1, "maxLength": 255},
    "idempotency_key": {"type": "string", "minLength": 1, "maxLength": 500},
    "source_system": {"type": "string", "minLength": 1, "maxLength": 255},
    "event_version": {"type": "string", "minLength": 1, "maxLength": 255},
    "click_id": {"type": "string", "minLength": 1, "maxLength": 255},
    "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
    "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    "amount": {"type": ["number", "string"], "description": "Its digits are kept exactly."},
    "metadata": {"type": "object"}}},
"RevvvsResult": {"type": "object", "required": ["idempotency_key", "status"], "properties": {
  "event_id": {"type": "string", "format": "uuid"},
  "idempotency_key": {"type": "string"},
  "status": {"type": "string", "enum": ["accepted", "duplicate", "error"]},
  "payload_mismatch": {"type": "boolean", "description": "Of a duplicate: it says something else than the original."},
  "error": {"type": "object", "required": ["code", "message"], "properties": {
    "code": {"type": "string"}, "message": {"type": "string"}, "field": {"type": "string"}}}}},
"RevvvsAnswer": {"oneOf": [
  {"type": "object", "required": ["result"], "properties": {
    "result": {"$ref": "#/components/schemas/RevvvsResult"}}},
  {"type": "object", "required": ["summary", "results"], "properties": {
    "summary": {"type": "object", "required": ["total", "accepted", "duplicates", "errors"], "properties": {
      "total": {"type": "integer"}, "accepted": {"type": "integer"},
      "duplicates": {"type": "integer"}, "errors": {"type": "integer"}}},
    "results": {"type": "array", "items": {"$ref": "#/components/schemas/RevvvsResult"}}}}]},
"RevvvsError": {"type": "object", "required": ["error"], "properties": {"error": {"type": "object",
  "required": ["code", "message", "details"], "properties": {
    "code": {"type": "string"}, "message": {"type": "string"},
    "details": {"type": "array", "items": {"type": "object", "required": ["field", "message"], "properties": {
      "field": {"type": "string"}, "message": {"type": "string"}}}}}}}}
}})";
}

void add_routes(std::vector<route>& table, actors::gateway& ledger) {
  table.push_back({"POST", "/api/v1/events", scope::events_write, body_policy::json, error_style::revvvs,
                   "Take an event of a player, or up to 100.",
                   [&ledger](const request& req) { return take_events(ledger, req); }, events_schema});
}

} // namespace croupier::http::revvvs
