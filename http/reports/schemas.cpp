#include "http/reports/schemas.hpp"

#include "engine/report.hpp"

#include <string>

namespace croupier::http::reports {
namespace {

constexpr std::string_view shared_parameters = R"(
    {"name": "exact", "in": "query", "required": false, "schema": {"type": "string", "enum": ["true", "false"]},
      "description": "In JSON, money and rates as strings."})";

constexpr std::string_view report_schema = R"({"type": "object",
  "required": ["rows", "totals", "startDate", "endDate", "sequence", "generatedAt"], "properties": {
    "rows": {"type": "array", "items": {"type": "object", "required": ["groupKeys", "metrics"], "properties": {
      "groupKeys": {"type": "object", "additionalProperties": {"type": "string"},
        "description": "One member for each dimension."},
      "metrics": {"type": "object", "additionalProperties": {"type": ["number", "string"]},
        "description": "One member for each measure; a rate whose divisor is 0 is absent."}}}},
    "totals": {"type": "object", "additionalProperties": {"type": ["number", "string"]},
      "description": "The sum of the rows; rates are computed from it."},
    "totalsByCurrency": {"type": "array",
      "description": "When the rows have money in several currencies: then totals has none.",
      "items": {"type": "object", "required": ["currency", "metrics"], "properties": {
        "currency": {"type": "string"}, "metrics": {"type": "object"}}}},
    "startDate": {"type": "string", "format": "date"}, "endDate": {"type": "string", "format": "date"},
    "sequence": {"type": "integer", "description": "The newest entry that is in the figures."},
    "generatedAt": {"type": "string", "format": "date-time"}}})";

std::string answers(std::string_view others) {
  return R"("responses": {
    "200": {"description": "A header, rows and totals.", "content": {
      "application/json": {"schema": )" +
         std::string(report_schema) + R"(}, "text/csv": {"schema": {"type": "string"}}}},
    "400": {"description": "The question is malformed, or the report is too large."},
    "503": {"description": "The figures have not taken in yet what was recorded. See Retry-After."})" +
         std::string(others) + "}";
}

std::string format_parameter(std::string_view usual) {
  return R"({"name": "format", "in": "query", "required": false, "schema": {"type": "string", "enum": ["csv", "json"],
      "default": ")" +
         std::string(usual) + "\"}}";
}

template<class Value>
std::string names(std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i)
    list += std::string(list.empty() ? "[" : ", ") + '"' + std::string(name_of(static_cast<Value>(i))) + '"';
  return list + "]";
}

} // namespace

std::string_view by_token_schema() {
  static const std::string schema = R"({"parameters": [)" + format_parameter("csv") + "," +
                                    std::string(shared_parameters) + R"(,
    {"name": "startDate", "in": "query", "required": false, "schema": {"type": "string", "format": "date"},
      "description": "The first day; 29 days before the last one when it is not given."},
    {"name": "endDate", "in": "query", "required": false, "schema": {"type": "string", "format": "date"},
      "description": "The last day; today when it is not given."}],
  )" + answers(R"(, "401": {"description": "There is no such report, or it is disabled."})") +
                                    "}";
  return schema;
}

std::string_view query_schema() {
  static const std::string schema =
      R"({"parameters": [)" + format_parameter("json") + "," + std::string(shared_parameters) +
      R"(], "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object",
    "additionalProperties": false, "required": ["measures"], "properties": {
      "dimensions": {"type": "array", "uniqueItems": true, "items": {"type": "string", "enum": )" +
      names<report_dimension>(report_dimensions) + R"(}},
      "measures": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"type": "string", "enum": )" +
      names<report_measure>(report_measures) + R"(}},
      "filters": {"type": "object", "additionalProperties": {"type": "array", "minItems": 1,
        "items": {"type": "string"}}, "description": "By dimension, the names, ids or texts that rows may have."},
      "brands": {"type": "array", "items": {"type": "string", "format": "uuid"},
        "description": "Only these; none: all that the key sees."},
      "startDate": {"type": "string", "format": "date"}, "endDate": {"type": "string", "format": "date"}}}}}},
  )" + answers("") +
      "}";
  return schema;
}

} // namespace croupier::http::reports
