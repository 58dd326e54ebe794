#include "programme_parts.hpp"

#include <string>

using namespace croupier;
using namespace croupier::test;

namespace {

const std::string base = "/api/node/billing/v1/";

void change(running_ledger& ledger, workspace_object object) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  const auto made = ledger.gateway().change_workspace({std::move(object)}, "test", until);
  REQUIRE(std::holds_alternative<actors::receipt>(made));
}

void set_affiliate(running_ledger& ledger, const std::string& payment_details, const deal_terms& deal = {}) {
  auto owner = ledger.gateway().view().current_workspace()->affiliates().front();
  owner.payment_details = payment_details;
  owner.deal = deal;
  change(ledger, owner);
}

/// A plan for the offer with 25 % on NGR; its terms take the place of the offer's.
void set_plan(running_ledger& ledger, timestamp from, std::vector<commission_tier> tiers, tier_mode mode) {
  const auto ws = ledger.gateway().view().current_workspace();
  commission_plan plan;
  plan.number = plan_number{static_cast<std::uint32_t>(ws->plans().plans().size() + 1)};
  plan.id = *uuid::parse("5d1f0c2a-0009-4000-8000-00000000000" + std::to_string(plan.number.value));
  plan.name = "plan";
  plan.offer = ws->find_link(*uuid::parse(ngr_link))->offer;
  plan.valid_from = from;
  revshare_leg leg;
  leg.metric = ws->find_metric("ngr")->number;
  leg.tiers = std::move(tiers);
  leg.mode = mode;
  plan.revshare = leg;
  change(ledger, plan);
}

std::string balances_of(const std::string& player) {
  return "/api/node/clients/v1/balances?revenueOriginId=" + std::string(demo_brand) + "&externalId=" + player;
}

std::string affiliate_list() {
  return R"("affiliateIds":[")" + std::string(demo_affiliate) + "\"]";
}

std::string buckets(api_client& api) {
  const auto open = api.get(base + "open-balances?currency=EUR");
  REQUIRE(open.status == 200);
  std::string out;
  for (const char* name : {"open", "onHold", "carried", "pending", "paid", "rounding", "earned"})
    out += open.at("rows.0.buckets." + std::string(name)) + " ";
  return out;
}

} // namespace

TEST_CASE("a settlement's life over HTTP: previewed, made, repeated, paid, deleted") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  {
    api_client api(ledger);
    set_affiliate(ledger, "");
    api.register_player("a", deposits_link);
    REQUIRE(api.record("a", "r1", {{"deposits-total", "+200.20"}}).status == 200);
    CHECK(buckets(api) == "10.01 0 0 0 0 0 10.01 ");
    REQUIRE(api.record("a", "r2", {{"deposits-total", "+0.10"}}).status == 200);
    CHECK(buckets(api) == "10.015 0 0 0 0 0 10.015 ");

    const auto unpaid = api.post(base + "settle-balances", R"({"all":true,"requestId":"s0"})");
    CHECK(unpaid.status == 200);
    CHECK(unpaid.at("id") == "absent");
    CHECK(unpaid.at("skipped.0.reason") == "no payment details");
    CHECK(unpaid.at("skipped.0.openBalance") == "10.015");
    set_affiliate(ledger, "IBAN DE00");
    const auto low = api.post(base + "settle-balances", R"({"all":true,"requestId":"s0","minimum":"10.03"})");
    CHECK(low.at("skipped.0.reason") == "below minimum");

    const auto preview = api.post(base + "settle-balances", R"({"dryRun":true,)" + affiliate_list() + "}");
    CHECK(preview.at("accountSettlements.0.amount") == "10.02");
    CHECK(preview.at("dryRun") == "true");
    CHECK(buckets(api) == "10.015 0 0 0 0 0 10.015 ");

    const auto made = api.post(base + "settle-balances", R"({"requestId":"s1",)" + affiliate_list() + "}");
    INFO(made.body);
    CHECK(made.status == 200);
    CHECK(made.at("accountSettlements.0.amount") == "10.02");
    CHECK(made.at("accountSettlements.0.residue") == "-0.005");
    CHECK(made.at("accountSettlements.0.movements") == "2");
    CHECK(buckets(api) == "0 0 0 10.02 0 -0.005 10.015 ");
    const auto rows = api.post(movements_path, R"({"pagination":{"limit":5,"offset":0},"filters":{"timeRange":
      {"from":"2020-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z"}}})");
    CHECK(rows.at("rows.0.accountSettlementId") == made.at("accountSettlements.0.id"));

    const auto again = api.post(base + "settle-balances", R"({"all":true,"requestId":"s1"})");
    CHECK(again.at("id") == made.at("id"));
    CHECK(again.at("replayed") == "true");
    CHECK(api.post(base + "settle-balances", R"({"all":true,"requestId":"s1","minimum":"5"})").status == 409);
    CHECK(buckets(api) == "0 0 0 10.02 0 -0.005 10.015 ");
  }
  ledger.restart();
  api_client api(ledger);
  CHECK(buckets(api) == "0 0 0 10.02 0 -0.005 10.015 ");
  const auto list = api.get(base + "settlements");
  CHECK(list.at("rows") == "[1]");
  const auto id = list.at("rows.0.id");
  const auto shown = api.get(base + "settlements/" + id);
  CHECK(shown.at("accountSettlements.0.status") == "NEW");
  const auto part = base + "account-settlements/" + shown.at("accountSettlements.0.id");
  CHECK(api.get(part).at("settlementId") == id);
  CHECK(api.get(part).at("days.0.amount") == "10.015");
  const auto csv = api.get(base + "settlements/" + id + "/csv");
  CHECK(csv.header("Content-Type") == "text/csv; charset=utf-8");
  CHECK(csv.body.find(",\"IBAN DE00\",EUR,10.02,NEW\r\n") != std::string::npos);

  CHECK(api.post(part + "/status", R"({"status":"PAID"})").status == 409);
  CHECK(api.post(part + "/status", R"({"status":"IN_PROGRESS"})").body == "{}");
  CHECK(api.send("DELETE", part, "", "").body == "{}");
  CHECK(buckets(api) == "10.015 0 0 0 0 0 10.015 ");
  CHECK(api.send("DELETE", part, "", "").status == 404);
  CHECK(api.get(part).at("status") == "DELETED");
  CHECK(api.post(base + "settle-balances", R"({"all":true,"requestId":"s1"})").at("id") == id);
  CHECK(buckets(api) == "10.015 0 0 0 0 0 10.015 ");

  const auto second = api.post(base + "settle-balances", R"({"all":true,"requestId":"s2","note":"May"})");
  const auto paid = second.at("accountSettlements.0.id");
  const std::string bulk = R"({"accountSettlementIds":[")" + paid + "\",\"" + id + R"("],"status":")";
  const auto started = api.post(base + "account-settlements/status", bulk + "IN_PROGRESS\"}");
  CHECK(started.at("updated") == "1");
  CHECK(started.at("skipped") == "1");
  CHECK(api.post(base + "account-settlements/status", bulk + "PAID\"}").at("updated") == "1");
  CHECK(buckets(api) == "0 0 0 0 10.02 -0.005 10.015 ");
  CHECK(api.send("DELETE", base + "account-settlements/" + paid, "", "").at("message") == "account settlement is paid");
}

TEST_CASE("adjustments are made once, and a statement proves its sum page by page") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("a", deposits_link);
  for (int i = 0; i < 7; ++i) REQUIRE(api.record("a", "", {{"deposits-total", "+10"}}).status == 200);
  const std::string order = R"({"affiliateId":")" + std::string(demo_affiliate) +
                            R"(","amount":"-1.25","requestId":"fix-1","reason":"agreed by mail"})";
  const auto first = api.post(base + "adjustments", order);
  INFO(first.body);
  CHECK(first.status == 200);
  CHECK(first.at("replayed") == "false");
  const auto again = api.post(base + "adjustments", order);
  CHECK(again.at("replayed") == "true");
  CHECK(again.at("sequence") == first.at("sequence"));
  auto other = order;
  other.replace(other.find("-1.25"), 5, "-1.26");
  CHECK(api.post(base + "adjustments", other).status == 409);
  CHECK(buckets(api) == "2.25 0 0 0 0 0 2.25 ");

  const std::string path = base + "accounts/" + std::string(demo_affiliate) + "/statement?limit=3";
  std::string cursor;
  int lines = 0;
  for (;;) {
    const auto page = api.get(path + (cursor.empty() ? "" : "&cursor=" + cursor));
    REQUIRE(page.status == 200);
    const int rows = std::stoi(page.at("lines").substr(1));
    if (lines == 0) {
      CHECK(page.at("lines.0.kind") == "adjustment");
      CHECK(page.at("lines.0.adjustment.reason") == "agreed by mail");
      CHECK(page.at("lines.0.earnedAfter") == "2.25");
      CHECK(page.at("lines.1.rate") == "5.00");
      CHECK(page.at("lines.1.gross") == "10.00");
      CHECK(page.at("lines.1.earnedAfter") == "3.50");
    }
    lines += rows;
    if (page.at("pagination.hasMore") == "false") {
      CHECK(page.at("sumHolds") == "true");
      CHECK(page.at("earnedBefore") == "0");
      break;
    }
    cursor = page.at("pagination.nextCursor");
  }
  CHECK(lines == 8);
}

TEST_CASE("a player's open revshare is what no settlement covers, also at a past moment") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  const auto revshare = [](api_client& api, const std::string& more = "") {
    const auto a = api.get(balances_of("a") + more);
    const auto b = api.get(balances_of("b") + more);
    return a.at("revshare.total") + " " + a.at("revshare.open") + ", " + b.at("revshare.total") + " " +
           b.at("revshare.open");
  };
  std::string first, second;
  std::uint64_t before_first = 0, after_first = 0;
  {
    api_client api(ledger);
    const auto newest = [&] { return ledger.gateway().view().durable().value; };
    const auto settle = [&](const std::string& id) {
      const auto made = api.post(base + "settle-balances", R"({"all":true,"requestId":")" + id + "\"}");
      REQUIRE(made.status == 200);
      return base + "account-settlements/" + made.at("accountSettlements.0.id");
    };
    api.register_player("a", deposits_link);
    api.register_player("b", deposits_link);
    for (int i = 0; i < 40; ++i) REQUIRE(api.record("a", "", {{"deposits-total", "+5"}}).status == 200);
    CHECK(revshare(api) == "10.00 10.00, 0 0");
    before_first = newest();
    first = settle("s1");
    after_first = newest();
    CHECK(revshare(api) == "10.00 0, 0 0");
    REQUIRE(api.record("b", "", {{"deposits-total", "+100"}}).status == 200);
    REQUIRE(api.record("a", "", {{"deposits-total", "+20"}}).status == 200);
    CHECK(revshare(api) == "11.00 1.00, 5.00 5.00");
    second = settle("s2");
    REQUIRE(api.record("a", "", {{"deposits-total", "+-2"}}).status == 200);
    CHECK(revshare(api) == "10.90 -0.10, 5.00 0");
  }
  const auto at = [](std::uint64_t sequence) { return "&atSequence=" + std::to_string(sequence); };
  const auto rows = [](api_client& api) {
    const auto list = api.post("/api/node/clients/v1/list", R"({"pagination":{"limit":5,"offset":0},"filters":{}})");
    return list.at("rows.1.revshare.open") + ", " + list.at("rows.0.revshare.open");
  };
  ledger.restart();
  api_client api(ledger);
  CHECK(api.get(base + "open-balances").status == 200); // which waits for the accounts
  CHECK(revshare(api) == "10.90 -0.10, 5.00 0");
  CHECK(rows(api) == "-0.10, 0");
  CHECK(revshare(api, at(before_first)) == "10.00 10.00, 0 0");
  CHECK(revshare(api, at(after_first)) == "10.00 0, 0 0");
  // What a deleted settlement had covered is open again, between stretches that are not.
  REQUIRE(api.send("DELETE", first, "", "").status == 200);
  CHECK(revshare(api) == "10.90 9.90, 5.00 0");
  CHECK(rows(api) == "9.90, 0");
  CHECK(revshare(api, at(after_first)) == "10.00 10.00, 0 0");
  REQUIRE(api.send("DELETE", second, "", "").status == 200);
  CHECK(revshare(api) == "10.90 10.90, 5.00 5.00");
}

TEST_CASE("a billing request id that comes back with another order is refused, and nothing is changed") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  const std::string other = "5d1f0c2a-0002-4000-8000-000000000002", third = "5d1f0c2a-0002-4000-8000-000000000003";
  const std::string demo(demo_affiliate);
  for (const auto& id : {other, third}) {
    const auto ws = ledger.gateway().view().current_workspace();
    change(ledger,
           affiliate{
               {static_cast<std::uint32_t>(ws->affiliates().size() + 1)}, *uuid::parse(id), "Affiliate " + id, "IBAN"});
  }
  const auto settle = [](const std::string& members) { return R"({"requestId":"s1",)" + members + "}"; };
  const auto adjust = [](const std::string& who, const std::string& amount, const std::string& reason) {
    return R"({"affiliateId":")" + who + R"(","currency":"EUR","amount":")" + amount +
           R"(","requestId":"a1","reason":")" + reason + "\"}";
  };
  const auto named = [](const std::string& ids) { return R"("affiliateIds":[)" + ids + "]"; };
  const auto one = "\"" + demo + "\"", two = "\"" + other + "\"", three = "\"" + third + "\"";
  const std::string terms = R"(,"note":"May","minimum":"1","upTo":"2999-01-01T00:00:00Z")";
  std::string settlement, adjustment;
  {
    api_client api(ledger);
    const auto adjusted = api.post(base + "adjustments", adjust(demo, "5", "bonus"));
    REQUIRE(adjusted.status == 200);
    adjustment = adjusted.at("sequence");
    REQUIRE(api.post(base + "adjustments", adjust(other, "0.5", "bonus")).at("replayed") == "false");
    const auto made = api.post(base + "settle-balances", settle(named(one + "," + two) + terms));
    REQUIRE(made.at("accountSettlements") == "[1]");
    REQUIRE(made.at("skipped") == "[1]");
    settlement = made.at("id");
  }
  for (const bool restarted : {false, true}) {
    if (restarted) ledger.restart();
    api_client api(ledger);
    const auto before = ledger.gateway().view().durable();
    for (const auto& members :
         {named(one) + terms, named(two) + terms, named(one + "," + two),
          named(one + "," + two) + R"(,"note":"May","minimum":"1")",
          named(one + "," + two) + R"(,"note":"May","minimum":"1","upTo":"2999-01-02T00:00:00Z")",
          named(one + "," + two) + R"(,"note":"May","minimum":"1.01","upTo":"2999-01-01T00:00:00Z")",
          named(one + "," + two) + R"(,"note":"June","minimum":"1","upTo":"2999-01-01T00:00:00Z")"}) {
      const auto refused = api.post(base + "settle-balances", settle(members));
      INFO(members << " -> " << refused.body);
      CHECK(refused.status == 409);
      CHECK(refused.at("message") == "requestId: made another settlement; take a new one");
    }
    for (const auto& members :
         {named(one + "," + two) + terms, named(two + "," + one + "," + three) + terms, R"("all":true)" + terms}) {
      const auto again = api.post(base + "settle-balances", settle(members));
      INFO(members << " -> " << again.body);
      CHECK(again.at("id") == settlement);
      CHECK(again.at("replayed") == "true");
    }
    CHECK(api.post(base + "adjustments", adjust(demo, "5.01", "bonus")).status == 409);
    CHECK(api.post(base + "adjustments", adjust(demo, "5", "malus")).status == 409);
    CHECK(api.post(base + "adjustments", adjust(demo, "5.00", "bonus")).at("sequence") == adjustment);
    CHECK(ledger.gateway().view().durable() == before);
  }
  // Somebody whose account came later does not make it another order; one who was there and is not named does.
  api_client api(ledger);
  REQUIRE(api.post(base + "adjustments", adjust(third, "9", "bonus")).status == 200);
  CHECK(api.post(base + "settle-balances", settle(R"("all":true)" + terms)).at("id") == settlement);
  CHECK(api.post(base + "settle-balances", settle(named(three) + terms)).status == 409);
}

TEST_CASE("months close by the deal: a loss is carried, or forgiven") {
  for (const bool carries : {true, false}) {
    const temporary_folder folder;
    set_clock clock;
    clock.set("2026-01-01T00:00:00Z");
    running_ledger ledger(folder.path(), clock.options());
    api_client api(ledger);
    deal_terms deal;
    deal.rule = carries ? carryover_rule::carry : carryover_rule::reset;
    set_affiliate(ledger, "IBAN", deal);
    set_plan(ledger, timestamp{*clock.now}, {{std::nullopt, *percentage::parse("30")}}, tier_mode::retroactive);
    api.register_player("a", ngr_link);
    clock.set("2026-01-10T00:00:00Z");
    REQUIRE(api.record("a", "", {{"ngr", "+-10000"}}).status == 200);
    CHECK(api.post(base + "period-closes", R"({"month":"2026-01"})").status == 409);
    clock.set("2026-02-10T00:00:00Z");
    const auto preview = api.post(base + "period-closes", R"({"month":"2026-01","dryRun":true})");
    const auto first = api.post(base + "period-closes", R"({"month":"2026-01"})");
    INFO(first.body);
    CHECK(preview.at("accounts.0.payable") == first.at("accounts.0.payable"));
    CHECK(first.at("accounts.0.payable") == "0");
    CHECK(first.at("accounts.0.groups.0.earned") == "-3000.00");
    REQUIRE(api.record("a", "", {{"ngr", "+15000"}}).status == 200);
    clock.set("2026-03-01T00:00:00Z");
    const auto second = api.post(base + "period-closes", R"({"month":"2026-02"})");
    CHECK(second.at("accounts.0.payable") == (carries ? "1500.00" : "4500.00"));
    CHECK(api.post(base + "period-closes", R"({"month":"2026-02"})").at("accounts.0.closed") == "false");
    const auto settled = api.post(base + "settle-balances", R"({"all":true,"requestId":"s"})");
    CHECK(settled.at("accountSettlements.0.amount") == (carries ? "1500.00" : "4500.00"));
    const auto statement = api.get(base + "accounts/" + std::string(demo_affiliate) + "/statement");
    CHECK(statement.at("sumHolds") == "true");
    CHECK(statement.at("lines.1.kind") == "period close");
    CHECK(statement.at("lines.1.month") == "2026-02");
  }
}

TEST_CASE("tiers are made true when the month closes") {
  for (const auto mode : {tier_mode::retroactive, tier_mode::incremental}) {
    const temporary_folder folder;
    set_clock clock;
    clock.set("2026-01-01T00:00:00Z");
    running_ledger ledger(folder.path(), clock.options());
    api_client api(ledger);
    set_plan(ledger, timestamp{*clock.now},
             {{*amount::parse("1000"), *percentage::parse("6")},
              {*amount::parse("3000"), *percentage::parse("8")},
              {std::nullopt, *percentage::parse("10")}},
             mode);
    api.register_player("a", ngr_link);
    REQUIRE(api.record("a", "", {{"ngr", "+4000"}}).status == 200);
    CHECK(buckets(api) == "240.00 0 0 0 0 0 240.00 ");
    clock.set("2026-02-01T00:00:00Z");
    REQUIRE(api.post(base + "period-closes", R"({"month":"2026-01"})").status == 200);
    CHECK(buckets(api) == (mode == tier_mode::retroactive ? "400.00 0 0 0 0 0 400.00 " : "320.00 0 0 0 0 0 320.00 "));
  }
}

TEST_CASE("bad billing calls are refused by name and change nothing") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const auto before = ledger.state();
  const std::string unknown = "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7caa";
  const struct {
    std::string path, body;
    int status;
    std::string message;
  } calls[] = {
      {"settle-balances", "{}", 400, "requestId"},
      {"settle-balances", R"({"requestId":"r"})", 400, "affiliateIds"},
      {"settle-balances", R"({"requestId":"r","all":1})", 400, "all"},
      {"settle-balances", R"({"requestId":"r","all":true,"upTo":"2026-01-01T00:00:01Z"})", 400, "upTo"},
      {"settle-balances", R"({"requestId":"r","all":true,"minimum":"-1"})", 400, "minimum"},
      {"settle-balances", R"({"requestId":"r","all":true,"minimum":1})", 400, "minimum"},
      {"settle-balances", R"({"requestId":"r","affiliateIds":[")" + unknown + "\"]}", 404, "affiliate not found"},
      {"adjustments",
       R"({"affiliateId":")" + std::string(demo_affiliate) + R"(","amount":"0","requestId":"r","reason":"x"})", 400,
       "amount"},
      {"adjustments",
       R"({"affiliateId":")" + std::string(demo_affiliate) +
           R"(","currency":"JPY","amount":"1","requestId":"r","reason":"x"})",
       400, "currency"},
      {"adjustments", R"({"affiliateId":")" + unknown + R"(","amount":"1","requestId":"r","reason":"x"})", 404,
       "affiliate not found"},
      {"period-closes", R"({"month":"2026-13"})", 400, "month"},
      {"period-closes", R"({"month":"2999-01"})", 409, "month"},
      {"account-settlements/" + unknown + "/status", R"({"status":"PAID"})", 404, "account settlement not found"},
      {"account-settlements/" + unknown + "/status", R"({"status":"LOST"})", 400, "status"},
      {"account-settlements/status", R"({"status":"PAID"})", 400, "accountSettlementIds"},
  };
  for (const auto& [path, body, status, message] : calls) {
    const auto answer = api.post(base + path, body);
    INFO(path << " " << body << " -> " << answer.body);
    CHECK(answer.status == status);
    CHECK(answer.at("message").starts_with(message));
  }
  CHECK(api.send("POST", base + "cpa-claims/" + unknown + "/approve", "", "").status == 404);
  CHECK(api.get(base + "settlements/" + unknown).status == 404);
  CHECK(api.get(base + "accounts/" + unknown + "/statement").status == 404);
  CHECK(api.get(base + "accounts/" + std::string(demo_affiliate) + "/statement?cursor=x.1.2").status == 400);
  api_client limited(ledger, second_brand_key);
  CHECK(limited.post(base + "settle-balances", R"({"all":true,"requestId":"r"})").status == 403);
  CHECK(limited.get(base + "settlements").status == 403);
  api_client reader(ledger, reader_key);
  CHECK(reader.post(base + "settle-balances", R"({"all":true,"requestId":"r"})").status == 403);
  CHECK(ledger.state() == before);
}
