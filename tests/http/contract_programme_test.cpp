/// An affiliate programme from end to end: plans and deals over /admin/v1, movements, months, claims and settlements.
/// The figures are those of docs/money.md. What is due of claims is booked by a close or by a sweep, whichever comes
/// first. Plans start at the ledger's own time, which the test sets.

#include "programme_parts.hpp"

#include <string>
#include <vector>

using namespace croupier;
using namespace croupier::test;

namespace {

const std::string three_tiers =
    R"([{"upTo":"5000","ratePercent":"25"},{"upTo":"20000","ratePercent":"30"},{"ratePercent":"35"}])";

/// The lines of a statement that are adjustments by this rule, oldest first: "<member> of <player or nobody>".
std::vector<std::string> adjustments(const reply& statement, const std::string& rule, const std::string& member) {
  std::vector<std::string> out;
  for (int i = 0; statement.at("lines." + std::to_string(i)) == "{}"; ++i) {
    const auto line = "lines." + std::to_string(i);
    for (int j = 0; statement.at(line + ".adjustments." + std::to_string(j)) == "{}"; ++j) {
      const auto one = line + ".adjustments." + std::to_string(j);
      if (statement.at(one + ".rule") == rule) out.push_back(statement.at(one + "." + member));
    }
    if (statement.at(line + ".adjustment.rule") == rule) out.push_back(statement.at(line + ".adjustment." + member));
  }
  return out;
}

/// What the movements of a statement accrued, newest first: "<rate> % of <gross> is <revshare>".
std::vector<std::string> accruals(const reply& statement) {
  std::vector<std::string> out;
  for (int i = 0; statement.at("lines." + std::to_string(i)) == "{}"; ++i) {
    const auto line = "lines." + std::to_string(i);
    if (statement.at(line + ".kind") != "movement") continue;
    out.push_back(statement.at(line + ".rate") + " % of " + statement.at(line + ".gross") + " is " +
                  statement.at(line + ".revshare"));
  }
  return out;
}

std::string client_id(api_client& api, const std::string& player) {
  return api.get("/api/node/clients/v1/balances?revenueOriginId=" + std::string(demo_brand) + "&externalId=" + player)
      .at("client.id");
}

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("a statement leads from gross to net: fees and tax, tiers, and the month before") {
  programme_over_http world;
  world.set_deal(R"({"carryover":"carry"})");
  const auto taken_off = std::string(R"(,"mode":"incremental","adminFeePercent":"3","taxPercent":"20")");
  REQUIRE(world.plan("tiers", world.revshare(three_tiers, taken_off)).status == 201);
  world.join("a");
  world.move("a", "-1000");
  CHECK(world.where_it_is() == "open -192.50");
  world.set_time("2026-02-01T00:00:00Z");
  CHECK(world.close("2026-01").at("accounts.0.payable") == "0");
  CHECK(world.where_it_is() == "carried -192.50");

  world.move("a", "20000");
  world.set_time("2026-02-28T23:59:59Z");
  world.move("a", "10000");
  world.set_time("2026-03-01T00:00:00Z");
  const auto closed = world.close("2026-02");
  const std::string plan = "accounts.0.groups.0.plans.0.";
  CHECK(closed.at(plan + "gross") == "30000.00");
  CHECK(closed.at(plan + "adminFee") == "900.00");
  CHECK(closed.at(plan + "tax") == "6000.00");
  CHECK(closed.at(plan + "base") == "23100.00");
  CHECK(closed.at(plan + "accrued") == "5775.00");
  CHECK(closed.at(plan + "trueUp") == "1060.00");
  CHECK(closed.at(plan + "earned") == "6835.00");
  CHECK(closed.at("accounts.0.groups.0.offset") == "-192.50");
  CHECK(closed.at("accounts.0.payable") == "6642.50");
  CHECK(world.where_it_is() == "open 6642.50");
  CHECK(accruals(world.statement()) ==
        texts{"25.00 % of 10000.00 is 1925.00", "25.00 % of 20000.00 is 3850.00", "25.00 % of -1000.00 is -192.50"});
  CHECK(adjustments(world.statement(), "tier true-up", "open") == texts{"1060.00"});

  const auto settled = world.api().post(billing_base + "settle-balances", R"({"all":true,"requestId":"s"})");
  CHECK(settled.at("accountSettlements.0.amount") == "6642.50");
  CHECK(world.where_it_is() == "pending 6642.50");
}

TEST_CASE("tiers on first deposits and on active players count what the month saw") {
  struct row {
    std::string measure;
    std::string earned; ///< of an NGR of 100 of three active players, two of them with a first deposit
  };
  for (const auto& [measure, earned] : {row{"first_deposits", "20.00"}, row{"active_players", "30.00"}}) {
    programme_over_http world;
    const auto members = R"(,"measure":")" + measure + "\"";
    REQUIRE(world.plan("players", world.revshare(R"([{"upTo":"2","ratePercent":20},{"ratePercent":30}])", members))
                .status == 201);
    for (const char* player : {"a", "b", "c"}) world.join(player);
    world.move("a", {{"ngr", "+100"}, {"deposits-total", "+10"}});
    world.move("b", {{"ngr", "+0"}, {"deposits-total", "+10"}});
    world.move("b", {{"ngr", "+0"}, {"deposits-total", "+10"}});
    world.move("c", "0");
    world.set_time("2026-02-01T00:00:00Z");
    INFO(measure);
    CHECK(world.close("2026-01").at("accounts.0.payable") == earned);
  }
}

TEST_CASE("a CPA is earned by cumulative deposits inside the window, held, released, and taken back by a chargeback") {
  programme_over_http world;
  REQUIRE(world.plan("CPA", world.cpa("20", R"(,"windowDays":30,"holdDays":14,"reversalDays":30)")).status == 201);
  for (const char* player : {"a", "b", "c", "late"}) world.join(player);
  world.move("a", {{"deposits-total", "+40"}});
  CHECK(world.where_it_is() == "nothing");
  world.set_time("2026-01-06T00:00:00Z");
  for (const char* player : {"b", "c"}) world.move(player, {{"deposits-total", "+50"}});
  world.move("a", {{"deposits-total", "+10"}});
  world.move("a", {{"deposits-total", "+500"}});
  CHECK(world.where_it_is() == "onHold 60.00");

  // A chargeback while the fee is on hold: it never becomes payable.
  world.set_time("2026-01-10T00:00:00Z");
  world.move("b", {{"chargebacks", "+50"}});
  world.set_time("2026-01-20T00:00:00.000001Z");
  REQUIRE(world.ledger().billing().sweep());
  CHECK(world.where_it_is() == "open 40.00");

  // One inside the reversal window takes the fee back from the open balance; one after it does not.
  world.set_time("2026-01-25T00:00:00Z");
  world.move("c", {{"chargebacks", "+1"}});
  world.set_time("2026-01-31T00:00:00Z");
  REQUIRE(world.ledger().billing().sweep());
  CHECK(world.where_it_is() == "open 20.00");
  world.move("late", {{"deposits-total", "+500"}}); // day 30 is outside of the window
  world.set_time("2026-02-05T00:00:00Z");
  world.move("a", {{"chargebacks", "+1"}});
  REQUIRE(world.ledger().billing().sweep());
  CHECK(world.where_it_is() == "open 20.00");
  CHECK(adjustments(world.statement(), "CPA released", "open").size() == 2);
  CHECK(adjustments(world.statement(), "CPA reversed", "open") == texts{"-20.00", "0"});
  const auto claims = world.api().get(billing_base + "cpa-claims");
  CHECK(claims.at("rows.0.status") == "RELEASED");
}

TEST_CASE("a CPA by hand waits for approval, and is approved or reversed once") {
  programme_over_http world;
  REQUIRE(world.plan("CPA", world.cpa("20", R"(,"approval":"by_hand","reversalDays":30)")).status == 201);
  for (const char* player : {"a", "b"}) {
    world.join(player);
    world.move(player, {{"deposits-total", "+50"}});
  }
  world.set_time("2026-01-20T00:00:00Z");
  REQUIRE(world.ledger().billing().sweep());
  CHECK(world.where_it_is() == "onHold 40.00");
  const auto call = [&](const std::string& player, const std::string& what) {
    return world.api()
        .send("POST", billing_base + "cpa-claims/" + client_id(world.api(), player) + "/" + what, "", "")
        .status;
  };
  CHECK(call("a", "approve") == 200);
  CHECK(world.where_it_is() == "open 20.00, onHold 20.00");
  CHECK(call("a", "approve") == 409);
  CHECK(call("b", "reverse") == 200);
  CHECK(call("b", "approve") == 404); // nothing can happen to it any more
  CHECK(world.where_it_is() == "open 20.00");
  CHECK(call("a", "reverse") == 200);
  CHECK(world.where_it_is() == "nothing");
  CHECK(call("a", "reverse") == 404);
  world.statement();
}

TEST_CASE("of a CPA of 20 in advance and revshare of 21, 20 and then 1 are payable") {
  programme_over_http world;
  const auto advance = world.cpa("20", R"(,"advance":true)");
  REQUIRE(world.plan("advance", world.flat("30") + "," + advance).status == 201);
  world.join("a");
  world.move("a", {{"deposits-total", "+50"}});
  world.set_time("2026-02-01T00:00:00Z");
  world.close("2026-01");
  CHECK(world.where_it_is() == "open 20.00");
  world.move("a", "70");
  world.set_time("2026-03-01T00:00:00Z");
  const auto closed = world.close("2026-02");
  CHECK(closed.at("accounts.0.groups.0.earned") == "21.00");
  CHECK(closed.at("accounts.0.groups.0.recouped") == "-20.00");
  CHECK(closed.at("accounts.0.payable") == "1.00");
  CHECK(world.where_it_is() == "open 21.00");
}

TEST_CASE("a CPA beside revshare that is no advance is paid on top of it") {
  programme_over_http world;
  REQUIRE(world.plan("hybrid", world.flat("10") + "," + world.cpa("20")).status == 201);
  world.join("a");
  world.move("a", {{"deposits-total", "+50"}, {"ngr", "+100"}});
  CHECK(world.where_it_is() == "open 10.00, onHold 20.00");
  world.set_time("2026-02-01T00:00:00Z");
  world.close("2026-01");
  CHECK(world.where_it_is() == "open 30.00");
}

TEST_CASE("the loss of two high rollers is carried for them alone, split by their losses") {
  programme_over_http world;
  world.set_deal(R"({"carryover":"reset","fence":{"playerLoss":"7000","affiliateLoss":"2000"}})");
  REQUIRE(world.plan("flat", world.flat("30")).status == 201);
  for (const char* player : {"a", "b", "c"}) world.join(player);
  world.move("a", "-9000");
  world.move("b", "-8000");
  world.move("c", "5000");
  world.set_time("2026-02-01T00:00:00Z");
  CHECK(world.close("2026-01").at("accounts.0.payable") == "0");
  CHECK(world.where_it_is() == "nothing");
  CHECK(adjustments(world.statement(), "fence carried", "base") == texts{"6352.94", "5647.06"});
  CHECK(adjustments(world.statement(), "fence carried", "clientId") ==
        texts{client_id(world.api(), "a"), client_id(world.api(), "b")});
  CHECK(adjustments(world.statement(), "deficit forgiven", "open") == texts{"3600.00"});

  world.move("a", "10000");
  world.move("b", "-1000");
  world.move("c", "2000");
  world.set_time("2026-03-01T00:00:00Z");
  CHECK(world.close("2026-02").at("accounts.0.payable") == "1394.118");
  world.move("a", "1000");
  world.move("b", "6000");
  world.set_time("2026-04-01T00:00:00Z");
  CHECK(world.close("2026-03").at("accounts.0.payable") == "405.882");
}

TEST_CASE("what a month below zero leaves behind is carried, forgiven, or capped, as the deal says") {
  struct row {
    std::string deal;
    std::string payable; ///< of -10,000 in January and 15,000 in February, at 30 %
  };
  for (const auto& [deal, payable] :
       {row{R"({"carryover":"carry"})", "1500.00"}, row{R"({"carryover":"reset"})", "4500.00"},
        row{R"({"carryover":"capped","cap":"1000"})", "3500.00"}}) {
    programme_over_http world;
    world.set_deal(deal);
    REQUIRE(world.plan("flat", world.flat("30")).status == 201);
    world.join("a");
    world.move("a", "-10000");
    world.set_time("2026-02-01T00:00:00Z");
    world.close("2026-01");
    world.move("a", "15000");
    world.set_time("2026-03-01T00:00:00Z");
    INFO(deal);
    CHECK(world.close("2026-02").at("accounts.0.payable") == payable);
    CHECK(world.where_it_is() == "open " + payable);
  }
}

TEST_CASE("a new plan works forward only: what was earned stays, and the month adds up by plan") {
  programme_over_http world;
  REQUIRE(world.plan("first", world.flat("30")).status == 201);
  world.join("a");
  world.move("a", "100");
  world.set_time("2026-01-15T00:00:00Z");
  REQUIRE(world.plan("second", world.flat("40")).status == 201);
  CHECK(world.where_it_is() == "open 30.00");
  world.move("a", "100");
  const auto past = world.plan("third", R"("validFrom":"2026-01-14T23:59:59Z",)" + world.flat("50"));
  CHECK(past.status == 400);
  CHECK(past.at("error.details.0.field") == "validFrom");
  CHECK(accruals(world.statement()) == texts{"40.00 % of 100.00 is 40.00", "30.00 % of 100.00 is 30.00"});
  world.set_time("2026-02-01T00:00:00Z");
  const auto closed = world.close("2026-01");
  CHECK(closed.at("accounts.0.groups.0.plans") == "[2]");
  CHECK(closed.at("accounts.0.payable") == "70.00");
  CHECK(world.where_it_is() == "open 70.00");
}

TEST_CASE("an affiliate's own plan takes the place of everybody's while it is valid") {
  programme_over_http world;
  REQUIRE(world.plan("everybody", world.flat("30")).status == 201);
  const auto own = world.plan(
      "friend", R"("affiliateId":")" + std::string(demo_affiliate) +
                    R"(","validFrom":"2026-01-10T00:00:00Z","validUntil":"2026-01-20T00:00:00Z",)" + world.flat("50"));
  REQUIRE(own.status == 201);
  world.join("a");
  for (const char* time :
       {"2026-01-09T23:59:59.999999Z", "2026-01-10T00:00:00Z", "2026-01-19T23:59:59.999999Z", "2026-01-20T00:00:00Z"}) {
    world.set_time(time);
    world.move("a", "100");
  }
  CHECK(accruals(world.statement()) == texts{"30.00 % of 100.00 is 30.00", "50.00 % of 100.00 is 50.00",
                                             "50.00 % of 100.00 is 50.00", "30.00 % of 100.00 is 30.00"});
  const auto over = world.admin().send("PATCH", admin_base + "plans/" + own.at("id"),
                                       R"({"validUntil":"2026-02-01T00:00:00Z"})", "application/json");
  CHECK(over.status == 400);
  CHECK(over.at("error.details.0.field") == "validUntil");
  world.set_time("2026-02-01T00:00:00Z");
  CHECK(world.close("2026-01").at("accounts.0.payable") == "160.00");
}

TEST_CASE("a metric is not archived while a plan pays on it, also one that will end") {
  programme_over_http world;
  const auto made = world.admin().post(admin_base + "metrics", R"({"code":"tips","name":"Tips","type":"decimal"})");
  const auto tips = made.at("id");
  const auto leg = R"("revshare":{"metricId":")" + tips + R"(","tiers":[{"ratePercent":"5"}]})";
  REQUIRE(world.plan("for a while", R"("validUntil":"2026-01-20T00:00:00Z",)" + leg).status == 201);
  const auto archive = [&] { return world.admin().send("DELETE", admin_base + "metrics/" + tips, "", ""); };
  world.set_time("2026-01-19T23:59:59Z");
  const auto refused = archive();
  INFO(refused.body);
  CHECK(refused.status == 409);
  CHECK(refused.at("error.details.0.field") == "archived");
  CHECK(refused.at("error.message").find("until 2026-01-20") != std::string::npos);
  world.set_time("2026-01-20T00:00:00Z");
  CHECK(archive().status == 200);
}

TEST_CASE("no month in which something was earned is left out when the first one is closed") {
  programme_over_http world;
  REQUIRE(world.plan("tiers", world.revshare(three_tiers)).status == 201);
  world.join("a");
  world.move("a", "10000");
  world.set_time("2026-03-01T00:00:00Z");
  const auto refused = world.api().post(billing_base + "period-closes", R"({"month":"2026-02"})");
  CHECK(refused.at("accounts.0.closed") == "false");
  CHECK(refused.at("accounts.0.reason") == "months are closed in order, each once");
  CHECK(world.close("2026-01").at("accounts.0.payable") == "3000.00");
  CHECK(world.close("2026-02").at("accounts.0.payable") == "0");
}

TEST_CASE("a plan or deal that cannot be is refused by its field and changes nothing") {
  programme_over_http world;
  REQUIRE(world.plan("first", R"("validFrom":"2026-02-01T00:00:00Z",)" + world.flat("5")).status == 201);
  const auto before = world.ledger().state();
  const auto later = [&](const std::string& members) {
    return world.plan("bad", R"("validFrom":"2026-03-01T00:00:00Z",)" + members);
  };
  const auto tiers = [&](const std::string& list, const std::string& more = "") {
    return later(world.revshare(list, more));
  };
  const auto cpa = [&](const std::string& metric, const std::string& at_least, const std::string& more = "") {
    return later(R"("cpa":{"fee":"20","deposits":{"metricId":")" + metric + R"(","atLeast":")" + at_least + "\"}" +
                 more + "}");
  };
  const std::string one = R"([{"ratePercent":1}])";
  const std::string nobody(demo_brand);
  const std::pair<reply, std::string> plans[] = {
      {world.plan("bad", R"("validFrom":"2026-02-01T00:00:00Z",)" + world.flat("9")), "validFrom"}, // conflicts
      {world.plan("bad", R"("validFrom":"2025-12-31T00:00:00Z",)" + world.flat("9")), "validFrom"},
      {later(R"("validUntil":"2026-03-01T00:00:00Z",)" + world.flat("9")), "validUntil"},
      {later(R"("validUntil":"2026-02-01T00:00:00Z",)" + world.flat("9")), "validUntil"},
      {later(world.flat("100.0001")), "revshare.tiers[0].ratePercent"},
      {later(world.flat("-1")), "revshare.tiers[0].ratePercent"},
      {later(world.flat("1.00001")), "revshare.tiers[0].ratePercent"},
      {tiers("[]"), "revshare.tiers"},
      {tiers(R"([{"upTo":"5","ratePercent":1},{"upTo":"5","ratePercent":1},{"ratePercent":1}])"),
       "revshare.tiers[1].upTo"},
      {tiers(R"([{"upTo":"5","ratePercent":1},{"upTo":"4","ratePercent":1},{"ratePercent":1}])"),
       "revshare.tiers[1].upTo"},
      {tiers(R"([{"upTo":"0","ratePercent":1},{"ratePercent":1}])"), "revshare.tiers[0].upTo"},
      {tiers(R"([{"ratePercent":1},{"ratePercent":2}])"), "revshare.tiers[0].upTo"},
      {tiers(R"([{"upTo":"1.5","ratePercent":1},{"ratePercent":2}])", R"(,"measure":"active_players")"),
       "revshare.tiers[0].upTo"},
      {tiers(one, R"(,"mode":"sideways")"), "revshare.mode"},
      {tiers(one, R"(,"measure":"luck")"), "revshare.measure"},
      {tiers(one, R"(,"adminFeePercent":"60","taxPercent":"40.01")"), "revshare.taxPercent"},
      {tiers(one, R"(,"adminFeePercent":"-1")"), "revshare.adminFeePercent"},
      {later(R"("revshare":{"metricId":")" + world.metric("bets") + R"(","tiers":)" + one + "}"), "revshare.metricId"},
      {later(R"("revshare":{"metricId":")" + world.metric("retired") + R"(","tiers":)" + one + "}"),
       "revshare.metricId"},
      {later(R"("revshare":{"metricId":")" + nobody + R"(","tiers":)" + one + "}"), "revshare.metricId"},
      {later(R"("affiliateId":")" + nobody + "\"," + world.flat("9")), "affiliateId"},
      {later(R"("brandId":")" + ngr_offer + "\"," + world.flat("9")), "brandId"},
      {later(R"("colour":"red",)" + world.flat("9")), "colour"},
      {later(R"("validUntil":"2027-01-01T00:00:00Z")"), "revshare"},
      {later(R"("cpa":{"fee":"20"})"), "cpa.deposits"},
      {later(world.cpa("0")), "cpa.fee"},
      {later(world.cpa("20", R"(,"windowDays":3661)")), "cpa.windowDays"},
      {later(world.cpa("20", R"(,"holdDays":-1)")), "cpa.holdDays"},
      {later(world.cpa("20", R"(,"approval":"perhaps")")), "cpa.approval"},
      {later(world.cpa("20", R"(,"advance":true)")), "cpa.advance"},
      {cpa(world.metric("bets"), "1"), "cpa.deposits.metricId"},
      {cpa(world.metric("ngr"), "0"), "cpa.deposits.atLeast"},
      {cpa(world.metric("ngr"), "1", R"(,"wagering":{"metricId":")" + nobody + R"(","atLeast":"1"})"),
       "cpa.wagering.metricId"},
  };
  for (const auto& [answer, field] : plans) {
    INFO(answer.body);
    CHECK(answer.status == 400);
    CHECK(answer.at("error.details.0.field") == field);
  }
  const std::pair<std::string, std::string> deals[] = {
      {R"({"carryover":"never"})", "deal.carryover"},
      {R"({"carryover":"capped"})", "deal.cap"},
      {R"({"carryover":"capped","cap":"-1"})", "deal.cap"},
      {R"({"carryover":"carry","cap":"1"})", "deal.cap"},
      {R"({"carryover":"carry","fence":{"playerLoss":"1","affiliateLoss":"1"}})", "deal.fence"},
      {R"({"carryover":"reset","fence":{"playerLoss":"0","affiliateLoss":"1"}})", "deal.fence.playerLoss"},
      {R"({"carryover":"reset","fence":{"playerLoss":"1","affiliateLoss":"-1"}})", "deal.fence.affiliateLoss"},
      {R"({"carryover":"reset","fence":{"playerLoss":"1"}})", "deal.fence.affiliateLoss"},
      {R"({"scope":"planet"})", "deal.scope"},
  };
  for (const auto& [deal, field] : deals) {
    const auto answer = world.admin().send("PATCH", admin_base + "affiliates/" + std::string(demo_affiliate),
                                           R"({"deal":)" + deal + "}", "application/json");
    INFO(deal << " " << answer.body);
    CHECK(answer.status == 400);
    CHECK(answer.at("error.details.0.field") == field);
  }
  CHECK(world.ledger().state() == before);
}
