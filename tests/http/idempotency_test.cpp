#include "http/original.hpp"
#include "http/trackdesk/idempotency.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace croupier::http;
using namespace croupier::http::trackdesk;

TEST_CASE("an Idempotency-Key is a structured-field string or bare") {
  const auto key = [](std::string_view header) {
    const auto read = read_idempotency_key(header);
    return read ? "=" + *read : read.error().message;
  };
  const std::string form = "Idempotency-Key: must be a string of visible ASCII, in quotes or bare";
  const std::string length = "Idempotency-Key: must have 1-100 characters";
  CHECK(key("") == "=");
  CHECK(key("  ") == "=");
  CHECK(key("deposit-1") == "=deposit-1");
  CHECK(key(" \"deposit 1\" ") == "=deposit 1");
  CHECK(key(R"("a\"b\\c")") == "=a\"b\\c");
  CHECK(key("\"\"") == length);
  CHECK(key("\"") == form);
  CHECK(key("\"a") == form);
  CHECK(key("\"a\"b\"") == form);
  CHECK(key(R"("a\b")") == form);
  CHECK(key(R"("a\")") == form);
  CHECK(key("a\"b") == form);
  CHECK(key("a b") == form);
  CHECK(key("\"a\tb\"") == form);
  CHECK(key("caf\xc3\xa9") == form);
  CHECK(key(std::string(100, 'k')) == "=" + std::string(100, 'k'));
  CHECK(key(std::string(101, 'k')) == length);
}

TEST_CASE("a preference for the stored row is recognised") {
  for (const auto* yes :
       {"return=representation", "Return=Representation", " return = representation ", "return=\"representation\"",
        "respond-async, return=representation; x=1", "wait=5,return=representation"})
    CHECK(prefers_representation(yes));
  for (const auto* no : {"", "return=minimal", "representation", "return", "return=minimal, return=representation",
                         "xreturn=representation", "return=representations", ",,"})
    CHECK_FALSE(prefers_representation(no));
}

TEST_CASE("a repetition is compared in meaning, without its request id") {
  using paths = std::vector<std::string>;
  const auto differ = [](std::string_view a, std::string_view b) { return payload_differences(a, b, 2); };
  CHECK(differ(R"({"a":1,"requestId":"x"})", R"({"a":1,"requestId":"x"})").empty());
  CHECK(differ(R"({"a":1,"requestId":"x"})", R"({ "requestId" : "x", "a" : 1 })").empty());
  CHECK(differ(R"({"a":1,"requestId":"x"})", R"({"a":1})").empty());
  CHECK(differ(R"({"m":[{"value":"1"}]})", R"({"m":[{"value":"2"}]})") == paths{"m[0].value"});
  CHECK(differ(R"({"a":1,"b":1,"c":1,"requestId":"x"})", R"({"a":2,"b":2,"c":2,"requestId":"y"})") == paths{"a", "b"});
  CHECK(differ("not JSON", R"({"a":1})") == paths{"body"});
}

TEST_CASE("errors have the vendor's form") {
  using croupier::rejection;
  CHECK(to_json(describe(rejection::player_unknown)) == R"({"code":5,"message":"client not found","details":[]})");
  CHECK(to_json(describe(rejection::request_duplicate)) ==
        R"({"code":6,"message":"duplicate metric movement request","details":[]})");
  struct row {
    rejection why;
    int status;
    int code;
    std::string message;
  };
  for (const auto& [why, status, code, message] :
       std::vector<row>{{rejection::brand_unknown, 404, 5, "revenue origin not exists"},
                        {rejection::click_unknown, 404, 5, "conversion source not exists"},
                        {rejection::player_unknown, 404, 5, "client not found"},
                        {rejection::player_duplicate, 409, 6, "duplicate client"},
                        {rejection::request_duplicate, 409, 6, "duplicate metric movement request"},
                        {rejection::metric_unknown, 404, 5, "metric not found"},
                        {rejection::integer_value_invalid, 400, 3, "invalid integer metric value"},
                        {rejection::decimal_value_invalid, 400, 3, "invalid decimal metric value"},
                        {rejection::value_out_of_range, 400, 3, "metric value out of range"}}) {
    const auto error = describe(why);
    CHECK(error.status == status);
    CHECK(static_cast<int>(error.code) == code);
    CHECK(error.message == message);
  }
  using croupier::actors::failure;
  for (const auto why : {failure::overloaded, failure::journal_unavailable, failure::stopping}) {
    const auto answer = to_response(describe(why));
    CHECK(answer.status == 503);
    REQUIRE(answer.headers.size() == 1);
    CHECK(answer.headers[0] == std::pair<std::string, std::string>{"Retry-After", "1"});
    CHECK(answer.body.find("\"code\":14") != std::string::npos);
  }
  CHECK(describe(failure::deadline_passed).status == 504);
  CHECK(static_cast<int>(describe(failure::deadline_passed).code) == 4);
  CHECK(key_reused({"metrics[0].value", "extra"}).message ==
        "Idempotency-Key reused with a different payload: metrics[0].value, extra");
  CHECK(duplicate_details("id", "time", true) == R"([{"movementId":"id","createdAt":"time","payloadMismatch":true}])");
}
