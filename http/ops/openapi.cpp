#include "http/ops/openapi.hpp"

#include "engine/check.hpp"
#include "http/json.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace croupier::http::ops {

namespace {

std::string_view name_of(scope needed) {
  switch (needed) {
  case scope::movements_write: return "movements:write";
  case scope::events_write: return "events:write";
  case scope::read: return "read";
  case scope::billing: return "billing";
  case scope::admin: return "admin";
  }
  ::croupier::detail::invariant_failed("needed in scope", __FILE__, __LINE__, "a scope is none of its names");
}

std::string_view tag_of(error_style style) {
  switch (style) {
  case error_style::trackdesk: return "Trackdesk";
  case error_style::revvvs: return "Revvvs";
  case error_style::wynta: return "Wynta";
  case error_style::plain: return "Croupier";
  }
  ::croupier::detail::invariant_failed("style in error_style", __FILE__, __LINE__, "a style is none of its names");
}

/// The method in lower case: the key of an operation.
std::string operation_key(std::string_view method) {
  std::string key(method);
  std::transform(key.begin(), key.end(), key.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return key;
}

std::vector<std::string_view> path_parameters(std::string_view pattern) {
  std::vector<std::string_view> names;
  for (auto open = pattern.find('{'); open != std::string_view::npos; open = pattern.find('{')) {
    const auto close = pattern.find('}', open);
    CROUPIER_ASSERT(close != std::string_view::npos, "a route pattern closes its braces");
    names.push_back(pattern.substr(open + 1, close - open - 1));
    pattern.remove_prefix(close + 1);
  }
  return names;
}

struct refusal_row {
  std::string_view status;
  std::string_view meaning;
  bool applies;
};

/// What the server itself may answer. The operation's own `responses` come first and win.
std::vector<refusal_row> common_refusals(const route& known) {
  const bool keyed = known.needs.has_value();
  const bool body = known.body != body_policy::none;
  return {{"400", "The request is malformed, or a field of it.", body},
          {"401", "No valid API key.", keyed},
          {"403", "The key lacks the scope.", keyed},
          {"413", "The body is too large.", body},
          {"415", "The body is of another type.", body},
          {"429", "Too many requests with this key.", keyed},
          {"503", "Overloaded or not writable; nothing was applied. See Retry-After.", keyed},
          {"504", "The deadline passed; repeating with the same request id is safe.", keyed}};
}

void write_parameters(json::writer& out, const route& known, const json::value* own) {
  const auto names = path_parameters(known.pattern);
  if (names.empty() && own == nullptr) return;
  out.key("parameters").begin_array();
  for (const auto name : names) {
    out.begin_object().key("name").string(name).key("in").string("path").key("required").boolean(true);
    out.key("schema").raw(R"({"type":"string"})").end_object();
  }
  if (own != nullptr)
    for (const auto& item : own->items()) json::write(out, item);
  out.end_array();
}

void write_responses(json::writer& out, const route& known, const json::value* own) {
  out.key("responses").begin_object();
  if (own != nullptr)
    for (const auto& each : own->members()) json::write(out.key(each.name), each.content);
  else
    out.key("200").raw(R"({"description":"Done."})");
  for (const auto& row : common_refusals(known)) {
    if (!row.applies || (own != nullptr && own->find(row.status) != nullptr)) continue;
    out.key(row.status).begin_object().key("description").string(row.meaning);
    if (known.errors == error_style::trackdesk)
      out.key("content").raw(R"({"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}})");
    out.end_object();
  }
  out.end_object();
}

void write_operation(json::writer& out, const route& known) {
  json::document schema;
  const auto error = schema.parse(known.schema.empty() ? std::string_view("{}") : known.schema);
  CROUPIER_ASSERT(!error.has_value(), "the schema beside a route is a JSON object");
  out.begin_object();
  out.key("summary").string(known.summary);
  out.key("tags").begin_array().string(tag_of(known.errors)).end_array();
  out.key("security").begin_array();
  if (known.needs) {
    for (const std::string_view way : {"apiKey", "bearer"})
      out.begin_object().key(way).begin_array().end_array().end_object();
    out.end_array();
    out.key("x-scope").string(name_of(*known.needs));
  } else {
    out.end_array();
  }
  write_parameters(out, known, schema.root().find("parameters"));
  if (const auto* body = schema.root().find("requestBody")) json::write(out.key("requestBody"), *body);
  write_responses(out, known, schema.root().find("responses"));
  out.end_object();
}

void write_section(json::writer& out, std::string_view part, std::string_view section) {
  json::document shared;
  const auto error = shared.parse(part);
  CROUPIER_ASSERT(!error.has_value(), "the shared parts of the description are JSON objects");
  if (const auto* found = shared.root().find(section))
    for (const auto& each : found->members()) json::write(out.key(each.name), each.content);
}

} // namespace

std::string openapi_document(std::span<const route> table, std::initializer_list<std::string_view> components) {
  std::string document;
  json::writer out(document);
  out.begin_object();
  out.key("openapi").string("3.1.0");
  out.key("info").begin_object();
  out.key("title").string("Croupier").key("version").string("0.1.0");
  out.key("description").string("A ledger for iGaming: players, movements, revenue share.");
  out.end_object();
  out.key("paths").begin_object();
  std::vector<std::string_view> written;
  for (const route& first : table) {
    if (std::find(written.begin(), written.end(), first.pattern) != written.end()) continue;
    written.push_back(first.pattern);
    out.key(first.pattern).begin_object();
    for (const route& each : table)
      if (each.pattern == first.pattern) write_operation(out.key(operation_key(each.method)), each);
    out.end_object();
  }
  out.end_object();
  out.key("components").begin_object();
  out.key("securitySchemes")
      .raw(R"({"apiKey":{"type":"apiKey","in":"header","name":"X-Api-Key"},)"
           R"("bearer":{"type":"http","scheme":"bearer"}})");
  for (const std::string_view section : {"parameters", "schemas"}) {
    out.key(section).begin_object();
    for (const auto part : components) write_section(out, part, section);
    out.end_object();
  }
  out.end_object().end_object();
  return document;
}

} // namespace croupier::http::ops
