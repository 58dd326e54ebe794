#include "http/wynta/validation.hpp"

#include <algorithm>

namespace croupier::http::wynta {

namespace {

constexpr std::size_t input_bytes_max = 1024;

bool is_index(std::string_view part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string quoted(std::string_view text) {
  std::string out;
  json::writer(out).string(text);
  return out;
}

} // namespace

response to_response(const std::vector<validation_error>& errors) {
  response answer;
  answer.status = 422;
  json::writer out(answer.body);
  out.begin_object().key("detail").begin_array();
  for (const auto& each : errors) {
    out.begin_object().key("loc").begin_array();
    for (const auto& part : each.loc)
      if (is_index(part))
        out.raw(part);
      else
        out.string(part);
    out.end_array().key("msg").string(each.msg).key("type").string(each.type);
    out.key("input").raw(each.input).key("ctx").raw(each.ctx).end_object();
  }
  out.end_array().end_object();
  return answer;
}

validation_error missing_field(std::vector<std::string> loc) {
  return {std::move(loc), "field required", "missing"};
}

std::string shown_input(const json::value& value) {
  // A long text or a large container is not worth writing only to be dropped.
  if (value.text().size() > input_bytes_max || value.items().size() > input_bytes_max ||
      value.members().size() > input_bytes_max)
    return "null";
  std::string text;
  json::writer out(text);
  json::write(out, value);
  return text.size() > input_bytes_max ? "null" : text;
}

std::vector<validation_error> parse_body(std::string_view body, json::document& document) {
  if (body.empty()) return {missing_field({"body"})};
  if (const auto error = document.parse(body))
    return {{{"body", std::to_string(error->at)},
             "JSON decode error",
             "json_invalid",
             "{}",
             "{\"error\":" + quoted(error->what) + "}"}};
  if (document.root().is_object()) return {};
  return {{{"body"}, "Input should be a valid dictionary", "dict_type", shown_input(document.root())}};
}

} // namespace croupier::http::wynta
