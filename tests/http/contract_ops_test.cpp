#include "http/json.hpp"
#include "http/route.hpp"
#include "support/catch.hpp"
#include "support/running_ledger.hpp"
#include "support/test_ledger.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace croupier;
using namespace croupier::test;

namespace {

/// The value of a metric's sample, as /metrics writes it; "absent" when there is none.
std::string sample(const reply& metrics, const std::string& series) {
  const auto at = metrics.body.find("\n" + series + " ");
  if (at == std::string::npos) return "absent";
  const auto begin = at + series.size() + 2;
  return metrics.body.substr(begin, metrics.body.find('\n', begin) - begin);
}

void collect_references(const http::json::value& value, std::set<std::string>& found) {
  for (const auto& each : value.items()) collect_references(each, found);
  for (const auto& each : value.members()) {
    if (each.name == "$ref") found.emplace(each.content.text());
    collect_references(each.content, found);
  }
}

} // namespace

TEST_CASE("a click is durable, leads to the destination and names the player's source") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client visitor(ledger, "");
  for (const std::string base : {"/track/click/", "/api/v1/track/click/"}) {
    const auto answer = visitor.get(base + std::string(deposits_link) + "?sub1=a&sub5=" + std::string(255, 'x'));
    CHECK(answer.status == 302);
    CHECK(answer.header("Cache-Control") == "no-store");
    CHECK(answer.header("Location").starts_with("https://casino.example/welcome?click_id="));
    CHECK(answer.header("Location").size() == std::string("https://casino.example/welcome?click_id=").size() + 36);
    CHECK(visitor.get(base + "5D1F0C2A-0001-4000-8000-000000000001").status == 302);
  }
  const auto location = [&](const std::string& path) {
    const auto answer = visitor.get("/track/click/" + std::string(deposits_link) + "?relativepath=" + path);
    CHECK(answer.status == 302);
    const std::string target = answer.header("Location");
    return target.substr(0, target.find("click_id="));
  };
  CHECK(location("slots/book-of.dead_1") == "https://casino.example/welcome/slots/book-of.dead_1?");
  CHECK(location("%2Fslots") == "https://casino.example/welcome/slots?");
  for (const std::string bad :
       {"", "..", "a/../b", "//evil.example", "%2F%2Fevil.example", "https://evil.example", "%40evil.example",
        ".evil.example%23", "a%0D%0ASet-Cookie:%20x=y", "a%00", "a%3Fb", "%5Cevil.example", "a+b"})
    CHECK(location(bad) == "https://casino.example/welcome?");

  const std::string before = ledger.state();
  for (const std::string& unknown :
       {std::string(disabled_link), std::string(demo_brand), std::string("x"), std::string("5d1f0c2a")})
    CHECK(visitor.get("/track/click/" + unknown).status == 404);
  const auto too_long = visitor.get("/track/click/" + std::string(deposits_link) + "?sub3=" + std::string(256, 'x'));
  CHECK(too_long.status == 400);
  CHECK(too_long.at("error.message") == "sub3: at most 255 bytes");
  const auto head = visitor.head("/track/click/" + std::string(deposits_link));
  CHECK(head.status == 302);
  CHECK(head.header("Location") == "https://casino.example/welcome");
  CHECK(visitor.send("POST", "/track/click/" + std::string(deposits_link), "", "").status == 405);
  CHECK(ledger.state() == before);

  // The click is there when its answer is: it names the source of a player even after a restart.
  const std::string cid = visitor.click(ngr_link);
  ledger.restart();
  api_client api(ledger);
  const auto player =
      api.post("/tracking/client/v1",
               R"({"externalId":"p","revenueOriginId":")" + std::string(demo_brand) + R"(","cid":")" + cid + "\"}",
               {{"Prefer", "return=representation"}});
  CHECK(player.at("linkId") == ngr_link);
  CHECK(player.at("cid") == cid);
  CHECK(api.record("p", "", {{"ngr", "+4"}}, {{"Prefer", "return=representation"}}).at("totalRevshare") == "1.00");
}

TEST_CASE("health, readiness and metrics") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const auto health = api_client(ledger, "").get("/healthz");
  CHECK(health.status == 200);
  CHECK(health.body == R"({"status":"ok"})");
  CHECK(api_client(ledger, "").send("POST", "/healthz", "{}", "application/json").status == 405);

  api.register_player("p");
  REQUIRE(api.record("p", "a", {{"ngr", "+1"}}).status == 200);
  REQUIRE(api.record("p", "a", {{"ngr", "+1"}}).status == 409);
  REQUIRE(api.record("p", "", {{"no-such", "+1"}}).status == 404);
  REQUIRE(api.record("nobody", "", {{"ngr", "+1"}}).status == 404);
  const auto ready = api_client(ledger, "").get("/readyz");
  CHECK(ready.status == 200);
  CHECK(ready.at("status") == "ready");
  CHECK(ready.at("durability") == "sync");
  CHECK(ready.at("reason") == "absent");
  const std::string sequence = std::to_string(ledger.gateway().view().durable().value);
  CHECK(ready.at("sequence") == sequence);

  const auto metrics = api_client(ledger, "").get("/metrics");
  CHECK(metrics.status == 200);
  CHECK(metrics.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(sample(metrics, "croupier_movements_accepted_total") == "1");
  CHECK(sample(metrics, "croupier_movements_duplicate_total") == "1");
  CHECK(sample(metrics, "croupier_rejections_total{reason=\"metric_unknown\"}") == "1");
  CHECK(sample(metrics, "croupier_rejections_total{reason=\"player_unknown\"}") == "1");
  CHECK(sample(metrics, "croupier_rejections_total{reason=\"value_out_of_range\"}") == "0");
  CHECK(sample(metrics, "croupier_failures_total{reason=\"overloaded\"}") == "0");
  CHECK(sample(metrics, "croupier_registrations_total") == "1");
  CHECK(sample(metrics, "croupier_clicks_total") == "1");
  CHECK(sample(metrics, "croupier_players") == "1");
  CHECK(sample(metrics, "croupier_players_awake") == "1");
  CHECK(sample(metrics, "croupier_journal_sequence") == sequence);
  CHECK(sample(metrics, "croupier_checkpoint_sequence") == "0");
  CHECK(sample(metrics, "croupier_entries_committed_total") == sequence);
  CHECK(sample(metrics, "croupier_sync_duration_seconds_count") == sample(metrics, "croupier_commits_total"));
  CHECK(sample(metrics, "croupier_in_flight") == "0");
  CHECK(sample(metrics, "croupier_ready") == "1");
  CHECK(sample(metrics, "croupier_durability_info{mode=\"sync\"}") == "1");
  CHECK(std::stoull(sample(metrics, "croupier_disk_bytes")) > 0);
  CHECK(metrics.body.find("croupier_http_") != std::string::npos);
}

TEST_CASE("a deadline or overload is answered in the dialect's form") {
  const temporary_folder folder;
  actors::gateway_options options;
  options.in_flight_max = 100;
  running_ledger ledger(folder.path(), options);
  api_client api(ledger);
  api.register_player("p");
  // A group that does not fit into what may be in flight is taken as a whole or not at all.
  std::string batch = "{\"movements\":[" + movement_body("p", "", {{"bets", "+1"}});
  for (int i = 1; i < 101; ++i) batch += "," + movement_body("p", "", {{"bets", "+1"}});
  const std::string before = ledger.state();
  const auto answer = api.post("/tracking/clients/v1/metrics/movements/batch", batch + "]}");
  CHECK(answer.status == 503);
  CHECK(answer.header("Retry-After") == "1");
  CHECK(answer.at("code") == "14");
  CHECK(answer.at("message") == "the ledger is busy and nothing was applied: try again shortly");
  CHECK(ledger.state() == before);
}

TEST_CASE("the description names every route, and every route is described") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  const auto answer = api_client(ledger, "").get("/openapi.json");
  CHECK(answer.status == 200);
  http::json::document document;
  REQUIRE_FALSE(document.parse(answer.body).has_value());
  const auto& root = document.root();
  CHECK(root.find("openapi")->text() == "3.1.0");

  std::set<std::string> described;
  for (const auto& path : root.find("paths")->members())
    for (const auto& operation : path.content.members()) {
      described.insert(std::string(operation.name) + " " + std::string(path.name));
      INFO(path.name);
      CHECK_FALSE(operation.content.find("summary")->text().empty());
      CHECK_FALSE(operation.content.find("responses")->members().empty());
    }
  std::set<std::string> routed;
  for (const auto& route : ledger.routes()) {
    std::string method(route.method);
    std::transform(method.begin(), method.end(), method.begin(), [](char c) { return static_cast<char>(c | 0x20); });
    routed.insert(method + " " + std::string(route.pattern));
    INFO(route.pattern);
    CHECK_FALSE(route.schema.empty());
    const auto* operation = root.find("paths")->find(route.pattern)->find(method);
    REQUIRE(operation != nullptr);
    CHECK(operation->find("security")->items().empty() == !route.needs.has_value());
    CHECK((operation->find("requestBody") != nullptr) == (route.body != http::body_policy::none));
  }
  CHECK(described == routed);

  std::set<std::string> references;
  collect_references(root, references);
  CHECK(references.size() > 20);
  for (const std::string& reference : references) {
    INFO(reference);
    const std::string path = reference.substr(2);
    const auto* part = &root;
    for (std::size_t begin = 0; part != nullptr && begin < path.size();) {
      const auto end = std::min(path.find('/', begin), path.size());
      part = part->find(path.substr(begin, end - begin));
      begin = end + 1;
    }
    CHECK(part != nullptr);
  }
}
