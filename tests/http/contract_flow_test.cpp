#include "contract_parts.hpp"
#include "support/test_ledger.hpp"

#include <string>

using namespace croupier::test;

TEST_CASE("the vendor's end-to-end flow gives the vendor's answers") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);

  const auto metrics = api.get("/api/node/clients/v1/metrics");
  CHECK(metrics.status == 200);
  CHECK(metrics.at("integerMetrics.0.id") == "7e2c1a4b-9f3d-4b2e-8a11-b6c2e0a9f4d6");
  CHECK(metrics.at("integerMetrics.0.name") == "Total bets");
  CHECK(metrics.at("integerMetrics.0.code") == "bets");
  CHECK(metrics.at("integerMetrics.0.monetary") == "false");
  CHECK(metrics.at("integerMetrics.0.visible") == "true");
  CHECK(metrics.at("decimalMetrics.0.id") == "1a7c5e2f-3b4d-49a8-bcd1-72e0a9f4d6c8");
  CHECK(metrics.at("decimalMetrics.0.code") == "deposits-total");
  CHECK(metrics.at("decimalMetrics.0.monetary") == "true");

  const std::string cid = api.click(deposits_link);
  const std::string registration = R"({
"externalId": "player-42",
"revenueOriginId": "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11",
"cid": ")" + cid + "\"\n}";
  const auto registered = api.post(register_path, registration);
  CHECK(registered.status == 200);
  CHECK(registered.body == "{}");
  CHECK(registered.header("Content-Type") == "application/json");

  const std::string movement = R"({
"externalClientId": "player-42",
"revenueOriginId": "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11",
"requestId": "deposit-2026-05-28-001",
"metrics": [
{
"code": "deposits-total",
"valueType": "CLIENT_METRIC_VALUE_TYPE_RELATIVE",
"value": "250.00"
},
{
"code": "ngr",
"valueType": "CLIENT_METRIC_VALUE_TYPE_ABSOLUTE",
"value": "1875.50"
}
]
})";
  const auto recorded = api.post(record_path, movement);
  CHECK(recorded.status == 200);
  CHECK(recorded.body == "{}");

  const std::string list = R"({"pagination": { "limit": 50, "offset": 0 },
"filters": {"timeRange": {"from": "2020-05-01T00:00:00Z", "to": "2100-05-28T23:59:59Z"},
"clientExternalIds": ["player-42"]}})";
  const auto rows = api.post(movements_path, list);
  CHECK(rows.status == 200);
  CHECK(rows.at("rows") == "[1]");
  CHECK(rows.at("rows.0.client.externalId") == "player-42");
  CHECK(rows.at("rows.0.client.revenueOriginId") == demo_brand);
  CHECK(rows.at("rows.0.integerMetrics") == "[0]");
  CHECK(rows.at("rows.0.decimalMetrics") == "[2]");
  CHECK(rows.at("rows.0.decimalMetrics.0.code") == "deposits-total");
  CHECK(rows.at("rows.0.decimalMetrics.0.value") == "250.00");
  CHECK(rows.at("rows.0.decimalMetrics.1.value") == "1875.50");
  CHECK(rows.at("rows.0.decimalMetrics.1.delta") == "1875.50");
  CHECK(rows.at("rows.0.requestData") == movement);
  CHECK(rows.at("rows.0.requestId") == "deposit-2026-05-28-001");
  CHECK(rows.at("rows.0.totalRevshare") == "12.50");
  CHECK(rows.at("rows.0.accountSettlementId") == "absent");
  CHECK(rows.at("rows.0.createdAt").back() == 'Z');
  CHECK(rows.at("pagination.totalCount") == "1");
  CHECK(rows.at("pagination.hasMore") == "false");
  CHECK(rows.at("pagination.nextCursor") == "absent");

  SECTION("the vendor's errors, word for word") {
    const auto error = [&](const reply& answer, int status, const std::string& code, const std::string& message) {
      INFO(answer.body);
      CHECK(answer.status == status);
      CHECK(answer.at("code") == code);
      CHECK(answer.at("message") == message);
      CHECK(answer.at("details").front() == '[');
      CHECK(answer.header("Content-Type") == "application/json");
    };
    error(api.post(register_path, registration), 409, "6", "duplicate client");
    error(
        api.post(register_path,
                 R"({"externalId":"p","revenueOriginId":"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c99","cid":")" + cid + "\"}"),
        404, "5", "revenue origin not exists");
    error(api.post(register_path, R"({"externalId":"p","revenueOriginId":"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11",)"
                                  R"("cid":"b1f3c5a7-9d2e-4a8b-bc11-7c2e0a9f4d6e"})"),
          404, "5", "conversion source not exists");
    error(api.record("nobody", "", {{"ngr", "+1"}}), 404, "5", "client not found");
    error(api.record("player-42", "", {{"no-such", "+1"}}), 404, "5", "metric not found");
    error(api.record("player-42", "", {{"retired", "+1"}}), 404, "5", "metric not found");
    error(api.record("player-42", "", {{"bets", "+1.5"}}), 400, "3", "invalid integer metric value");
    error(api.post(record_path, movement), 409, "6", "duplicate metric movement request");
  }
  SECTION("one click may bring several players, and a player's name belongs to its brand") {
    CHECK(api.post(register_path,
                   R"({"externalId":"player-43","revenueOriginId":"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11","cid":")" +
                       cid + "\"}")
              .status == 200);
    CHECK(api.post(register_path,
                   R"({"externalId":"player-42","revenueOriginId":"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c12","cid":")" +
                       cid + "\"}")
              .status == 200);
  }
  SECTION("everything is there after a restart") {
    const std::string before = ledger.state();
    ledger.restart();
    api_client again(ledger);
    CHECK(ledger.state() == before);
    CHECK(again.post(movements_path, list).body == rows.body);
    CHECK(again.post(record_path, movement).status == 409);
  }
}

TEST_CASE("a write answers what was stored when the client prefers it") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const header_list prefer{{"Prefer", "return=representation"}};

  const std::string cid = api.click(ngr_link);
  const auto player = api.post(
      register_path,
      R"({"externalId":"p","revenueOriginId":"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11","cid":")" + cid + "\"}", prefer);
  CHECK(player.status == 200);
  CHECK(player.header("Preference-Applied") == "return=representation");
  CHECK(player.at("client.externalId") == "p");
  CHECK(player.at("cid") == cid);
  CHECK(player.at("affiliateId") == demo_affiliate);
  CHECK(player.at("revshare.total") == "0");

  const auto first = api.record("p", "a", {{"bets", "+3"}, {"ngr", "+10"}}, prefer);
  CHECK(first.status == 200);
  CHECK(first.header("Preference-Applied") == "return=representation");
  CHECK(first.at("requestId") == "a");
  CHECK(first.at("totalRevshare") == "2.50");
  CHECK(first.at("integerMetrics.0.value") == "3");
  CHECK(first.at("integerMetrics.0.delta") == "3");
  CHECK(first.at("integerMetrics.0.balanceAfter") == "3");
  const auto second = api.record("p", "", {{"bets", "=1"}, {"ngr", "=4.00"}}, prefer);
  CHECK(second.at("requestId") == "absent");
  CHECK(second.at("integerMetrics.0.delta") == "-2");
  CHECK(second.at("decimalMetrics.0.valueType") == "CLIENT_METRIC_VALUE_TYPE_ABSOLUTE");
  CHECK(second.at("decimalMetrics.0.value") == "4.00");
  CHECK(second.at("decimalMetrics.0.delta") == "-6.00");
  CHECK(second.at("decimalMetrics.0.balanceAfter") == "4.00");
  CHECK(second.at("totalRevshare") == "-1.50");

  const auto listed = api.post(movements_path, R"({"pagination":{"limit":2,"offset":0},"filters":{"timeRange":)"
                                               R"({"from":"2020-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z"}}})");
  CHECK(listed.body.find(first.body) != std::string::npos);
  CHECK(listed.body.find(second.body) < listed.body.find(first.body));
}
