/// Plays the tables of docs/money.md that are stories of one account.

#include "programme.hpp"
#include "sample_workspace.hpp"
#include "support/catch.hpp"
#include "table_page.hpp"

#include <map>

namespace croupier::testing {
namespace {

constexpr player_number the_player{1};

std::string_view state_of(const programme& one, bool was_seen) {
  const auto* claim = one.account().claim_of(the_player);
  if (claim == nullptr) return was_seen ? "reversed" : "none";
  switch (claim->now) {
  case cpa_claim::state::held: return "held";
  case cpa_claim::state::released: return "released";
  case cpa_claim::state::reversed: return "reversed";
  }
  return "";
}

void play_cpa(programme& one, const std::string& event) {
  const auto space = event.find(' ');
  const auto verb = event.substr(0, space);
  if (verb == "deposit") {
    one.move({.player = the_player, .ngr = {}, .deposit = amount_of(event.substr(space)), .wager = {}});
  } else if (verb == "wager") {
    one.move({.player = the_player, .ngr = {}, .deposit = {}, .wager = amount_of(event.substr(space))});
  } else if (verb == "chargeback") {
    one.charge_back(the_player);
  } else {
    REQUIRE(event == "nothing");
  }
}

commission_plan cpa_plan_of_the_page() {
  commission_plan plan = revshare_plan("0 %");
  auto cpa = cpa_of("20");
  cpa.deposits->at_least = amount_of("50");
  cpa.wagering = cpa_condition{.metric = bets, .at_least = amount_of("200")};
  cpa.window_days = 30;
  cpa.hold_days = 14;
  cpa.reversal_days = 30;
  plan.cpa = cpa;
  return plan;
}

/// "movement of 3", "adjust by -2", "settle", "settle: negative", "delete", "delete: refused", "start", "pay".
void play_account(programme& one, const std::string& event) {
  if (event.starts_with("movement of "))
    return one.move({.ngr = amount_of(event.substr(12)), .deposit = {}, .wager = {}});
  if (event.starts_with("adjust by ")) {
    REQUIRE_FALSE(one.adjust("adjust-1", event.substr(10), one.now()));
    return;
  }
  if (event == "settle") {
    REQUIRE_FALSE(one.settle());
  } else if (event == "settle: negative") {
    REQUIRE(one.settle() == skip_reason::negative);
  } else if (event == "delete") {
    REQUIRE_FALSE(one.remove(one.newest_settlement()));
  } else if (event == "delete: refused") {
    REQUIRE(one.remove(one.newest_settlement()) == settlement_refusal::paid);
  } else if (event == "start") {
    REQUIRE_FALSE(one.set_status(one.newest_settlement(), settlement_status::in_progress));
  } else {
    REQUIRE(event == "pay");
    REQUIRE_FALSE(one.set_status(one.newest_settlement(), settlement_status::paid));
  }
}

} // namespace

TEST_CASE("money page: the life of a CPA") {
  std::map<std::string, programme> players;
  std::map<std::string, bool> was_claimed;
  for (const auto& row : table_behind(money_page(), "## CPA")) {
    INFO(row.whole());
    const auto name = row.text("player");
    const bool is_new = players.find(name) == players.end();
    auto& one = players.try_emplace(name, deal_of("carry")).first->second;
    if (is_new) one.add(cpa_plan_of_the_page());
    one.set_time(begin_of(day_of(time_of("2026-01-01")) + static_cast<day_number>(row.count("day"))));
    play_cpa(one, row.text("event"));
    one.set_time({one.now().unix_us + 1});
    one.sweep();
    auto& claimed = was_claimed[name];
    CHECK(state_of(one, claimed) == row.text("claim"));
    claimed = claimed || one.account().claim_of(the_player) != nullptr;
    CHECK(shown(one.account().buckets().on_hold) == row.text("on hold"));
    CHECK(shown(one.account().buckets().open) == row.text("open"));
    CHECK_FALSE(one.account().broken_law());
  }
}

TEST_CASE("money page: CPA as an advance") {
  std::map<std::string, programme> cases;
  for (const auto& row : table_behind(money_page(), "### CPA as an advance")) {
    INFO(row.whole());
    const bool is_new = cases.find(row.text("case")) == cases.end();
    auto& one = cases.try_emplace(row.text("case"), deal_of("carry")).first->second;
    if (is_new) {
      auto plan = revshare_plan("100 %");
      plan.cpa = cpa_of("20");
      plan.cpa->reversal_days = 90;
      plan.cpa->advance = true;
      one.add(plan);
    }
    const calendar_month month{2026, static_cast<std::uint8_t>(row.count("month"))};
    one.set_time(month.starts_at());
    const bool releases = row.value("CPA released") != amount{};
    one.move(
        {.player = the_player, .ngr = row.value("RevShare"), .deposit = amount_of(releases ? "10" : "0"), .wager = {}});
    if (row.value("CPA reversed").is_negative()) one.charge_back(the_player);
    one.set_time(month.ends_at());
    const auto closed = one.close_month();
    REQUIRE(closed.groups.size() == 1);
    CHECK(shown(closed.cpa_released) == row.text("CPA released"));
    CHECK(shown(closed.cpa_reversed) == row.text("CPA reversed"));
    CHECK(shown(closed.groups[0].earned) == row.text("RevShare"));
    CHECK(shown(closed.groups[0].recouped) == row.text("recouped"));
    CHECK(shown(closed.payable) == row.text("payable"));
    CHECK_FALSE(one.account().broken_law());
  }
}

TEST_CASE("money page: from gross to net") {
  programme one(deal_of("carry"));
  auto plan = revshare_plan("25 % to 5,000; 30 % to 20,000; 35 % above", tier_mode::incremental);
  plan.revshare->deductions = {.admin_fee = percentage_of("3"), .tax = percentage_of("20")};
  one.add(plan);
  one.move("-1000");
  one.set_time(time_of("2026-02-01"));
  one.close_month();
  one.move("30000");
  one.set_time(time_of("2026-03-01"));
  const auto closed = one.close_month();
  REQUIRE(closed.groups.size() == 1);
  REQUIRE(closed.groups[0].plans.size() == 1);
  const auto& group = closed.groups[0];
  const auto& figures = group.plans[0];
  const std::map<std::string, std::string> computed{{"gross", shown(*net_of(figures.gross, {}))},
                                                    {"admin fee", shown(figures.admin_fee.negated())},
                                                    {"tax", shown(figures.tax.negated())},
                                                    {"base", shown(figures.base)},
                                                    {"accrued on movements at 25 %", shown(figures.accrued)},
                                                    {"true-up of the tiers", shown(figures.true_up)},
                                                    {"earned", shown(group.earned)},
                                                    {"deficit of earlier months", shown(group.offset)},
                                                    {"payable", shown(closed.payable)}};
  const auto rows = table_behind(money_page(), "## From gross to net");
  CHECK(rows.size() == computed.size());
  for (const auto& row : rows) {
    INFO(row.whole());
    const auto found = computed.find(row.text("line"));
    REQUIRE(found != computed.end());
    CHECK(found->second == row.text("value"));
  }
}

TEST_CASE("money page: rounding") {
  for (const auto& row : table_behind(money_page(), "### Rounding")) {
    INFO(row.whole());
    programme one(deal_of("carry"), row.text("currency"));
    one.add(revshare_plan("100 %"));
    one.move({.ngr = row.value("exact"), .deposit = {}, .wager = {}});
    REQUIRE_FALSE(one.settle());
    const auto& part = one.account().find(one.newest_settlement())->part;
    CHECK(shown(part.exact) == shown(commission_of(row.text("exact"))));
    CHECK(shown(part.payable) == row.text("payable"));
    CHECK(shown(part.residue) == row.text("residue"));
  }
}

TEST_CASE("money page: who is left out") {
  for (const auto& row : table_behind(money_page(), "### Who is left out")) {
    INFO(row.whole());
    programme one(deal_of("carry"));
    one.add(revshare_plan("100 %"));
    one.move({.ngr = row.value("open"), .deposit = {}, .wager = {}});
    const auto skipped = one.settle({.up_to = std::nullopt, .minimum = commission_of(row.text("minimum"))},
                                    row.text("payment details") == "yes");
    CHECK((skipped ? text_of(*skipped) : "settled") == row.text("outcome"));
  }
}

TEST_CASE("money page: the buckets") {
  programme one(deal_of("carry"));
  one.add(revshare_plan("50 %"));
  for (const auto& row : table_behind(money_page(), "### The buckets")) {
    INFO(row.whole());
    play_account(one, row.text("event"));
    const auto& buckets = one.account().buckets();
    CHECK(shown(buckets.open) == row.text("open"));
    CHECK(shown(buckets.pending) == row.text("pending"));
    CHECK(shown(buckets.paid) == row.text("paid"));
    CHECK(shown(buckets.rounding) == row.text("rounding"));
    CHECK(shown(buckets.earned) == row.text("earned"));
    CHECK_FALSE(one.account().broken_law());
  }
}

} // namespace croupier::testing
