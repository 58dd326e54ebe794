#include "cli/export_line.hpp"

#include "cli/answers.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace croupier::cli {
namespace {

namespace json = boost::json;

bool is_movement_body(const json::object& body) {
  return !text_member(body, "externalClientId").empty() && !text_member(body, "revenueOriginId").empty() &&
         !list_member(body, "metrics").empty();
}

/// The body as it was received, on one line.
std::string as_received(std::string text, const json::object& body, const std::string& request_id, bool opening) {
  // Between tokens a line break is the same as a space; inside of a string JSON allows none.
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  if (!body.contains("requestId") && !request_id.empty())
    text.insert(text.find('{') + 1, "\"requestId\":" + json::serialize(json::string(request_id)) + ",");
  if (!body.contains("opening") && opening) text.insert(text.find('{') + 1, "\"opening\":true,");
  return text;
}

std::string from_row(const json::object& row, const std::string& request_id, bool opening) {
  const json::object& client = object_member(row, "client");
  json::object body{{"externalClientId", text_member(client, "externalId")},
                    {"revenueOriginId", text_member(client, "revenueOriginId")}};
  if (!request_id.empty()) body["requestId"] = request_id;
  if (opening) body["opening"] = true;
  json::array metrics;
  for (const std::string_view list : {"integerMetrics", "decimalMetrics"})
    for (const json::value& metric : list_member(row, list))
      if (const json::object* one = metric.if_object())
        metrics.push_back({{"code", text_member(*one, "code")},
                           {"valueType", text_member(*one, "valueType")},
                           {"value", text_member(*one, "value")}});
  body["metrics"] = std::move(metrics);
  return json::serialize(body);
}

} // namespace

std::string export_line(const json::object& row) {
  const std::string request_id = text_member(row, "requestId");
  const json::value* mark = row.if_contains("opening");
  const bool opening = mark != nullptr && mark->is_bool() && mark->get_bool();
  std::string received = text_member(row, "requestData");
  boost::system::error_code error;
  const json::value parsed = json::parse(received, error);
  const json::object* body = error ? nullptr : parsed.if_object();
  if (body != nullptr && is_movement_body(*body)) return as_received(std::move(received), *body, request_id, opening);
  return from_row(row, request_id, opening);
}

} // namespace croupier::cli
