#include "http/trackdesk/requests.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace croupier;
using namespace croupier::http;
using namespace croupier::http::trackdesk;

namespace {

const folder_key key{{1, 2, 3}};

constexpr std::string_view brand_id = "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11";

/// Reads a body and gives what is wrong with it; empty when nothing is.
template<class Read>
std::string problem_of(std::string_view body, Read read) {
  json::document document;
  if (const auto error = parse_object(body, document)) return error->message;
  const auto result = read(document.root());
  if (result) return "";
  CHECK(result.error().status == 400);
  CHECK(result.error().code == grpc_code::invalid_argument);
  return result.error().message;
}

std::string registration_problem(const std::string& body) {
  return problem_of(body, read_registration);
}
std::string movement_problem(const std::string& body) {
  return problem_of(body, read_movement);
}
std::string list_problem(const std::string& body) {
  return problem_of(body, [](const json::value& root) { return read_movement_list(root, key); });
}
std::string players_problem(const std::string& body) {
  return problem_of(body, [](const json::value& root) { return read_player_list(root, key); });
}

struct row {
  std::string member; ///< of the JSON text that replaces the valid one
  std::string problem;
};

std::string in_quotes(const std::string& text) {
  return "\"" + text + "\"";
}

std::string movement_with(const std::string& external, const std::string& brand, const std::string& request,
                          const std::string& metrics) {
  std::string body = "{";
  const auto add = [&body](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    if (body.size() > 1) body += ',';
    body += "\"" + std::string(name) + "\":" + value;
  };
  add("externalClientId", external);
  add("revenueOriginId", brand);
  add("requestId", request);
  add("metrics", metrics);
  return body + "}";
}

const std::string good_external = "\"player-42\"";
const std::string good_brand = in_quotes(std::string(brand_id));
const std::string good_metrics = R"([{"code":"ngr","valueType":"CLIENT_METRIC_VALUE_TYPE_RELATIVE","value":"1"}])";

std::string metric_with(const std::string& code, const std::string& how, const std::string& value) {
  std::string body = "[{";
  const auto add = [&body](std::string_view name, const std::string& text) {
    if (text.empty()) return;
    if (body.size() > 2) body += ',';
    body += "\"" + std::string(name) + "\":" + text;
  };
  add("code", code);
  add("valueType", how);
  add("value", value);
  return body + "}]";
}

const std::string relative = "\"CLIENT_METRIC_VALUE_TYPE_RELATIVE\"";

} // namespace

TEST_CASE("a registration is checked field by field") {
  const auto body = [](const std::string& external, const std::string& brand, const std::string& click) {
    return "{" + external + (brand.empty() ? "" : ",") + brand + (click.empty() ? "" : ",") + click + "}";
  };
  const std::string external = R"("externalId":"p")";
  const std::string brand = "\"revenueOriginId\":" + good_brand;
  const std::string click = R"("cid":"B1F3C5A7-9D2E-4A8B-BC11-7C2E0A9F4D6E")";
  CHECK(registration_problem(body(external, brand, click)).empty());
  CHECK(registration_problem(body(R"("x":1)", brand, click)) == "externalId: is required");
  CHECK(registration_problem(body(R"("externalId":null)", brand, click)) == "externalId: must be a string");
  CHECK(registration_problem(body(R"("externalId":42)", brand, click)) == "externalId: must be a string");
  CHECK(registration_problem(body(R"("externalId":"")", brand, click)) == "externalId: must have 1-255 characters");
  CHECK(registration_problem(body(R"("externalId":"a\u0000")", brand, click)) == "externalId: must not contain NUL");
  CHECK(registration_problem(body(external, "", click)) == "revenueOriginId: is required");
  CHECK(registration_problem(body(external, R"("revenueOriginId":"nope")", click)) ==
        "revenueOriginId: must be a UUID");
  CHECK(registration_problem(body(external, brand, "")) == "cid: is required");
  CHECK(registration_problem(body(external, brand, R"("cid":"b1f3c5a79d2e4a8bbc117c2e0a9f4d6e")")) ==
        "cid: must be a UUID");
  CHECK(registration_problem("[]") == "body: must be a JSON object");
  CHECK(registration_problem("null") == "body: must be a JSON object");
  CHECK(registration_problem("{\"externalId\": ") == "body: not valid JSON: incomplete JSON at byte 15");
}

TEST_CASE("lengths are in characters") {
  std::string longest;
  for (int i = 0; i < 255; ++i) longest += "\xe2\x82\xac";
  CHECK(movement_problem(movement_with(in_quotes(longest), good_brand, "", good_metrics)).empty());
  CHECK(movement_problem(movement_with(in_quotes(longest + "x"), good_brand, "", good_metrics)) ==
        "externalClientId: must have 1-255 characters");
  CHECK(movement_problem(movement_with(good_external, good_brand, in_quotes(std::string(100, 'r')), good_metrics))
            .empty());
  CHECK(movement_problem(movement_with(good_external, good_brand, in_quotes(std::string(101, 'r')), good_metrics)) ==
        "requestId: must have 1-100 characters");
}

TEST_CASE("a movement's own fields") {
  for (const auto& [text, problem] : std::vector<row>{{"", "externalClientId: is required"},
                                                      {"null", "externalClientId: must be a string"},
                                                      {"7", "externalClientId: must be a string"},
                                                      {"[\"p\"]", "externalClientId: must be a string"},
                                                      {"\"\"", "externalClientId: must have 1-255 characters"},
                                                      {R"("\u0000")", "externalClientId: must not contain NUL"}})
    CHECK(movement_problem(movement_with(text, good_brand, "", good_metrics)) == problem);
  for (const auto& [text, problem] :
       std::vector<row>{{"", "revenueOriginId: is required"},
                        {"null", "revenueOriginId: must be a UUID"},
                        {"{}", "revenueOriginId: must be a UUID"},
                        {"\"\"", "revenueOriginId: must be a UUID"},
                        {in_quotes(std::string(brand_id) + "0"), "revenueOriginId: must be a UUID"},
                        {in_quotes(" " + std::string(brand_id)), "revenueOriginId: must be a UUID"}})
    CHECK(movement_problem(movement_with(good_external, text, "", good_metrics)) == problem);
  for (const auto& [text, problem] : std::vector<row>{{"", ""},
                                                      {"null", "requestId: must be a string"},
                                                      {"1", "requestId: must be a string"},
                                                      {"\"\"", "requestId: must have 1-100 characters"},
                                                      {R"("a\u0000b")", "requestId: must not contain NUL"}})
    CHECK(movement_problem(movement_with(good_external, good_brand, text, good_metrics)) == problem);
  for (const auto& [text, problem] : std::vector<row>{{"", "metrics: is required"},
                                                      {"null", "metrics: must be a list"},
                                                      {"{}", "metrics: must be a list"},
                                                      {"[]", "metrics: must have 1-20 items"},
                                                      {"[1]", "metrics[0]: must be an object"}})
    CHECK(movement_problem(movement_with(good_external, good_brand, "", text)) == problem);
  CHECK(movement_problem(R"({"extra":{"deep":[1]},)" +
                         movement_with(good_external, good_brand, "", good_metrics).substr(1))
            .empty());
}

TEST_CASE("the fields of a metric") {
  const std::string code_problem =
      "metrics[0].code: must be 1-100 lower-case letters and digits in groups joined by hyphens";
  const std::string how_problem =
      "metrics[0].valueType: must be CLIENT_METRIC_VALUE_TYPE_ABSOLUTE or CLIENT_METRIC_VALUE_TYPE_RELATIVE";
  const auto problem = [](const std::string& metrics) {
    return movement_problem(movement_with(good_external, good_brand, "", metrics));
  };
  CHECK(problem(metric_with("", relative, "\"1\"")) == "metrics[0].code: is required");
  CHECK(problem(metric_with("5", relative, "\"1\"")) == "metrics[0].code: must be a string");
  for (const std::string code : {"", "NGR", "a_b", "-a", "a-", "a--b", "a b", "\xc3\xa9"})
    CHECK(problem(metric_with(in_quotes(code), relative, "\"1\"")) == code_problem);
  CHECK(problem(metric_with(in_quotes(std::string(101, 'a')), relative, "\"1\"")) == code_problem);
  CHECK(problem(metric_with(in_quotes(std::string(100, 'a')), relative, "\"1\"")).empty());
  CHECK(problem(metric_with("\"ngr\"", "", "\"1\"")) == "metrics[0].valueType: is required");
  CHECK(problem(metric_with("\"ngr\"", "1", "\"1\"")) == "metrics[0].valueType: must be a string");
  CHECK(problem(metric_with("\"ngr\"", "\"RELATIVE\"", "\"1\"")) == how_problem);
  CHECK(problem(metric_with("\"ngr\"", relative, "")) == "metrics[0].value: is required");
  CHECK(problem(metric_with("\"ngr\"", relative, "1")) == "metrics[0].value: must be a string");
  CHECK(problem(metric_with("\"ngr\"", relative, "null")) == "metrics[0].value: must be a string");
  CHECK(problem(metric_with("\"ngr\"", relative, "\"anything\"")).empty());

  const auto many = [](int count) {
    std::string list;
    for (int i = 0; i < count; ++i)
      list += (i == 0 ? "[" : ",") + metric_with("\"m" + std::to_string(i) + "\"", relative, "\"1\"").substr(1);
    std::string flat;
    for (const char c : list)
      if (c != ']') flat += c;
    return flat + "]";
  };
  CHECK(problem(many(20)).empty());
  CHECK(problem(many(21)) == "metrics: must have 1-20 items");
  const std::string twice = R"([{"code":"a","valueType":"CLIENT_METRIC_VALUE_TYPE_RELATIVE","value":"1"},)"
                            R"({"code":"a","valueType":"CLIENT_METRIC_VALUE_TYPE_ABSOLUTE","value":"2"}])";
  CHECK(problem(twice) == "metrics[1].code: is listed twice");
}

TEST_CASE("a movement is read as it was sent") {
  json::document document;
  const std::string text =
      R"({"metrics":[{"value":"250.00","valueType":"CLIENT_METRIC_VALUE_TYPE_ABSOLUTE","code":"ngr"}],)"
      R"("requestId":"d\u00e9p","revenueOriginId":"0D7A8B6E-1f43-4f8d-9e2c-2b1f3a4e7c11","externalClientId":"p"})";
  REQUIRE_FALSE(parse_object(text, document).has_value());
  const auto body = read_movement(document.root());
  REQUIRE(body.has_value());
  CHECK(body->external_id == "p");
  CHECK(body->brand.text() == brand_id);
  CHECK(body->request_id == "d\xc3\xa9p");
  REQUIRE(body->metrics.size() == 1);
  CHECK(body->metrics[0].code == "ngr");
  CHECK(body->metrics[0].how == value_type::absolute);
  CHECK(body->metrics[0].value == "250.00");
}

namespace {

const std::string good_range = R"("timeRange":{"from":"2026-05-01T00:00:00Z","to":"2026-05-28T23:59:59Z"})";

std::string list_with(const std::string& pagination, const std::string& filters) {
  return "{\"pagination\":" + pagination + ",\"filters\":" + filters + "}";
}

} // namespace

TEST_CASE("pagination") {
  const auto problem = [](const std::string& pagination) {
    return list_problem(list_with(pagination, "{" + good_range + "}"));
  };
  CHECK(problem(R"({"limit":50,"offset":0})").empty());
  CHECK(problem(R"({"limit":500,"offset":1000000000000})").empty());
  CHECK(problem("null") == "pagination: must be an object");
  CHECK(problem("[]") == "pagination: must be an object");
  CHECK(problem("{}") == "pagination.limit: is required");
  const std::string limit = "pagination.limit: must be a whole number from 1 to 500";
  for (const std::string wrong : {"0", "501", "-1", "1.0", "1e2", "\"50\"", "null", "18446744073709551617"})
    CHECK(problem("{\"limit\":" + wrong + ",\"offset\":0}") == limit);
  CHECK(problem(R"({"limit":1})") == "pagination.offset: is required");
  const std::string offset = "pagination.offset: must be a whole number from 0 to 1000000000000";
  for (const std::string wrong : {"-1", "0.5", "\"0\"", "null", "1000000000001"})
    CHECK(problem("{\"limit\":1,\"offset\":" + wrong + "}") == offset);
  const std::string cursor = make_cursor(key, id_kind::movement, 77);
  CHECK(problem("{\"limit\":1,\"cursor\":\"" + cursor + "\"}").empty());
  CHECK(problem("{\"limit\":1,\"offset\":0,\"cursor\":\"" + cursor + "\"}") ==
        "pagination.cursor: takes the place of offset: send one of them");
  const std::string not_ours = "pagination.cursor: must be the nextCursor of an earlier page of this list";
  CHECK(problem(R"({"limit":1,"cursor":""})") == not_ours);
  CHECK(problem("{\"limit\":1,\"cursor\":\"" + make_cursor(key, id_kind::player, 77) + "\"}") == not_ours);
  CHECK(problem("{\"limit\":1,\"cursor\":\"" + make_cursor({}, id_kind::movement, 77) + "\"}") == not_ours);
  CHECK(problem(R"({"limit":1,"cursor":7})") == "pagination.cursor: must be a string");
}

TEST_CASE("filters of movements") {
  const std::string page = R"({"limit":50,"offset":0})";
  const auto problem = [&](const std::string& filters) { return list_problem(list_with(page, filters)); };
  const auto with = [&](const std::string& member) { return problem("{" + good_range + "," + member + "}"); };
  CHECK(list_problem("{\"pagination\":" + page + "}") == "filters: is required");
  CHECK(problem("7") == "filters: must be an object");
  CHECK(problem("{}") == "filters.timeRange: is required");
  CHECK(problem(R"({"timeRange":"2026"})") == "filters.timeRange: must be an object");
  CHECK(problem(R"({"timeRange":{"to":"2026-05-28T23:59:59Z"}})") == "filters.timeRange.from: is required");
  CHECK(problem(R"({"timeRange":{"from":"2026-05-28T23:59:59Z"}})") == "filters.timeRange.to: is required");
  CHECK(problem(R"({"timeRange":{"from":"2026-05-01","to":"2026-05-28T23:59:59Z"}})") ==
        "filters.timeRange.from: must be an RFC 3339 time");
  CHECK(problem(R"({"timeRange":{"from":1777,"to":"2026-05-28T23:59:59Z"}})") ==
        "filters.timeRange.from: must be an RFC 3339 time");
  CHECK(problem(R"({"timeRange":{"from":"2026-05-01T02:00:00+02:00","to":"2026-05-01T00:00:00Z"}})") ==
        "filters.timeRange: from must be earlier than to");
  CHECK(problem("{" + good_range + "}").empty());
  for (const std::string name : {"clientIds", "revenueOriginIds"}) {
    const auto list = [&](const std::string& value) { return with("\"" + name + "\":" + value); };
    CHECK(list("[]").empty());
    CHECK(list("[" + good_brand + "]").empty());
    CHECK(list("null") == "filters." + name + ": must be a list");
    CHECK(list("[\"x\"]") == "filters." + name + "[0]: must be a UUID");
    CHECK(list("[" + good_brand + ",1]") == "filters." + name + "[1]: must be a UUID");
    CHECK(list("[" + good_brand + ",\"0D7A8B6E-1F43-4F8D-9E2C-2B1F3A4E7C11\"]") ==
          "filters." + name + "[1]: is listed twice");
  }
  CHECK(with(R"("clientExternalIds":["a","b"],"requestIds":["a"])").empty());
  CHECK(with(R"("clientExternalIds":["a","a"])") == "filters.clientExternalIds[1]: is listed twice");
  CHECK(with(R"("clientExternalIds":[""])") == "filters.clientExternalIds[0]: must have 1-255 characters");
  CHECK(with(R"("requestIds":[7])") == "filters.requestIds[0]: must be a string");
  CHECK(with("\"requestIds\":[\"" + std::string(101, 'x') + "\"]") ==
        "filters.requestIds[0]: must have 1-100 characters");
  std::string many = "\"r0\"";
  for (int i = 1; i <= 1000; ++i) many += ",\"r" + std::to_string(i) + "\"";
  CHECK(with("\"requestIds\":[" + many + "]") == "filters.requestIds: must have 0-1000 items");
  const auto list_of = [](int count) {
    std::string list = "[\"x0\"";
    for (int i = 1; i < count; ++i) list += ",\"x" + std::to_string(i) + "\"";
    return list + "]";
  };
  CHECK(with("\"clientExternalIds\":" + list_of(400) + ",\"requestIds\":" + list_of(250)).empty());
  CHECK(with("\"clientExternalIds\":" + list_of(401) + ",\"requestIds\":" + list_of(250)) ==
        "filters: players times requestIds must not exceed 100000");
}

TEST_CASE("filters of players") {
  const std::string page = R"("pagination":{"limit":50,"offset":0})";
  const auto with = [&](const std::string& filters) { return players_problem("{" + page + "," + filters + "}"); };
  CHECK(players_problem("{" + page + "}").empty());
  CHECK(players_problem("{}") == "pagination: is required");
  CHECK(with(R"("filters":null)") == "filters: must be an object");
  CHECK(with(R"("filters":{"registered":{"from":"2026-05-01T00:00:00Z"}})").empty());
  CHECK(with(R"("filters":{"registered":{"to":5}})") == "filters.registered.to: must be an RFC 3339 time");
  CHECK(with(R"("filters":{"registered":{"from":"2026-05-01T00:00:00Z","to":"2026-05-01T00:00:00Z"}})") ==
        "filters.registered: from must be earlier than to");
  CHECK(with(R"("filters":{"affiliateIds":["x"]})") == "filters.affiliateIds[0]: must be a UUID");
  CHECK(with(R"("filters":{"clientIds":7})") == "filters.clientIds: must be a list");
}
