#include "http/admin/schemas.hpp"

#include "http/admin/routes.hpp"
#include "http/json.hpp"

#include <string_view>

namespace croupier::http::admin {

namespace {

using config::field_entry;
using config::field_shape;
using config::must;

enum class side : std::uint8_t { read, written };

void write_table(json::writer& out, const std::vector<field_entry>& entries, side of, bool is_inner);

/// The members of a schema for one value, without what makes it a list.
void write_value(json::writer& out, const field_entry& entry, side of) {
  switch (entry.shape) {
  case field_shape::text: out.key("type").string("string"); return;
  case field_shape::flag: out.key("type").string("boolean"); return;
  case field_shape::whole:
    out.key("type").string("integer").key("minimum").integer(entry.minimum).key("maximum").integer(entry.maximum);
    return;
  case field_shape::decimal: out.key("type").raw(of == side::read ? R"("string")" : R"(["string","number"])"); return;
  case field_shape::time: out.key("type").string("string").key("format").string("date-time"); return;
  case field_shape::choice:
    out.key("type").string("string").key("enum").begin_array();
    for (const auto& one : entry.choices) out.string(one);
    out.end_array();
    return;
  case field_shape::reference: out.key("type").string("string").key("format").string("uuid"); return;
  case field_shape::hash:
  case field_shape::secret: out.key("type").string("string").key("minLength").integer(20); return;
  case field_shape::table: write_table(out, entry.inner, of, true); return;
  case field_shape::filters:
    out.key("type").string("object").key("additionalProperties").raw(R"({"type":"array","items":{"type":"string"}})");
    return;
  }
}

bool is_told(const field_entry& entry, side of) {
  if (of == side::written) return entry.how != must::be_shown && entry.shape != field_shape::hash;
  return entry.shape != field_shape::hash && entry.shape != field_shape::secret;
}

void write_table(json::writer& out, const std::vector<field_entry>& entries, side of, bool is_inner) {
  out.key("type").string("object");
  if (is_inner) out.key("additionalProperties").boolean(false);
  if (of == side::written) {
    out.key("required").begin_array();
    for (const auto& entry : entries)
      if (entry.how == must::be_given && is_told(entry, of)) out.string(config::api_name(entry.name));
    out.end_array();
  }
  out.key("properties").begin_object();
  if (!is_inner) out.key("id").raw(R"({"type":"string","format":"uuid"})");
  for (const auto& entry : entries) {
    if (!is_told(entry, of)) continue;
    out.key(config::api_name(entry.name)).begin_object();
    if (!entry.sentence.empty()) out.key("description").string(entry.sentence);
    if (entry.is_list) {
      out.key("type").string("array");
      // What must be given is not given by an empty list.
      if (of == side::written && entry.how == must::be_given) out.key("minItems").integer(1);
      out.key("items").begin_object();
      write_value(out, entry, of);
      out.end_object();
    } else {
      write_value(out, entry, of);
    }
    out.end_object();
  }
  out.end_object();
}

std::string components_text() {
  std::string text;
  json::writer out(text);
  out.begin_object().key("schemas").begin_object();
  out.key("AdminError").raw(R"({"type":"object","required":["error"],"properties":{"error":{"type":"object",
    "required":["code","message"],"properties":{"code":{"type":"string"},"message":{"type":"string"},
    "details":{"type":"array","items":{"type":"object","required":["field","message"],"properties":{
      "field":{"type":"string"},"message":{"type":"string"}}}}}}}})");
  out.key("AdminPage").raw(R"({"type":"object","required":["limit","offset","totalCount","hasMore"],"properties":{
    "limit":{"type":"integer"},"offset":{"type":"integer"},"totalCount":{"type":"integer"},
    "hasMore":{"type":"boolean"}}})");
  out.key("AdminAuditRow").raw(R"({"type":"object","required":["sequence","time","who","kind"],"properties":{
    "sequence":{"type":"integer"},"time":{"type":"string","format":"date-time"},
    "who":{"type":"string","description":"Id of the key, start-up or clock."},"kind":{"type":"string"},
    "objectId":{"type":"string","format":"uuid"},"change":{"enum":["created","changed"]},
    "fields":{"type":"array","items":{"type":"string"},"description":"The members that differ, secrets too."},
    "before":{"type":"object"},"after":{"type":"object"}}})");
  for (const auto& kind : config::object_kinds()) {
    const auto entries = kind.catalogue();
    out.key("Admin" + std::string(kind.schema)).begin_object();
    write_table(out, entries, side::read, false);
    out.end_object();
    out.key("Admin" + std::string(kind.schema) + "Input").begin_object();
    write_table(out, entries, side::written, false);
    out.key("additionalProperties").boolean(false).end_object();
  }
  out.end_object().end_object();
  return text;
}

constexpr std::string_view no_such = R"("404":{"description":"There is no such object.","content":{"application/json":
  {"schema":{"$ref":"#/components/schemas/AdminError"}}}})";
constexpr std::string_view invalid =
    R"("400":{"description":"A member is missing, unknown or against the
  rules; `details`
  names it. Nothing was changed.","content":{"application/json":
  {"schema":{"$ref":"#/components/schemas/AdminError"}}}})";
constexpr std::string_view in_the_way =
    R"("409":{"description":"It is in use, or cannot be taken out of use; the message
  says why. Nothing was changed.","content":{"application/json":
  {"schema":{"$ref":"#/components/schemas/AdminError"}}}})";

std::string quoted_lines_joined(std::string text) {
  for (char& c : text)
    if (c == '\n') c = ' ';
  return text;
}

std::string answer(std::string_view status, std::string_view meaning, const std::string& schema) {
  return "\"" + std::string(status) + R"(":{"description":")" + std::string(meaning) +
         R"(","content":{"application/json":{"schema":{"$ref":"#/components/schemas/)" + schema + "\"}}}}";
}

} // namespace

kind_schemas schemas_of(const config::object_kind& kind) {
  const std::string name = "Admin" + std::string(kind.schema);
  const std::string body = R"("requestBody":{"required":true,"content":{"application/json":{"schema":)";
  const std::string errors = std::string(invalid) + "," + std::string(no_such);
  kind_schemas made;
  made.list = R"({"parameters":[
    {"name":"limit","in":"query","required":false,"schema":{"type":"integer","minimum":1,"maximum":500,"default":100}},
    {"name":"offset","in":"query","required":false,"schema":{"type":"integer","minimum":0,"default":0}},
    {"name":"archived","in":"query","required":false,"schema":{"type":"boolean"},
      "description":"Only those out of use (true), or only the others (false)."}],
    "responses":{"200":{"description":"By age.","content":{"application/json":{"schema":{"type":"object",
      "required":["rows","pagination"],"properties":{"rows":{"type":"array","items":
        {"$ref":"#/components/schemas/)" +
              name + R"("}},"pagination":{"$ref":"#/components/schemas/AdminPage"}}}}}},)" + std::string(invalid) +
              "}}";
  made.show = R"({"responses":{)" + answer("200", "The object.", name) + "," + std::string(no_such) + "}}";
  made.create = "{" + body + R"({"$ref":"#/components/schemas/)" + name + R"(Input"}}}},"responses":{)" +
                answer("201", "Durable. A secret that was made is shown in this answer only.", name) + "," +
                std::string(invalid) + "," + std::string(in_the_way) + "}}";
  made.update = "{" + body + R"({"type":"object","description":"Any members of )" + name +
                R"(Input; the others stay."}}}},"responses":{)" + answer("200", "Durable.", name) + "," + errors + "}}";
  made.retire = R"({"responses":{)" + answer("200", "Out of use.", name) + "," + std::string(no_such) + "," +
                std::string(in_the_way) + "}}";
  for (std::string* each : {&made.list, &made.show, &made.create, &made.update, &made.retire})
    *each = quoted_lines_joined(std::move(*each));
  return made;
}

std::string_view components() {
  static const std::string text = components_text();
  return text;
}

} // namespace croupier::http::admin
