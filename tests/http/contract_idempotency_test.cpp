#include "contract_parts.hpp"
#include "support/test_ledger.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace croupier::test;

namespace {

std::string ngr_of(api_client& api, const std::string& external_id) {
  const auto answer = api.get("/api/node/clients/v1/balances?externalId=" + external_id +
                              "&revenueOriginId=" + std::string(demo_brand));
  for (int i = 0; i < 10; ++i)
    if (answer.at("decimalMetrics." + std::to_string(i) + ".code") == "ngr")
      return answer.at("decimalMetrics." + std::to_string(i) + ".value");
  return "not listed";
}

} // namespace

TEST_CASE("a repeated request id is refused for ever, and says whether it asked for the same") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("p");
  api.register_player("q");
  const auto original = api.record("p", "a", {{"ngr", "+1"}}, {{"Prefer", "return=representation"}});
  REQUIRE(original.status == 200);
  const std::string before = ledger.state();
  const auto check = [&](const reply& answer, const std::string& mismatch) {
    CHECK(answer.status == 409);
    CHECK(answer.at("code") == "6");
    CHECK(answer.at("message") == "duplicate metric movement request");
    CHECK(answer.at("details") == "[1]");
    CHECK(answer.at("details.0.movementId") == original.at("id"));
    CHECK(answer.at("details.0.createdAt") == original.at("createdAt"));
    CHECK(answer.at("details.0.payloadMismatch") == mismatch);
  };
  check(api.record("p", "a", {{"ngr", "+1"}}), "false");
  check(api.record("p", "a", {{"ngr", "+2"}}), "true");
  check(api.record("p", "a", {{"ngr", "+1.0"}}), "true");
  check(api.record("p", "a", {{"no-such", "+x"}}), "true");
  check(api.post(record_path, R"( { "requestId":"\u0061", "metrics" : [ {"value":"1","code":"ngr",)"
                              R"("valueType":"CLIENT_METRIC_VALUE_TYPE_RELATIVE"} ],)"
                              R"("revenueOriginId":"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11","externalClientId":"p"})"),
        "false");
  CHECK(ledger.state() == before);
  ledger.restart();
  api_client again(ledger);
  check(again.record("p", "a", {{"ngr", "+1"}}), "false");
  // The same id of another player is another call; without an id every call is a new one.
  CHECK(again.record("q", "a", {{"ngr", "+1"}}).status == 200);
  CHECK(again.record("p", "", {{"ngr", "+1"}}).status == 200);
  CHECK(again.record("p", "", {{"ngr", "+1"}}).status == 200);
  CHECK(ngr_of(again, "p") == "3.00");
  CHECK(ngr_of(again, "q") == "1.00");
}

TEST_CASE("an Idempotency-Key asks for the first answer again") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("p");
  const header_list key{{"Idempotency-Key", "\"key 1\""}};
  const header_list key_and_prefer{{"Idempotency-Key", "\"key 1\""}, {"Prefer", "return=representation"}};

  const auto first = api.record("p", "", {{"ngr", "+5"}}, key_and_prefer);
  CHECK(first.status == 200);
  CHECK(first.at("requestId") == "key 1");
  CHECK(first.header("Idempotency-Replayed").empty());
  REQUIRE(api.record("p", "later", {{"ngr", "+7"}}).status == 200);
  const std::string before = ledger.state();

  const auto retry = api.record("p", "", {{"ngr", "+5"}}, key_and_prefer);
  CHECK(retry.status == 200);
  CHECK(retry.header("Idempotency-Replayed") == "true");
  CHECK(retry.header("Preference-Applied") == "return=representation");
  CHECK(retry.body == first.body);
  const auto bare = api.record("p", "", {{"ngr", "+5"}}, key);
  CHECK(bare.status == 200);
  CHECK(bare.body == "{}");
  CHECK(bare.header("Idempotency-Replayed") == "true");

  const auto other = api.record("p", "", {{"ngr", "=6"}}, key);
  CHECK(other.status == 422);
  CHECK(other.at("code") == "3");
  CHECK(other.at("message") ==
        "Idempotency-Key reused with a different payload: metrics[0].value, metrics[0].valueType");
  CHECK(api.record("p", "", {{"ngr", "+5"}, {"bets", "+1"}}, key).at("message") ==
        "Idempotency-Key reused with a different payload: metrics");

  // The key and the body's request id are one name space.
  const auto by_body = api.record("p", "key 1", {{"ngr", "+5"}});
  CHECK(by_body.status == 409);
  CHECK(by_body.at("details.0.payloadMismatch") == "false");
  CHECK(api.record("p", "key 1", {{"ngr", "+5"}}, key).header("Idempotency-Replayed") == "true");
  CHECK(api.record("p", "another", {{"ngr", "+5"}}, key).at("message") == "Idempotency-Key: differs from requestId");
  CHECK(api.record("p", "", {{"ngr", "+5"}}, {{"Idempotency-Key", "\"open"}}).status == 400);
  CHECK(api.record("p", "", {{"ngr", "+5"}}, {{"Idempotency-Key", std::string(101, 'k')}}).status == 400);
  CHECK(ledger.state() == before);

  // A refused call does not use up its key.
  const header_list fresh{{"Idempotency-Key", "fresh"}};
  CHECK(api.record("p", "", {{"ngr", "+x"}}, fresh).status == 400);
  const auto taken = api.record("p", "", {{"ngr", "+1"}}, fresh);
  CHECK(taken.status == 200);
  CHECK(taken.header("Idempotency-Replayed").empty());

  ledger.restart();
  api_client again(ledger);
  CHECK(again.record("p", "", {{"ngr", "+5"}}, key_and_prefer).body == first.body);
  CHECK(ngr_of(again, "p") == "13.00");
}

TEST_CASE("the same request id from many connections at once is applied once") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("p");
  constexpr int callers = 16;
  constexpr int rounds = 20;
  std::atomic<int> accepted{0};
  std::atomic<int> duplicates{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < callers; ++i)
    threads.emplace_back([&ledger, &accepted, &duplicates] {
      api_client mine(ledger);
      for (int round = 0; round < rounds; ++round) {
        const int status = mine.record("p", "r" + std::to_string(round), {{"ngr", "+1"}}).status;
        accepted += status == 200;
        duplicates += status == 409;
      }
    });
  for (auto& each : threads) each.join();
  CHECK(accepted == rounds);
  CHECK(duplicates == rounds * (callers - 1));
  CHECK(ngr_of(api, "p") == "20.00");
}
