#include "contract_parts.hpp"
#include "support/test_ledger.hpp"

#include <string>
#include <vector>

using namespace croupier::test;

namespace {

const std::string brand = "\"" + std::string(demo_brand) + "\"";
const std::string relative = "\"CLIENT_METRIC_VALUE_TYPE_RELATIVE\"";
const std::string range = R"("timeRange":{"from":"2020-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z"})";
const std::string page = R"("pagination":{"limit":50,"offset":0})";

} // namespace

TEST_CASE("what is not a JSON object to the letter is refused by every call that takes one") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("p");
  const std::string before = ledger.state();
  const std::string good = movement_body("p", "", {{"ngr", "+1"}});
  const std::vector<std::string> bodies{
      "",
      " ",
      "null",
      "[]",
      "\"x\"",
      "7",
      good.substr(0, good.size() - 1),
      good.substr(0, good.size() / 2),
      good + "x",
      good + good,
      "{\"requestId\":\"a\"," + good.substr(1, good.size() - 2) + ",\"requestId\":\"a\"}",
      R"({"metrics":[],)" + good.substr(1),
      R"({"extra":{"a":1,"b":{"c":1,"c":1}},)" + good.substr(1),
      R"({"extra":)" + std::string(33, '[') + std::string(33, ']') + "," + good.substr(1),
      std::string(500'000, '['),
      "{\"extra\":\"\xff\"," + good.substr(1),
      "{\"extra\":\"\xed\xa0\x80\"," + good.substr(1),
      "{\"extra\":\"\\ud800\"," + good.substr(1),
      "{\"extra\":\"a\nb\"," + good.substr(1),
      std::string("{\"extra\":\"\0\",", 14) + good.substr(1),
      std::string("\0", 1) + good,
      "{extra:1," + good.substr(1),
      "{'extra':1," + good.substr(1),
      "{\"extra\":NaN," + good.substr(1),
      "{\"extra\":01," + good.substr(1),
      "{\"extra\":.5," + good.substr(1),
      "/**/" + good,
      "\xef\xbb\xbf" + good,
  };
  for (const std::string& path : {register_path, record_path, batch_path, movements_path, players_path})
    for (const std::string& body : bodies) {
      INFO(path << " " << body.substr(0, 120));
      check_field_error(api.post(path, body), "body");
    }
  CHECK(ledger.state() == before);
}

TEST_CASE("numbers have one form") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("p");
  const std::string integer = "invalid integer metric value";
  const std::string decimal = "invalid decimal metric value";
  const std::string out_of_range = "metric value out of range";
  struct row {
    std::string value;
    std::string of_integer;
    std::string of_decimal;
  };
  const std::string before = ledger.state();
  for (const auto& [value, of_integer, of_decimal] : std::vector<row>{
           {"1e3", integer, decimal},
           {"1E3", integer, decimal},
           {"+1", integer, decimal},
           {".5", integer, decimal},
           {"1.", integer, decimal},
           {"-", integer, decimal},
           {"--1", integer, decimal},
           {"-.5", integer, decimal},
           {"01", integer, decimal},
           {"00", integer, decimal},
           {"1.2.3", integer, decimal},
           {"1,5", integer, decimal},
           {"1_000", integer, decimal},
           {"0x1", integer, decimal},
           {"NaN", integer, decimal},
           {"Infinity", integer, decimal},
           {"-inf", integer, decimal},
           {"\xef\xbc\x91", integer, decimal}, // a full-width digit one
           {"\xd9\xa1", integer, decimal},     // an Arabic-Indic digit one
           {"\xe2\x88\x92"
            "1",
            integer, decimal}, // a minus sign that is not a hyphen
           {"", integer, decimal},
           {" 1", integer, decimal},
           {"1 ", integer, decimal},
           {"1\\n", integer, decimal},
           {"1\\u0000", integer, decimal},
           {"null", integer, decimal},
           {"1.123456789", integer, decimal},
           {"0.000000000", integer, decimal},
           {"1234567890123456789012345678901234567890", out_of_range, decimal},
           {"-1234567890123456789012345678901234567890", out_of_range, decimal},
           {std::string(100'000, '9'), out_of_range, decimal},
           {"1000000000000000000", "", decimal},
           {"9223372036854775808", out_of_range, decimal},
           {"-9223372036854775809", out_of_range, decimal},
           {"5.0", integer, ""},
       }) {
    const auto refused = [&](const std::string& code, const std::string& message) {
      if (message.empty()) return;
      INFO(code << " " << value.substr(0, 60));
      const auto answer =
          api.post(record_path, R"({"externalClientId":"p","revenueOriginId":)" + brand + R"(,"metrics":[{"code":")" +
                                    code + R"(","valueType":)" + relative + R"(,"value":")" + value + "\"}]}");
      CHECK(answer.status == 400);
      CHECK(answer.at("code") == "3");
      CHECK(answer.at("message") == message);
    };
    refused("bets", of_integer);
    refused("ngr", of_decimal);
  }
  CHECK(ledger.state() == before);

  SECTION("negative zero is zero, and its text is kept") {
    const auto row = api.record("p", "", {{"ngr", "+-0"}, {"bets", "+-0"}}, {{"Prefer", "return=representation"}});
    CHECK(row.status == 200);
    CHECK(row.at("decimalMetrics.0.value") == "-0");
    CHECK(row.at("decimalMetrics.0.balanceAfter") == "0");
    CHECK(row.at("integerMetrics.0.value") == "0");
  }
  SECTION("the greatest values are taken, one more refuses the whole call") {
    const auto full =
        api.record("p", "", {{"wagered", "=999999999999999999.99999999"}, {"bets", "=9223372036854775807"}},
                   {{"Prefer", "return=representation"}});
    CHECK(full.at("decimalMetrics.0.balanceAfter") == "999999999999999999.99999999");
    CHECK(full.at("integerMetrics.0.balanceAfter") == "9223372036854775807");
    const std::string at_the_edge = ledger.state();
    CHECK(api.record("p", "", {{"won", "+1"}, {"wagered", "+0.00000001"}}).at("message") == out_of_range);
    CHECK(api.record("p", "", {{"won", "+1"}, {"bets", "+1"}}).at("message") == out_of_range);
    CHECK(ledger.state() == at_the_edge);
  }
}

TEST_CASE("checks come in their order") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("p");
  REQUIRE(api.record("p", "known", {{"ngr", "+1"}}).status == 200);
  const std::string before = ledger.state();
  const auto message = [](const reply& answer) { return answer.at("message"); };
  // Everything that can be wrong with a call is wrong, one thing less each time.
  CHECK(message(api.post(record_path,
                         R"({"externalClientId":"","revenueOriginId":"x","requestId":"known","metrics":[]})")) ==
        "externalClientId: must have 1-255 characters");
  CHECK(message(api.record("nobody", "known", {{"no-such", "+1"}, {"bets", "+x"}})) == "client not found");
  CHECK(message(api.record("p", "known", {{"no-such", "+1"}, {"bets", "+x"}})) == "duplicate metric movement request");
  CHECK(message(api.record("p", "new", {{"bets", "+x"}, {"no-such", "+1"}})) == "metric not found");
  CHECK(message(api.record("p", "new", {{"wagered", "+999999999999999999"}, {"bets", "+x"}})) ==
        "invalid integer metric value");
  CHECK(message(api.record("p", "new", {{"bets", "+9223372036854775808"}, {"ngr", "+y"}})) ==
        "invalid decimal metric value");
  CHECK(message(api.record("p", "new", {{"bets", "+9223372036854775808"}, {"ngr", "+1"}})) ==
        "metric value out of range");
  CHECK(ledger.state() == before);
  // A refused call has not used up its request id.
  CHECK(api.record("p", "new", {{"ngr", "+1"}}).status == 200);
  CHECK(message(api.record("p", "new", {{"ngr", "+1"}})) == "duplicate metric movement request");
}

TEST_CASE("keys: none, wrong, expired, too weak, of another brand") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("p");
  const std::string before = ledger.state();
  const std::string movement = movement_body("p", "", {{"ngr", "+1"}});
  const std::string everything = "{" + page + ",\"filters\":{" + range + "}}";
  struct call {
    std::string method;
    std::string path;
    std::string body;
    std::string weak_key;
  };
  const std::string reader(reader_key);
  const std::string writer(writer_key);
  for (const auto& [method, path, body, weak_key] : std::vector<call>{
           {"POST", register_path, "{}", reader},
           {"POST", record_path, movement, reader},
           {"POST", batch_path, "{\"movements\":[" + movement + "]}", reader},
           {"POST", movements_path, everything, writer},
           {"POST", players_path, everything, writer},
           {"GET", "/api/node/clients/v1/metrics", "", writer},
           {"GET", "/api/node/clients/v1/balances?externalId=p&revenueOriginId=" + std::string(demo_brand), "", writer},
           {"GET", "/api/node/billing/v1/open-balances", "", writer}}) {
    INFO(path);
    const std::string type = body.empty() ? "" : "application/json";
    for (const std::string key : {"", "x", "rv_test_key_for_the_expired"}) {
      api_client stranger(ledger, key);
      const auto answer = stranger.send(method, path, body, type);
      CHECK(answer.status == 401);
      CHECK(answer.body == R"({"code":16,"message":"unauthenticated","details":[]})");
    }
    api_client weak(ledger, weak_key);
    const auto answer = weak.send(method, path, body, type);
    CHECK(answer.status == 403);
    CHECK(answer.body == R"({"code":7,"message":"permission denied","details":[]})");
    api_client bearer(ledger, "");
    CHECK(bearer.send(method, path, body, type, {{"Authorization", "Bearer x"}}).status == 401);
  }
  CHECK(ledger.state() == before);

  api_client bearer(ledger, "");
  CHECK(bearer.get("/api/node/clients/v1/metrics", {{"Authorization", "Bearer " + reader}}).status == 200);

  api_client other(ledger, second_brand_key);
  const std::string cid = api.click(deposits_link);
  CHECK(other.post(register_path, R"({"externalId":"q","revenueOriginId":)" + brand + R"(,"cid":")" + cid + "\"}")
            .at("message") == "revenue origin not exists");
  CHECK(other.post(record_path, movement).at("message") == "client not found");
  CHECK(other.post(batch_path, "{\"movements\":[" + movement + "]}").at("results.0.error.message") ==
        "client not found");
  CHECK(other.get("/api/node/clients/v1/balances?externalId=p&revenueOriginId=" + std::string(demo_brand))
            .at("message") == "client not found");
  CHECK(other.post(movements_path, everything).at("rows") == "[0]");
  CHECK(other.post(players_path, everything).at("rows") == "[0]");
  const std::string id = api.post(players_path, everything).at("rows.0.client.id");
  CHECK(api.get("/api/node/clients/v1/balances?clientId=" + id).status == 200);
  CHECK(other.get("/api/node/clients/v1/balances?clientId=" + id).at("message") == "client not found");
}

TEST_CASE("types, sizes and methods") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("p");
  const std::string before = ledger.state();
  const std::string movement = movement_body("p", "", {{"ngr", "+1"}});
  for (const std::string type :
       {"", "text/plain", "application/x-www-form-urlencoded", "application/x-ndjson", "application/jsonx", "json"}) {
    INFO(type);
    const auto answer = api.send("POST", record_path, movement, type);
    CHECK(answer.status == 415);
    CHECK(answer.at("message") == "unsupported media type");
  }
  CHECK(api.send("POST", batch_path, movement, "text/plain").status == 415);
  const auto padded = [&](std::size_t bytes) {
    return R"({"pad":")" + std::string(bytes - movement.size() - 9, 'x') + "\"," + movement.substr(1);
  };
  REQUIRE(padded(1 << 20).size() == 1 << 20);
  const auto too_large = api.post(record_path, padded((1 << 20) + 1));
  CHECK(too_large.status == 413);
  CHECK(too_large.at("message") == "request body too large");
  api_client again(ledger);
  CHECK(again.post(batch_path, std::string((8 << 20) + 1, ' ')).status == 413);
  api_client gzipped(ledger);
  const auto bad_gzip = gzipped.post(record_path, movement, {{"Content-Encoding", "gzip"}});
  CHECK(bad_gzip.status == 400);
  CHECK(bad_gzip.at("code") == "3");
  api_client third(ledger);
  CHECK(third.post(record_path, movement, {{"Content-Encoding", "br"}}).status == 415);
  for (const std::string method : {"GET", "PUT", "DELETE", "PATCH"}) {
    api_client fresh(ledger);
    const auto answer = fresh.send(method, record_path, "", "");
    CHECK(answer.status == 405);
    CHECK(answer.header("Allow").find("POST") != std::string::npos);
    CHECK(answer.at("message") == "method not allowed");
  }
  CHECK(api_client(ledger).send("POST", "/api/node/clients/v1/metrics", "{}", "application/json").status == 405);
  CHECK(api_client(ledger).get("/api/node/clients/v1/nothing").status == 404);
  CHECK(ledger.state() == before);
  // The largest body that may come in does, and comes out again byte for byte.
  api_client last(ledger);
  const std::string largest = padded(1 << 20);
  REQUIRE(last.post(record_path, largest).status == 200);
  CHECK(last.post(movements_path, "{" + page + ",\"filters\":{" + range + "}}").at("rows.0.requestData") == largest);
}

TEST_CASE("queries are checked too") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("p");
  const std::string balances = "/api/node/clients/v1/balances?";
  const std::string named = "externalId=p&revenueOriginId=" + std::string(demo_brand);
  REQUIRE(api.get(balances + named).status == 200);
  struct row {
    std::string path;
    std::string field;
  };
  for (const auto& [path, field] : std::vector<row>{
           {balances, "externalId: is required"},
           {balances + "externalId=p", "revenueOriginId: is required"},
           {balances + "externalId=&revenueOriginId=" + std::string(demo_brand), "externalId: must have"},
           {balances + "externalId=" + std::string(256, 'x') + "&revenueOriginId=" + std::string(demo_brand),
            "externalId: must have"},
           {balances + "externalId=%00&revenueOriginId=" + std::string(demo_brand), "externalId: must not contain NUL"},
           {balances + "externalId=%ff&revenueOriginId=" + std::string(demo_brand), "externalId: must be UTF-8"},
           {balances + "externalId=p&revenueOriginId=x", "revenueOriginId: must be a UUID"},
           {balances + "clientId=x", "clientId: must be a UUID"},
           {balances + "clientId=" + std::string(demo_brand) + "&" + named, "clientId: takes the place"},
           {balances + named + "&at=yesterday", "at: must be"},
           {balances + named + "&at=", "at: must be"},
           {balances + named + "&atSequence=-1", "atSequence: must be"},
           {balances + named + "&atSequence=1.0", "atSequence: must be"},
           {balances + named + "&atSequence=99999999999999999999999", "atSequence: must be"},
           {balances + named + "&atSequence=1000000", "atSequence: must be"},
           {balances + named + "&atSequence=1&at=2026-01-01T00:00:00Z", "atSequence: takes the place"},
           {"/api/node/clients/v1/metrics?archived=maybe", "archived: must be"},
           {"/api/node/billing/v1/open-balances?affiliateId=x", "affiliateId: must be a UUID"},
           {"/api/node/billing/v1/open-balances?limit=0", "limit: must be"},
           {"/api/node/billing/v1/open-balances?limit=501", "limit: must be"},
           {"/api/node/billing/v1/open-balances?limit=x", "limit: must be"},
           {"/api/node/billing/v1/open-balances?offset=-1", "offset: must be"},
       }) {
    INFO(path.substr(0, 150));
    check_field_error(api.get(path), field);
  }
  CHECK(api.get(balances + "externalId=q&revenueOriginId=" + std::string(demo_brand)).at("message") ==
        "client not found");
  CHECK(api.get(balances + "externalId=p&revenueOriginId=" + std::string(second_brand)).at("message") ==
        "client not found");
  CHECK(api.get(balances + "clientId=" + std::string(demo_brand)).at("message") == "client not found");
  CHECK(api.post(batch_path + "?results=some", "{\"movements\":[{}]}").at("message") == "results: must be all");
}
