#include "contract_parts.hpp"
#include "support/test_ledger.hpp"

#include <optional>
#include <string>
#include <vector>

using namespace croupier::test;

namespace {

/// One member of an object in a valid body, and what may not stand in its place.
struct field {
  std::string name;
  std::string good;
  bool required = true;
  std::vector<std::string> bad;
};

/// A call whose body is `before` + the members of one object + `after`.
struct shape {
  std::string path;
  std::string before;
  std::string after;
  std::string place; ///< of the object in messages: "pagination."
  std::vector<field> fields;
};

std::string in_quotes(const std::string& text) {
  return "\"" + text + "\"";
}

std::string list_of(int count, const std::string& prefix, const std::string& suffix) {
  std::string list;
  for (int i = 0; i < count; ++i) list += (i == 0 ? "[" : ",") + prefix + std::to_string(i) + suffix;
  return list + "]";
}

std::vector<std::string> bad_texts(std::size_t length_max) {
  return {"null", "7", "true", "[]", "{}", "\"\"", in_quotes(std::string(length_max + 1, 'x')), R"("a\u0000b")"};
}

const std::vector<std::string> bad_strings{"null", "7", "1.5", "true", "[]", "{}"};

const std::vector<std::string> bad_ids{"null",
                                       "7",
                                       "[]",
                                       "\"\"",
                                       "\"nope\"",
                                       "\"0d7a8b6e1f434f8d9e2c2b1f3a4e7c11\"",
                                       "\"{0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11}\"",
                                       "\"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c1\"",
                                       "\"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c111\"",
                                       "\"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7cg1\"",
                                       "\"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11\\u0000\""};

const std::vector<std::string> bad_times{"null",
                                         "1777593600",
                                         "\"\"",
                                         "\"now\"",
                                         "\"2026-05-01\"",
                                         "\"2026-05-01T00:00:00\"",
                                         "\"2026-13-01T00:00:00Z\"",
                                         "\"2026-02-30T00:00:00Z\"",
                                         "\"2026-05-01T25:00:00Z\"",
                                         "\"2026-05-01T00:00:00.Z\"",
                                         "\" 2026-05-01T00:00:00Z\""};

const std::vector<std::string> bad_objects{"null", "7", "true", "\"x\"", "[]"};

const std::vector<std::string> bad_id_lists{
    "null",       "7",
    "\"x\"",      "{}",
    "[null]",     "[7]",
    "[\"nope\"]", "[\"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11\",\"0D7A8B6E-1F43-4F8D-9E2C-2B1F3A4E7C11\"]",
    "[[]]",       list_of(1001, "\"0d7a8b6e-1f43-4f8d-9e2c-", "\"")};

std::vector<std::string> bad_text_lists(std::size_t length_max) {
  return {"null",           "7",
          "\"x\"",          "{}",
          "[null]",         "[7]",
          "[\"\"]",         "[" + in_quotes(std::string(length_max + 1, 'x')) + "]",
          R"(["a","a"])",   R"(["a","\u0061"])",
          R"(["a\u0000"])", list_of(1001, "\"r", "\"")};
}

const std::string brand = in_quotes(std::string(demo_brand));
const std::string relative = "\"CLIENT_METRIC_VALUE_TYPE_RELATIVE\"";
const std::string one_metric = R"([{"code":"ngr","valueType":)" + relative + R"(,"value":"1"}])";
const std::string range = R"("timeRange":{"from":"2020-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z"})";
const std::string page = R"("pagination":{"limit":50,"offset":0})";

const field limit_field{
    "limit", "50", true, {"null", "\"50\"", "0", "501", "-1", "1.0", "1e1", "true", "[]", "99999999999999999999"}};
const field offset_field{"offset", "0", true, {"null", "\"0\"", "-1", "0.0", "1e1", "{}", "1000000000001"}};
const field cursor_field{
    "cursor", "", false, {"null", "7", "\"\"", "\"x\"", "\"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11\"", "[]"}};

std::vector<shape> shapes() {
  return {
      {register_path,
       "{",
       "}",
       "",
       {{"externalId", "\"new\"", true, bad_texts(255)},
        {"revenueOriginId", brand, true, bad_ids},
        {"cid", "\"b1f3c5a7-9d2e-4a8b-bc11-7c2e0a9f4d6e\"", true, bad_ids}}},
      {record_path,
       "{",
       "}",
       "",
       {{"externalClientId", "\"p\"", true, bad_texts(255)},
        {"revenueOriginId", brand, true, bad_ids},
        {"metrics",
         one_metric,
         true,
         {"null", "7", "\"x\"", "{}", "[]", "[null]", "[[]]", "[\"ngr\"]",
          list_of(21, R"({"valueType":)" + relative + R"(,"value":"1","code":"m)", "\"}")}},
        {"requestId", "\"r\"", false, bad_texts(100)}}},
      {record_path,
       R"({"externalClientId":"p","revenueOriginId":)" + brand + R"(,"metrics":[{)",
       "}]}",
       "metrics[0].",
       {{"code",
         "\"ngr\"",
         true,
         {"null", "7", "[]", "\"\"", "\"NGR\"", "\"n_g\"", "\"-ngr\"", "\"ngr-\"", "\"n--r\"", "\"n r\"",
          "\"ngr\\u0000\"", in_quotes(std::string(101, 'a'))}},
        {"valueType",
         relative,
         true,
         {"null", "1", "[]", "\"\"", "\"RELATIVE\"", "\"client_metric_value_type_relative\"",
          "\"CLIENT_METRIC_VALUE_TYPE_UNSPECIFIED\""}},
        {"value", "\"1\"", true, bad_strings}}},
      {movements_path,
       "{\"filters\":{" + range + R"(},"pagination":{)",
       "}}",
       "pagination.",
       {limit_field, offset_field}},
      {movements_path, "{\"filters\":{" + range + R"(},"pagination":{"limit":5,)", "}}", "pagination.", {cursor_field}},
      {movements_path,
       "{",
       "}",
       "",
       {{"pagination", R"({"limit":50,"offset":0})", true, bad_objects},
        {"filters", "{" + range + "}", true, bad_objects}}},
      {movements_path,
       "{" + page + ",\"filters\":{",
       "}}",
       "filters.",
       {{"timeRange", R"({"from":"2020-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z"})", true, bad_objects},
        {"clientIds", "[]", false, bad_id_lists},
        {"clientExternalIds", "[\"p\"]", false, bad_text_lists(255)},
        {"revenueOriginIds", "[" + brand + "]", false, bad_id_lists},
        {"requestIds", "[\"r\"]", false, bad_text_lists(100)}}},
      {movements_path,
       "{" + page + R"(,"filters":{"timeRange":{)",
       "}}}",
       "filters.timeRange.",
       {{"from", "\"2020-01-01T00:00:00Z\"", true, bad_times}, {"to", "\"2100-01-01T00:00:00Z\"", true, bad_times}}},
      {players_path,
       "{",
       "}",
       "",
       {{"pagination", R"({"limit":50,"offset":0})", true, bad_objects}, {"filters", "{}", false, bad_objects}}},
      {players_path, R"({"pagination":{)", "}}", "pagination.", {limit_field, offset_field}},
      {players_path, R"({"pagination":{"limit":5,)", "}}", "pagination.", {cursor_field}},
      {players_path,
       "{" + page + ",\"filters\":{",
       "}}",
       "filters.",
       {{"registered", "{}", false, bad_objects},
        {"clientIds", "[]", false, bad_id_lists},
        {"clientExternalIds", "[\"p\"]", false, bad_text_lists(255)},
        {"revenueOriginIds", "[" + brand + "]", false, bad_id_lists},
        {"affiliateIds", "[]", false, bad_id_lists}}},
      {players_path,
       "{" + page + R"(,"filters":{"registered":{)",
       "}}}",
       "filters.registered.",
       {{"from", "\"2020-01-01T00:00:00Z\"", false, bad_times}, {"to", "\"2100-01-01T00:00:00Z\"", false, bad_times}}},
      {batch_path,
       "{",
       "}",
       "",
       {{"movements", "[]", true, {"null", "7", "\"x\"", "{}", "[]", list_of(1001, "", "")}}}},
  };
}

/// The valid body with one member replaced, or left out.
std::string body_with(const shape& call, const std::string& name, const std::optional<std::string>& value) {
  std::string body = call.before;
  bool first = true;
  for (const field& each : call.fields) {
    const std::optional<std::string> text = each.name == name ? value : std::optional(each.good);
    if (!text || text->empty()) continue;
    body += (first ? "\"" : ",\"") + each.name + "\":" + *text;
    first = false;
  }
  return body + call.after;
}

} // namespace

TEST_CASE("every field of every call is checked, and a refused call changes nothing") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("p");
  REQUIRE(api.record("p", "r0", {{"ngr", "+1"}, {"bets", "+1"}}).status == 200);
  const std::string before = ledger.state();
  for (const shape& call : shapes()) {
    for (const field& each : call.fields) {
      INFO(call.path << ": " << call.place << each.name);
      if (each.required)
        check_field_error(api.post(call.path, body_with(call, each.name, std::nullopt)),
                          call.place + each.name + ": is required");
      for (const std::string& bad : each.bad) {
        INFO(bad.substr(0, 100));
        check_field_error(api.post(call.path, body_with(call, each.name, bad)), call.place + each.name);
      }
    }
    CHECK(ledger.state() == before);
  }
}
