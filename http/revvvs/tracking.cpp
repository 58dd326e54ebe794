#include "http/revvvs/tracking.hpp"

#include "actors/wall_clock.hpp"
#include "http/revvvs/click.hpp"

#include <chrono>
#include <optional>

namespace croupier::http::revvvs {

namespace {

constexpr std::string_view click_schema = R"({
  "parameters": [
    {"name": "sub1", "in": "query", "required": false, "schema": {"type": "string", "maxLength": 255}},
    {"name": "sub2", "in": "query", "required": false, "schema": {"type": "string", "maxLength": 255}},
    {"name": "sub3", "in": "query", "required": false, "schema": {"type": "string", "maxLength": 255}},
    {"name": "sub4", "in": "query", "required": false, "schema": {"type": "string", "maxLength": 255}},
    {"name": "sub5", "in": "query", "required": false, "schema": {"type": "string", "maxLength": 255}},
    {"name": "relativepath", "in": "query", "required": false,
      "schema": {"type": "string", "pattern": "^[A-Za-z0-9\\-/._]*$"},
      "description": "Appended to the destination's path; dropped when it is not safe."}],
  "responses": {
    "302": {"description": "To the link's destination, with click_id in the query. The click is durable.",
      "headers": {"Location": {"schema": {"type": "string", "format": "uri"}}}},
    "400": {"description": "A sub-id of more than 255 bytes."},
    "404": {"description": "The link is unknown or disabled, or its affiliate is archived."},
    "503": {"description": "Not writable just now; nothing was recorded. See Retry-After."}}})";

constexpr std::string_view pixel_schema = R"({
  "parameters": [
    {"name": "lid", "in": "query", "required": false, "schema": {"type": "string"}, "description": "The link's id."},
    {"name": "aid", "in": "query", "required": false, "schema": {"type": "string"},
      "description": "The affiliate's id, where there is no link."}],
  "responses": {"200": {"description": "One transparent point, whatever was asked for.",
    "content": {"image/gif": {"schema": {"type": "string", "format": "binary"}}}}}})";

using actors::wall_clock;

void add(std::vector<route>& table, std::string_view pattern, std::string_view summary, std::string_view schema,
         std::function<response(const request&)> handle) {
  table.push_back(
      {"GET", pattern, std::nullopt, body_policy::none, error_style::revvvs, summary, std::move(handle), schema});
}

} // namespace

tracking::tracking(actors::gateway& ledger) : visitors(ledger.view().key()), impressions(ledger) {
  visitors.restore(ledger.view(), wall_clock());
}

void add_tracking_routes(std::vector<route>& table, actors::gateway& ledger, tracking& memory) {
  for (const std::string_view pattern : {"/api/v1/track/click/{linkId}", "/track/click/{linkId}"})
    add(table, pattern, "Record a click and send the visitor on.", click_schema,
        [&ledger, &memory](const request& req) { return follow_link(ledger, memory.visitors, req); });
  for (const std::string_view pattern : {"/api/v1/track/impression/{creativeId}", "/track/impression/{creativeId}"})
    add(table, pattern, "Count that a creative was shown.", pixel_schema,
        [&memory](const request& req) { return show_pixel(memory.impressions, req); });
}

} // namespace croupier::http::revvvs
