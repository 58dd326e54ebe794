#include "http/dashboard/routes.hpp"

#include "config/field_names.hpp"
#include "http/dashboard/assets.hpp"
#include "http/errors.hpp"
#include "http/json.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

namespace croupier::http::dashboard {

namespace {

constexpr std::string_view page_schema = R"({"responses": {"200": {"description": "The dashboard.",
  "content": {"text/html": {"schema": {"type": "string"}}}}}})";

constexpr std::string_view file_schema = R"({"responses": {
  "200": {"description": "A file of the dashboard.", "content": {"*/*": {"schema": {"type": "string"}}}},
  "304": {"description": "The file has not changed."},
  "404": {"description": "No such file."}}})";

constexpr std::string_view session_schema = R"({"responses": {"200": {"description": "What the key may do and see.",
  "content": {"application/json": {"schema": {"type": "object", "required": ["key", "brands", "durability"],
    "properties": {
      "key": {"type": "object", "required": ["id", "name", "scopes"], "properties": {
        "id": {"type": "string", "format": "uuid"}, "name": {"type": "string"},
        "scopes": {"type": "array", "items": {"type": "string"}}}},
      "brands": {"type": "array", "items": {"type": "object", "required": ["id", "name", "currency"], "properties": {
        "id": {"type": "string", "format": "uuid"}, "name": {"type": "string"}, "currency": {"type": "string"}}}},
      "durability": {"enum": ["sync", "async"]}}}}}}}})";

/// Nothing but what this server sends, and no markup that runs.
constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string_view type_of(std::string_view name) noexcept {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> types{
      {{".html", "text/html; charset=utf-8"},
       {".js", "text/javascript; charset=utf-8"},
       {".css", "text/css; charset=utf-8"},
       {".svg", "image/svg+xml"}}};
  for (const auto& [ending, type] : types)
    if (name.ends_with(ending)) return type;
  return "application/octet-stream";
}

/// Tells one build's file from another's: FNV-1a over its bytes.
std::string tag_of(const asset& file) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : file.bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  std::string tag = "\"";
  for (int shift = 60; shift >= 0; shift -= 4) tag += "0123456789abcdef"[hash >> shift & 15U];
  return tag + '"';
}

response serve(std::string_view name, const request& req) {
  const auto all = assets();
  const auto file = std::find_if(all.begin(), all.end(), [&](const asset& each) { return each.name == name; });
  if (file == all.end()) return error_response(error_style::plain, error_kind::not_found, "there is no such file");
  response answer;
  auto tag = tag_of(*file);
  const bool unchanged = req.header("If-None-Match") == tag;
  answer.status = unchanged ? 304 : 200;
  answer.content_type = type_of(name);
  if (!unchanged) answer.body = file->bytes;
  answer.headers = {{"Content-Security-Policy", std::string(policy)},
                    {"X-Content-Type-Options", "nosniff"},
                    {"Referrer-Policy", "no-referrer"},
                    {"Cross-Origin-Opener-Policy", "same-origin"},
                    {"Cache-Control", "no-cache"},
                    {"ETag", std::move(tag)}};
  return answer;
}

response session(const actors::gateway& ledger, const request& req) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().key("key").begin_object();
  out.key("id").string(req.key->id.text());
  out.key("name").string(req.key->name);
  out.key("scopes").begin_array();
  for (const auto& [each, name] : config::scope_names)
    if (req.key->may(each)) out.string(name);
  out.end_array().end_object();
  out.key("brands").begin_array();
  for (const auto& brand : req.ws->brands()) {
    if (!req.key->sees(brand.number)) continue;
    out.begin_object().key("id").string(brand.id.text());
    out.key("name").string(brand.name);
    out.key("currency").string(brand.currency);
    out.end_object();
  }
  out.end_array();
  out.key("durability").string(ledger.durability() == persistence::durability::sync ? "sync" : "async");
  out.end_object();
  answer.headers.emplace_back("Cache-Control", "no-store");
  return answer;
}

} // namespace

void add_routes(std::vector<route>& table, const services& with) {
  const auto add_public = [&](std::string_view pattern, std::string_view summary, std::string_view schema,
                              std::function<response(const request&)> handle) {
    table.push_back(
        {"GET", pattern, std::nullopt, body_policy::none, error_style::plain, summary, std::move(handle), schema});
  };
  add_public("/", "Show the dashboard.", page_schema, [](const request& req) { return serve("index.html", req); });
  add_public("/dashboard/{file}", "Give a file of the dashboard.", file_schema,
             [](const request& req) { return serve(req.path_parameter("file"), req); });
  table.push_back({"GET", "/dashboard/session", scope::read, body_policy::none, error_style::plain,
                   "Tell what the key may do and see.",
                   [&ledger = with.ledger](const request& req) { return session(ledger, req); }, session_schema});
}

} // namespace croupier::http::dashboard
