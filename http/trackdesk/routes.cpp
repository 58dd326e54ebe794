#include "http/trackdesk/routes.hpp"

#include "engine/check.hpp"
#include "http/trackdesk/calls.hpp"

#include <string>

namespace croupier::http::trackdesk {

namespace {

constexpr std::string_view register_schema = R"({
  "parameters": [{"$ref": "#/components/parameters/Prefer"}],
  "requestBody": {"required": true, "content": {"application/json": {
    "schema": {"$ref": "#/components/schemas/Registration"}}}},
  "responses": {
    "200": {
      "description": "Registered, or attributed if it was known without a click. The stored player, if preferred.",
      "content": {"application/json": {"schema": {"oneOf": [
        {"$ref": "#/components/schemas/Empty"}, {"$ref": "#/components/schemas/Player"}]}}}},
    "404": {"description": "`revenue origin not exists` or `conversion source not exists`.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
    "409": {"description": "`duplicate client`.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}}})";

constexpr std::string_view record_schema = R"({
  "parameters": [{"$ref": "#/components/parameters/Prefer"}, {"$ref": "#/components/parameters/IdempotencyKey"}],
  "requestBody": {"required": true, "content": {"application/json": {
    "schema": {"$ref": "#/components/schemas/Movement"}}}},
  "responses": {
    "200": {
      "description": "Durable. The stored row, if preferred. `Idempotency-Replayed: true` marks the answer to a retry.",
      "content": {"application/json": {"schema": {"oneOf": [
        {"$ref": "#/components/schemas/Empty"}, {"$ref": "#/components/schemas/MovementRow"}]}}}},
    "404": {"description": "`client not found` or `metric not found`.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
    "409": {"description": "`duplicate metric movement request`; `details` names the original.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
    "422": {"description": "The `Idempotency-Key` stands for another payload; the message names what differs.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}}})";

constexpr std::string_view batch_schema = R"({
  "parameters": [{"name": "results", "in": "query", "required": false, "schema": {"const": "all"},
    "description": "List accepted movements too."}],
  "requestBody": {"required": true, "content": {
    "application/json": {"schema": {"type": "object", "required": ["movements"], "properties": {
      "movements": {"type": "array", "minItems": 1, "maxItems": 1000,
        "items": {"$ref": "#/components/schemas/Movement"}}}}},
    "application/x-ndjson": {"schema": {"type": "string",
      "description": "One movement a line, any number of lines, 1 MiB a line."}}}},
  "responses": {"200": {"description": "Each movement was applied, or not, on its own.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/BatchReport"}}}}}})";

/// The same for opening balances.
std::string of_openings(std::string_view schema) {
  constexpr std::string_view movement = "schemas/Movement\"";
  std::string out(schema);
  const auto at = out.find(movement);
  CROUPIER_ASSERT(at != std::string::npos, "the description of a call that records movements names their schema");
  return out.replace(at, movement.size(), "schemas/OpeningBalance\"");
}

const std::string opening_schema = of_openings(record_schema);
const std::string openings_schema = of_openings(batch_schema);

constexpr std::string_view metrics_schema = R"({
  "parameters": [{"name": "archived", "in": "query", "required": false,
    "schema": {"type": "string", "enum": ["true", "false"]},
    "description": "List archived metrics too."}],
  "responses": {"200": {"description": "The definitions.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Metrics"}}}}}})";

constexpr std::string_view movements_schema = R"({
  "requestBody": {"required": true, "content": {"application/json": {
    "schema": {"$ref": "#/components/schemas/MovementQuery"}}}},
  "responses": {"200": {"description": "Newest first.", "content": {"application/json": {"schema": {
    "type": "object", "required": ["rows", "pagination"], "properties": {
      "rows": {"type": "array", "items": {"$ref": "#/components/schemas/MovementRow"}},
      "pagination": {"$ref": "#/components/schemas/PageFoot"}}}}}}}})";

constexpr std::string_view players_schema = R"({
  "requestBody": {"required": true, "content": {"application/json": {
    "schema": {"$ref": "#/components/schemas/PlayerQuery"}}}},
  "responses": {"200": {"description": "Newest first.", "content": {"application/json": {"schema": {
    "type": "object", "required": ["rows", "pagination"], "properties": {
      "rows": {"type": "array", "items": {"$ref": "#/components/schemas/Player"}},
      "pagination": {"$ref": "#/components/schemas/PageFoot"}}}}}}}})";

constexpr std::string_view balances_schema = R"({
  "parameters": [
    {"name": "revenueOriginId", "in": "query", "required": false, "schema": {"type": "string", "format": "uuid"}},
    {"name": "externalId", "in": "query", "required": false,
      "schema": {"type": "string", "minLength": 1, "maxLength": 255}},
    {"name": "clientId", "in": "query", "required": false, "schema": {"type": "string", "format": "uuid"},
      "description": "In place of revenueOriginId and externalId."},
    {"name": "at", "in": "query", "required": false, "schema": {"type": "string", "format": "date-time"}},
    {"name": "atSequence", "in": "query", "required": false, "schema": {"type": "integer", "minimum": 0}}],
  "responses": {
    "200": {"description": "The balances, now or as of then.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Balances"}}}},
    "400": {"description": "A parameter is missing or malformed.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
    "404": {"description": "`client not found`, also when the player was not registered by then.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}}})";

} // namespace

void add_routes(std::vector<route>& table, actors::gateway& ledger, const actors::billing& books) {
  const auto add = [&table](std::string_view method, std::string_view pattern, scope needs, body_policy body,
                            std::string_view summary, std::string_view schema,
                            std::function<response(const request&)> handle) {
    table.push_back({method, pattern, needs, body, error_style::trackdesk, summary, std::move(handle), schema});
  };
  add("POST", "/tracking/client/v1", scope::movements_write, body_policy::json, "Register a player.", register_schema,
      [&ledger](const request& req) { return register_player(ledger, req); });
  add("POST", "/tracking/clients/v1/metrics/movements", scope::movements_write, body_policy::json,
      "Record a movement: up to 20 metrics of one player, all or nothing.", record_schema,
      [&ledger](const request& req) { return record_movement(ledger, req); });
  add("POST", "/tracking/clients/v1/metrics/movements/batch", scope::movements_write, body_policy::streamed,
      "Record many movements, each on its own, in order per player.", batch_schema,
      [&ledger](const request& req) { return record_batch(ledger, req); });
  table.back().holds_thread = true;
  // Whoever sets a balance without paying for it administers.
  add("POST", "/tracking/clients/v1/metrics/opening-balances", scope::admin, body_policy::json,
      "Set what a player brings along from elsewhere: nothing is earned by it.", opening_schema,
      [&ledger](const request& req) { return open_balance(ledger, req); });
  add("POST", "/tracking/clients/v1/metrics/opening-balances/batch", scope::admin, body_policy::streamed,
      "Set many opening balances, each on its own, in order per player.", openings_schema,
      [&ledger](const request& req) { return open_balances(ledger, req); });
  table.back().holds_thread = true;
  add("GET", "/api/node/clients/v1/metrics", scope::read, body_policy::none, "List the metrics.", metrics_schema,
      [](const request& req) { return list_metrics(req); });
  add("POST", "/api/node/clients/v1/metrics/movements/list", scope::read, body_policy::json,
      "List recorded movements, newest first.", movements_schema,
      [&ledger, &books](const request& req) { return list_movements(ledger, books, req); });
  table.back().holds_thread = true;
  add("POST", "/api/node/clients/v1/list", scope::read, body_policy::json,
      "List players with their balances, newest first.", players_schema,
      [&ledger, &books](const request& req) { return list_players(ledger, books, req); });
  table.back().holds_thread = true;
  add("GET", "/api/node/clients/v1/balances", scope::read, body_policy::none,
      "Show a player's balances, now or as of a past time or sequence.", balances_schema,
      [&ledger, &books](const request& req) { return show_balances(ledger, books, req); });
}

} // namespace croupier::http::trackdesk
