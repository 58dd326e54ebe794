#include "http/events/try_call.hpp"

#include "engine/event_mapping.hpp"
#include "http/errors.hpp"
#include "http/events/json_event.hpp"
#include "http/revvvs/event_body.hpp"
#include "http/wynta/brands.hpp"
#include "http/wynta/event_body.hpp"
#include "http/wynta/taxonomy.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace croupier::http {

namespace {

struct told_error {
  std::string code;
  std::string message;
};

/// What a dialect makes of an event.
struct trial {
  std::string_view name; ///< of the event; empty: it has none
  const brand* of = nullptr;
  dialect source = dialect::revvvs;
  std::optional<actors::movement_request> movement;
  std::vector<told_error> errors;
};

std::string_view text_at(const json::value& event, std::string_view name) {
  const auto* found = event.find(name);
  return found != nullptr && found->is_string() ? found->text() : std::string_view();
}

trial try_revvvs(const request& req, const json::value& event) {
  trial out;
  out.source = dialect::revvvs;
  out.name = text_at(event, "event_type");
  const auto id = uuid::parse(text_at(event, "brand_id"));
  out.of = id ? req.ws->find_brand(*id) : nullptr;
  auto made = revvvs::to_event(req, event, {});
  if (made) {
    out.movement = std::move(made).value();
    return out;
  }
  const auto& error = made.error();
  for (const auto& each : error.details)
    out.errors.push_back({std::string(error.code), each.field + " " + each.message});
  if (error.details.empty()) out.errors.push_back({std::string(error.code), error.message});
  return out;
}

trial try_wynta(const request& req, const json::value& event) {
  trial out;
  out.source = dialect::wynta;
  out.name = text_at(event, "event_name");
  out.of = wynta::resolve_brand(req, text_at(event, "brand_id"));
  auto made = wynta::to_event(req, event, {});
  if (made)
    out.movement = std::move(made).value();
  else
    out.errors.push_back({std::string(made.error().code), made.error().message});
  return out;
}

void write_mappings(json::writer& out, const workspace& ws, const trial& tried, const json::value& event) {
  out.begin_array();
  if (tried.of != nullptr) {
    const mapped_event facts{tried.source, *tried.of, tried.name, {}};
    for (const auto& rule : ws.mappings()) {
      if (!applies(rule, facts, json_event(event))) continue;
      out.begin_object().key("id").string(rule.id.text()).key("name").string(rule.name);
      out.key("metric").string(ws.find(rule.metric)->code).end_object();
    }
  }
  out.end_array();
}

void write_updates(json::writer& out, const workspace& ws, const trial& tried) {
  out.begin_array();
  if (tried.movement)
    for (const auto& update : tried.movement->updates) {
      const auto& value = update.value;
      out.begin_object().key("metric").string(ws.find(update.metric)->code);
      out.key("type").string(update.how == value_type::relative ? "relative" : "absolute");
      out.key("value").string(
          detail::print_fixed_exact(value.units, amount::scale, value.fraction_digits, value.negative_zero));
      if (update.running_total_of) out.key("runningTotalOf").string(update.running_total_of->text());
      out.end_object();
    }
  out.end_array();
}

/// What the vendor's document knows of the name, as a hint.
void write_hint(json::writer& out, const trial& tried) {
  const auto* known = tried.source == dialect::wynta ? wynta::find_known(tried.name) : nullptr;
  if (known == nullptr) return;
  out.key("documented").begin_object().key("group").string(name_of(known->group)).key("properties").begin_array();
  for (auto rest = known->properties; !rest.empty();) {
    const auto end = std::min(rest.find(' '), rest.size());
    out.string(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  out.end_array().end_object();
}

response refuse(std::string_view what) {
  return error_response(error_style::plain, error_kind::malformed, what);
}

constexpr std::string_view schema = R"({
  "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object",
    "required": ["dialect", "event"], "additionalProperties": false, "properties": {
      "dialect": {"type": "string", "enum": ["revvvs", "wynta"]}, "event": {"type": "object"}}}}}},
  "responses": {"200": {"description": "What the event would do; nothing was recorded.", "content": {
    "application/json": {"schema": {"type": "object",
      "required": ["dialect", "eventName", "accepted", "mappings", "updates", "errors"], "properties": {
        "dialect": {"type": "string"}, "eventName": {"type": "string"}, "accepted": {"type": "boolean"},
        "brandId": {"type": "string", "format": "uuid"}, "player": {"type": "string"},
        "mappings": {"type": "array", "items": {"type": "object", "properties": {
          "id": {"type": "string"}, "name": {"type": "string"}, "metric": {"type": "string"}}}},
        "updates": {"type": "array", "items": {"type": "object", "properties": {
          "metric": {"type": "string"}, "type": {"type": "string"}, "value": {"type": "string"},
          "runningTotalOf": {"type": "string"}}}},
        "errors": {"type": "array", "items": {"type": "object", "properties": {
          "code": {"type": "string"}, "message": {"type": "string"}}}},
        "documented": {"type": "object"}}}}}}}})";

} // namespace

response try_event(const request& req) {
  json::document document;
  if (const auto error = document.parse(req.body))
    return refuse("the body is not valid JSON: " + error->what + " at byte " + std::to_string(error->at));
  const auto& root = document.root();
  if (!root.is_object()) return refuse("the body must be a JSON object");
  for (const auto& each : root.members())
    if (each.name != "dialect" && each.name != "event") return refuse(std::string(each.name) + ": is unknown");
  const auto source = text_at(root, "dialect");
  const auto* event = root.find("event");
  if (source != "revvvs" && source != "wynta") return refuse("dialect: must be revvvs or wynta");
  if (event == nullptr || !event->is_object()) return refuse("event: must be an object");
  const auto tried = source == "revvvs" ? try_revvvs(req, *event) : try_wynta(req, *event);
  response answer;
  json::writer out(answer.body);
  out.begin_object().key("dialect").string(source).key("eventName").string(tried.name);
  out.key("accepted").boolean(tried.movement.has_value());
  if (tried.of != nullptr) out.key("brandId").string(tried.of->id.text());
  if (tried.movement) out.key("player").string(tried.movement->external_id);
  write_mappings(out.key("mappings"), *req.ws, tried, *event);
  write_updates(out.key("updates"), *req.ws, tried);
  out.key("errors").begin_array();
  for (const auto& each : tried.errors)
    out.begin_object().key("code").string(each.code).key("message").string(each.message).end_object();
  out.end_array();
  write_hint(out, tried);
  out.end_object();
  return answer;
}

void add_event_routes(std::vector<route>& table) {
  table.push_back({"POST", "/admin/v1/event-mappings/try", scope::admin, body_policy::json, error_style::plain,
                   "Say what an event would do, without doing it.", try_event, schema});
}

} // namespace croupier::http
