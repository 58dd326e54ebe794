#include "http/admin/routes.hpp"

#include "http/admin/calls.hpp"
#include "http/admin/schemas.hpp"

#include <deque>
#include <utility>

namespace croupier::http::admin {

namespace {

constexpr std::string_view apply_schema = R"({
  "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object",
    "required": ["toml"], "additionalProperties": false, "properties": {
      "toml": {"type": "string", "description": "A workspace file."},
      "name": {"type": "string", "maxLength": 255, "description": "Of the file, for messages."},
      "dryRun": {"type": "boolean", "default": false},
      "environment": {"type": "object", "additionalProperties": {"type": "string"},
        "description": "What the variables stand for that the file takes secrets from."}}}}}},
  "responses": {
    "200": {"description": "What changed, or would change.", "content": {"application/json": {"schema": {
      "type": "object", "required": ["dryRun", "changes", "unchanged", "leftAlone"], "properties": {
        "dryRun": {"type": "boolean"},
        "changes": {"type": "array", "items": {"type": "object"}},
        "unchanged": {"type": "array", "items": {"type": "object"}},
        "leftAlone": {"type": "array", "items": {"type": "object"}, "description": "Not in the file."}}}}}},
    "400": {"description": "Everything that is wrong with the file; `field` is the line. Nothing was changed.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AdminError"}}}}}})";

constexpr std::string_view audit_schema = R"({
  "parameters": [
    {"name": "from", "in": "query", "required": false, "schema": {"type": "string", "format": "date-time"}},
    {"name": "to", "in": "query", "required": false, "schema": {"type": "string", "format": "date-time"}},
    {"name": "kind", "in": "query", "required": false, "schema": {"type": "string"},
      "description": "The name of a list of objects, account-adjustments, account-closes, settlements, ..."},
    {"name": "objectId", "in": "query", "required": false, "schema": {"type": "string", "format": "uuid"},
      "description": "Of the object, or of the affiliate whose account it is."},
    {"name": "limit", "in": "query", "required": false,
      "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}},
    {"name": "cursor", "in": "query", "required": false, "schema": {"type": "string"}}],
  "responses": {
    "200": {"description": "Newest first.", "content": {"application/json": {"schema": {"type": "object",
      "required": ["rows", "pagination"], "properties": {
        "rows": {"type": "array", "items": {"$ref": "#/components/schemas/AdminAuditRow"}},
        "pagination": {"type": "object", "required": ["limit"], "properties": {
          "limit": {"type": "integer"}, "nextCursor": {"type": "string"}}}}}}}},
    "400": {"description": "A parameter is malformed.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AdminError"}}}}}})";

constexpr std::string_view rotate_schema = R"({
  "responses": {
    "200": {"description": "Durable. The old token opens nothing any more; the new one is shown in this answer only.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AdminReportPreset"}}}},
    "404": {"description": "There is no such object.", "content": {"application/json": {"schema":
      {"$ref": "#/components/schemas/AdminError"}}}}}})";

/// What the route table only views, for each kind.
struct kind_texts {
  std::string all;
  std::string one;
  std::string list;
  std::string show;
  std::string create;
  std::string update;
  std::string retire;
  kind_schemas schemas;
};

const std::deque<kind_texts>& texts() {
  static const std::deque<kind_texts> made = [] {
    std::deque<kind_texts> all;
    for (const auto& kind : config::object_kinds()) {
      const std::string path = "/admin/v1/" + std::string(kind.path);
      const std::string label(kind.label);
      const std::string away = kind.retired_word.empty()
                                   ? "Refuse, with the reason: it cannot be taken out of use."
                                   : "Take out of use; it then is " + std::string(kind.retired_word) + ".";
      all.push_back({path, path + "/{id}", "List: " + label + ".", "Show: " + label + ".", "Create: " + label + ".",
                     "Change: " + label + ".", away, schemas_of(kind)});
    }
    return all;
  }();
  return made;
}

} // namespace

void add_routes(std::vector<route>& table, const services& with) {
  const auto add = [&table](std::string_view method, std::string_view pattern, body_policy body,
                            std::string_view summary, std::string_view schema,
                            std::function<response(const request&)> handle) {
    table.push_back(
        {method, pattern, scope::admin, body, error_style::plain, summary, std::move(handle), schema, true});
  };
  using call = response (*)(const services&, const config::object_kind&, const request&);
  auto of_kind = texts().begin();
  for (const auto& kind : config::object_kinds()) {
    const auto to = [&kind, with](call answer) {
      return [answer, &kind, with](const request& req) { return answer(with, kind, req); };
    };
    const kind_texts& say = *of_kind++;
    add("GET", say.all, body_policy::none, say.list, say.schemas.list, to(&list_objects));
    add("POST", say.all, body_policy::json, say.create, say.schemas.create, to(&create_object));
    add("GET", say.one, body_policy::none, say.show, say.schemas.show, to(&show_object));
    add("PATCH", say.one, body_policy::json, say.update, say.schemas.update, to(&update_object));
    add("DELETE", say.one, body_policy::none, say.retire, say.schemas.retire, to(&retire_object));
  }
  const auto& presets = *config::kind_at_path("report-presets");
  add("POST", "/admin/v1/report-presets/{id}/rotate", body_policy::none, "Give a report preset another token.",
      rotate_schema, [with, &presets](const request& req) { return rotate_secret(with, presets, req); });
  add("POST", "/admin/v1/workspace/apply", body_policy::batch, "Bring the workspace to what a file says.", apply_schema,
      [with](const request& req) { return apply_workspace(with, req); });
  add("GET", "/admin/v1/audit-log", body_policy::none, "List what people changed, newest first.", audit_schema,
      [with](const request& req) { return list_audit_log(with, req); });
}

} // namespace croupier::http::admin
