#include "event_parts.hpp"
#include "support/test_ledger.hpp"

#include <string>
#include <vector>

using namespace croupier;
using namespace croupier::test;

namespace {

const std::string wynta_good = R"("user_id":"p","event_name":"login","timestamp":"2026-05-18T14:38:00Z")";

std::string wynta_batch(const std::string& events) {
  return "{\"events\":[" + events + "]}";
}

} // namespace

TEST_CASE("a poisoned event harms no other") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const std::vector<std::string> poisons{
      "null",
      "true",
      "7",
      "\"x\"",
      "[]",
      "{}",
      "[[[[]]]]",
      "{\"\":{}}",
      R"({"user_id":{},"event_type":[]})",
      R"({"user_id":"p","event_name":"deposit_success","timestamp":"2026-05-18T14:38:00Z","properties":{"amount":1e308}})",
      R"({"user_id":"p","event_name":"deposit_success","timestamp":"2026-05-18T14:38:00Z","properties":{"amount":-0}})",
      revvvs_event("deposit", "p", "z", R"(,"amount":1e-40)"),
      revvvs_event("deposit", "p", "z", R"(,"amount":123456789012345678901234567890)")};
  int n = 0;
  for (const auto& poison : poisons) {
    INFO(poison);
    const auto id = std::to_string(n++);
    const auto wynta = api.post(track_path, wynta_batch("{" + wynta_good + R"(,"event_id":"a)" + id + "\"}," + poison +
                                                        ",{" + wynta_good + R"(,"event_id":"b)" + id + "\"}"));
    CHECK(wynta.status == 202);
    CHECK(std::stoi(wynta.at("accepted")) >= 2);
    const auto revvvs = api.post(revvvs_path, revvvs_batch(revvvs_event("login", "p", "a" + id) + "," + poison + "," +
                                                           revvvs_event("login", "p", "b" + id)));
    CHECK(revvvs.status == 202);
    CHECK(revvvs.at("summary.accepted") == "2");
    CHECK(revvvs.at("results.2.status") == "accepted");
  }
}

TEST_CASE("500 events, 499 of them wrong, are answered precisely") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  std::string events;
  for (int i = 0; i < 500; ++i) {
    if (i > 0) events += ',';
    events += i == 317 ? "{" + wynta_good + "}" : R"({"user_id":"p","event_id":")" + std::to_string(i) + "\"}";
  }
  const auto answer = api.post(track_path, wynta_batch(events));
  CHECK(answer.status == 202);
  CHECK(answer.at("accepted") == "1");
  CHECK(answer.at("rejected") == "499");
  CHECK(answer.at("errors") == "[499]");
  CHECK(answer.at("errors.316.index") == "316");
  CHECK(answer.at("errors.317.index") == "318");
  CHECK(answer.at("errors.317.event_id") == "318");
  CHECK(answer.at("errors.317.code") == "MISSING_FIELD");
  CHECK(movements(api).at("rows") == "[1]");
}

TEST_CASE("what is not JSON, or too deep or too large, is refused as a whole and changes nothing") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const auto before = ledger.state();
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  const auto wynta = [](const std::string& properties) {
    return wynta_batch("{" + wynta_good + ",\"properties\":{\"a\":" + properties + "}}");
  };
  const auto revvvs = [](const std::string& metadata) {
    return revvvs_event("login", "p", "k", ",\"metadata\":{\"a\":" + metadata + "}");
  };
  for (const auto& value : {nested(10'000), nested(33), std::string(10'000, '['), std::string("\"\xff\""),
                            std::string("\"\\ud800\""), std::string("{\"b\":1,\"b\":2}"), std::string("01"),
                            std::string("NaN"), std::string("\"\n\""), std::string()}) {
    INFO(value.substr(0, 60));
    CHECK(api.post(track_path, wynta(value)).status == 422);
    CHECK(api.post(track_path, wynta(value)).at("detail.0.type") == "json_invalid");
    CHECK(api.post(identify_path, wynta(value)).status == 422);
    CHECK(api.post(revvvs_path, revvvs(value)).status == 400);
    CHECK(api.post(revvvs_path, revvvs(value)).at("error.code") == "VALIDATION_ERROR");
  }
  const std::string large = "\"" + std::string(1 << 20, 'a') + "\"";
  CHECK(api.post(track_path, wynta(large)).status == 413);
  CHECK(api.post(track_path, wynta(large)).at("code") == "payload_too_large");
  CHECK(api.post(revvvs_path, revvvs(large)).status == 413);
  CHECK(api.post(revvvs_path, revvvs(large)).at("error.code") == "PAYLOAD_TOO_LARGE");
  CHECK(api.send("POST", track_path, wynta("1"), "text/plain").status == 415);
  CHECK(api.send("POST", revvvs_path, revvvs("1"), "text/xml").at("error.code") == "UNSUPPORTED_MEDIA_TYPE");
  CHECK(api.send("PUT", revvvs_path, "", "").status == 405);
  CHECK(ledger.state() == before);
  SECTION("just below the limits it is kept byte for byte") {
    const std::string text = "\"" + std::string(900'000, 'a') + "\xf0\x9f\x8e\xb0\xd9\x84\xd8\xa7\xd8\xb9\xd8\xa8\"";
    const auto sent = revvvs(text);
    CHECK(api.post(revvvs_path, sent).status == 202);
    CHECK(movements(api).at("rows.0.requestData") == sent);
    CHECK(api.post(track_path, wynta(nested(27))).status == 202);
    CHECK(movements(api).at("rows.0.requestData").find(nested(27)) != std::string::npos);
  }
}

TEST_CASE("names of any script are players of their own, byte for byte") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const std::vector<std::string> names{
      "\xf0\x9f\x8e\xb0\xf0\x9f\x8e\xb2", "\xd9\x84\xd8\xa7\xd8\xb9\xd8\xa8", "e\xcc\x81", "\xc3\xa9", "a b", "A B"};
  for (const auto& name : names)
    CHECK(api.post(revvvs_path, revvvs_event("deposit", name, "k", R"(,"amount":1)")).status == 202);
  const auto rows = movements(api);
  for (std::size_t i = 0; i < names.size(); ++i)
    CHECK(rows.at("rows." + std::to_string(names.size() - 1 - i) + ".client.externalId") == names[i]);
}

TEST_CASE("a balance that would leave its range refuses the event alone") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const std::string most = R"(,"amount":999999999999999999)";
  const auto answer = api.post(revvvs_path, revvvs_batch(revvvs_event("deposit", "p", "a", most) + "," +
                                                         revvvs_event("deposit", "p", "b", most) + "," +
                                                         revvvs_event("deposit", "p", "c", R"(,"amount":-1)")));
  CHECK(answer.status == 202);
  CHECK(answer.at("results.1.status") == "error");
  CHECK(answer.at("results.1.error.code") == "VALIDATION_ERROR");
  CHECK(balance_of(api, "p", "deposits-total") == "999999999999999998.00");
  // What was refused has not used up its key.
  CHECK(api.post(revvvs_path, revvvs_event("deposit", "p", "b", R"(,"amount":1)")).status == 202);
}

TEST_CASE("a trial says what an event would do and does nothing") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger, admin_key);
  const std::string path = "/admin/v1/event-mappings/try";
  const auto before = ledger.state();
  const auto good = api.post(path, R"({"dialect":"revvvs","event":)" +
                                       revvvs_event("deposit", "p", "k", R"(,"amount":12.50,"currency":"EUR")") + "}");
  CHECK(good.status == 200);
  CHECK(good.at("accepted") == "true");
  CHECK(good.at("brandId") == demo_brand);
  CHECK(good.at("player") == "p");
  CHECK(good.at("mappings") == "[2]");
  CHECK(good.at("mappings.0.name") == "Revvvs deposit");
  CHECK(good.at("updates.0.metric") == "deposits-total");
  CHECK(good.at("updates.0.value") == "12.50");
  CHECK(good.at("updates.1.metric") == "deposits-count");
  CHECK(good.at("errors") == "[0]");
  const auto bad = api.post(path, R"({"dialect":"wynta","event":{)" + wynta_good + R"(,"properties":7}})");
  CHECK(bad.at("accepted") == "false");
  CHECK(bad.at("errors.0.code") == "INVALID_TYPE");
  const auto documented = api.post(
      path, R"({"dialect":"wynta","event":{"user_id":"p","event_name":"bet_won","timestamp":"2026-05-18T14:38:00Z"}})");
  CHECK(documented.at("accepted") == "false");
  CHECK(documented.at("errors.0.message") == "properties.win_amount is required");
  CHECK(documented.at("mappings") == "[2]");
  CHECK(documented.at("documented.group") == "Gameplay");
  CHECK(documented.at("documented.properties.0") == "win_amount");
  for (const std::string body : {"", "[]", "{}", R"({"dialect":"trackdesk","event":{}})", R"({"dialect":"wynta"})",
                                 R"({"dialect":"wynta","event":[]})", R"({"dialect":"wynta","event":{},"more":1})"})
    CHECK(api.post(path, body).status == 400);
  CHECK(api_client(ledger).post(path, "{}").status == 403);
  CHECK(ledger.state() == before);
}
