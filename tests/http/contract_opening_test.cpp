/// Opening balances: what players bring along from elsewhere.

#include "programme_parts.hpp"

#include <string>
#include <vector>

using namespace croupier::test;

namespace {

const std::string opening_path = "/tracking/clients/v1/metrics/opening-balances";
const std::string opening_batch = opening_path + "/batch";

reply newest(api_client& api) {
  return api.post(movements_path, R"({"pagination":{"limit":5,"offset":0},"filters":{"timeRange":
    {"from":"2020-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z"}}})");
}

std::string balance(api_client& api, const std::string& player, int decimal) {
  const auto answer =
      api.get("/api/node/clients/v1/balances?revenueOriginId=" + std::string(demo_brand) + "&externalId=" + player);
  return answer.at("decimalMetrics." + std::to_string(decimal) + ".value");
}

std::string first_deposits(api_client& api) {
  return api
      .post("/api/v1/reports/query", R"({"measures":["ftd_count"],"startDate":"2026-01-01",
    "endDate":"2026-12-31"})")
      .at("totals.ftd_count");
}

} // namespace

TEST_CASE("an opening balance is set, marked, and earns nothing; what comes after it earns by its change") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  {
    api_client admin(ledger, admin_key);
    admin.register_player("p");
    const auto body = movement_body("p", "open-1", {{"deposits-total", "=1000"}, {"ngr", "=-250.5"}, {"bets", "=7"}});
    const auto answer = admin.post(opening_path, body, {{"Prefer", "return=representation"}});
    INFO(answer.body);
    CHECK(answer.status == 200);
    CHECK(answer.at("opening") == "true");
    CHECK(answer.at("totalRevshare") == "0");
    CHECK(answer.at("requestData") == body);
    CHECK(money(admin) == "nothing");
    CHECK(first_deposits(admin) == "0");

    REQUIRE(admin.record("p", "r1", {{"deposits-total", "=1100"}}).status == 200);
    CHECK(money(admin) == "open 5.00");
    CHECK(first_deposits(admin) == "0");
    const auto rows = newest(admin);
    CHECK(rows.at("rows.0.opening") == "absent");
    CHECK(rows.at("rows.0.decimalMetrics.0.delta") == "100.00");
    CHECK(rows.at("rows.1.opening") == "true");
    CHECK(rows.at("rows.1.requestId") == "open-1");
  }
  ledger.restart();
  api_client admin(ledger, admin_key);
  CHECK(balance(admin, "p", 0) == "1100.00");
  CHECK(balance(admin, "p", 1) == "-250.50");
  CHECK(money(admin) == "open 5.00");
  CHECK(newest(admin).at("rows.1.opening") == "true");
  CHECK(admin.post(opening_path, movement_body("p", "open-1", {{"deposits-total", "=1000"}})).status == 409);
}

TEST_CASE("a repeated opening balance changes nothing, and is told from a movement under the same request id") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client admin(ledger, admin_key);
  admin.register_player("p");
  const auto body = movement_body("p", "o", {{"ngr", "+10"}});
  REQUIRE(admin.post(opening_path, body).body == "{}");
  const auto once = ledger.state();
  const auto again = admin.post(opening_path, body);
  CHECK(again.status == 409);
  CHECK(again.at("message") == "duplicate metric movement request");
  CHECK(again.at("details.0.payloadMismatch") == "false");
  const auto played = admin.post(record_path, body);
  CHECK(played.status == 409);
  CHECK(played.at("details.0.payloadMismatch") == "true");
  const auto replayed = admin.post(opening_path, movement_body("p", "", {{"ngr", "+10"}}), {{"Idempotency-Key", "o"}});
  CHECK(replayed.status == 200);
  CHECK(replayed.header("Idempotency-Replayed") == "true");
  const auto other = admin.post(record_path, movement_body("p", "", {{"ngr", "+10"}}), {{"Idempotency-Key", "o"}});
  CHECK(other.status == 422);
  CHECK(other.at("message").find("opening") != std::string::npos);
  CHECK(ledger.state() == once);

  REQUIRE(admin.record("p", "r", {{"ngr", "+10"}}).status == 200);
  const auto late = admin.post(opening_path, movement_body("p", "r", {{"ngr", "+10"}}));
  CHECK(late.status == 409);
  CHECK(late.at("details.0.payloadMismatch") == "true");
}

TEST_CASE("batches and streams of opening balances stand each on its own and may be sent again") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client admin(ledger, admin_key);
  admin.register_player("p");
  admin.register_player("q");
  const std::vector<std::string> items{
      movement_body("p", "o", {{"deposits-total", "=10"}}), movement_body("q", "o", {{"deposits-total", "=20"}}),
      movement_body("q", "", {{"deposits-total", "=30"}}), movement_body("nobody", "o", {{"deposits-total", "=1"}})};
  std::string json = R"({"movements":[)";
  std::string lines;
  for (const auto& item : items) {
    json += (json.ends_with('[') ? "" : ",") + item;
    lines += item + "\n";
  }
  const auto first = admin.post(opening_batch, json + "]}");
  CHECK(first.at("summary.accepted") == "2");
  CHECK(first.at("summary.errors") == "2");
  CHECK(first.at("results.0.error.message") == "requestId: is required");
  CHECK(first.at("results.1.error.message") == "client not found");
  const auto once = ledger.state();
  const auto second = admin.send("POST", opening_batch, lines, "application/x-ndjson");
  CHECK(second.at("summary.duplicates") == "2");
  CHECK(second.at("results.0.error.details.0.payloadMismatch") == "false");
  const auto played = admin.send("POST", batch_path, lines, "application/x-ndjson");
  CHECK(played.at("summary.duplicates") == "2");
  CHECK(played.at("results.0.error.details.0.payloadMismatch") == "true");
  CHECK(newest(admin).at("pagination.totalCount") == "3"); // q's line without an id is a movement like any other
  CHECK(once != ledger.state());
  CHECK(balance(admin, "p", 0) == "10.00");
}

TEST_CASE("only who administers sets opening balances") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client admin(ledger, admin_key);
  admin.register_player("p");
  const auto before = ledger.state();
  const auto body = movement_body("p", "o", {{"ngr", "=10"}});
  for (const auto key : {all_scopes_key, writer_key, reader_key}) {
    api_client other(ledger, key);
    CHECK(other.post(opening_path, body).status == 403);
    CHECK(other.send("POST", opening_batch, body, "application/x-ndjson").status == 403);
  }
  api_client nobody(ledger, "");
  CHECK(nobody.post(opening_path, body).status == 401);
  api_client limited(ledger, second_admin_key);
  CHECK(limited.post(opening_path, body).status == 403);
  CHECK(ledger.state() == before);
}

TEST_CASE("a player that brings deposits along makes no first deposit and earns no CPA; one that brings none may") {
  programme_over_http world;
  REQUIRE(world.plan("CPA", world.cpa("20")).status == 201);
  for (const char* player : {"old", "new"}) world.join(player);
  const auto open = [&](const char* player, const std::string& deposits) {
    const auto body = movement_body(player, "o", {{"deposits-total", "=" + deposits}, {"ngr", "=0"}});
    REQUIRE(world.admin().post(opening_path, body).status == 200);
  };
  open("old", "500");
  open("new", "0");
  CHECK(first_deposits(world.admin()) == "0");
  world.move("old", {{"deposits-total", "+60"}});
  CHECK(first_deposits(world.admin()) == "0");
  CHECK(world.where_it_is() == "nothing");
  world.move("new", {{"deposits-total", "+60"}});
  CHECK(first_deposits(world.admin()) == "1");
  CHECK(world.where_it_is() == "onHold 20.00");
  world.move("new", {{"deposits-total", "=0"}});
  world.move("new", {{"deposits-total", "+60"}});
  CHECK(first_deposits(world.admin()) == "1");
  CHECK(world.where_it_is() == "onHold 20.00");
}

TEST_CASE("bad opening balances are refused by name and change nothing") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client admin(ledger, admin_key);
  admin.register_player("p");
  const auto before = ledger.state();
  struct bad {
    std::string body;
    int status;
    std::string message;
  };
  const std::string start = R"({"externalClientId":"p","revenueOriginId":")" + std::string(demo_brand) + "\"";
  const auto with = [&](const std::string& value) { return movement_body("p", "o", {{"ngr", value}}); };
  const std::vector<bad> table{{"", 400, "body: "},
                               {"[]", 400, "body: must be a JSON object"},
                               {"{}", 400, "externalClientId: "},
                               {start + "}", 400, "metrics: "},
                               {start + R"(,"metrics":[]})", 400, "metrics: "},
                               {movement_body("p", "", {{"ngr", "=1"}}), 400, "requestId: is required"},
                               {movement_body("p", std::string(101, 'r'), {{"ngr", "=1"}}), 400, "requestId: "},
                               {movement_body("p", "o", {{"ngr", "=1"}, {"ngr", "=2"}}), 400, "metrics[1].code: "},
                               {movement_body("p", "o", {{"NGR", "=1"}}), 400, "metrics[0].code: "},
                               {movement_body("q", "o", {{"ngr", "=1"}}), 404, "client not found"},
                               {movement_body("p", "o", {{"nonsense", "=1"}}), 404, "metric not found"},
                               {movement_body("p", "o", {{"retired", "=1"}}), 404, "metric not found"},
                               {movement_body("p", "o", {{"bets", "=1.5"}}), 400, "invalid integer metric value"},
                               {with("=1e3"), 400, "invalid decimal metric value"},
                               {with("=0.123456789"), 400, "invalid decimal metric value"},
                               {with("=1234567890123456789"), 400, "invalid decimal metric value"}};
  for (const auto& [body, status, message] : table) {
    INFO(body);
    const auto answer = admin.post(opening_path, body);
    CHECK(answer.status == status);
    CHECK(answer.at("message").starts_with(message));
  }
  CHECK(admin.send("POST", opening_path, with("=1"), "text/plain").status == 415);
  CHECK(admin.get(opening_path).status == 405);
  CHECK(admin.post(opening_batch, R"({"movements":[]})").status == 400);
  CHECK(admin.post(opening_batch + "?results=none", R"({"movements":[{}]})").status == 400);
  CHECK(ledger.state() == before);
}
