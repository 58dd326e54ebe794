/// Plays docs/money.md: every table on the page is computed here.

#include "programme.hpp"
#include "sample_workspace.hpp"
#include "support/catch.hpp"
#include "table_page.hpp"

#include <map>
#include <memory>

namespace croupier::testing {
namespace {

timestamp day_in_month(std::uint64_t month, int day) {
  auto at = calendar_month{2026, 1};
  for (std::uint64_t i = 1; i < month; ++i) at = at.next();
  return begin_of(day_of(at.starts_at()) + day - 1);
}

/// One programme for each case of a table, made when the case first comes up.
template<class Make>
programme& of_case(std::map<std::string, programme>& all, const std::string& name, Make make) {
  const auto found = all.find(name);
  return found != all.end() ? found->second : all.emplace(name, make()).first->second;
}

commission_sum total(const close_outcome& closed, commission_sum group_figures::*figure) {
  commission_sum sum;
  for (const auto& group : closed.groups) sum += group.*figure;
  return sum;
}

commission_sum accrued_in(const close_outcome& closed) {
  commission_sum sum;
  for (const auto& group : closed.groups)
    for (const auto& plan : group.plans) sum += plan.accrued;
  return sum;
}

affiliate_number any_or_affiliate(const table_row& row) {
  return affiliate_number{row.text("affiliate") == "any" ? 0U : static_cast<std::uint32_t>(row.count("affiliate"))};
}

brand_number any_or_brand(const table_row& row) {
  return brand_number{static_cast<std::uint16_t>(row.text("brand") == "any" ? 0U : row.count("brand"))};
}

tier_outcome outcome_of(const table_row& row, tier_mode mode, tier_measure measure, period_counts counts) {
  auto leg = *revshare_plan(row.text("tiers"), mode).revshare;
  leg.measure = measure;
  const auto base = net_of(row.value("base"), {});
  REQUIRE(base.has_value());
  const auto outcome = earned_in_period(leg, *base, counts);
  REQUIRE(outcome.has_value());
  return *outcome;
}

} // namespace

TEST_CASE("money page: revshare on a movement") {
  for (const auto& row : table_behind(money_page(), "## RevShare on a movement")) {
    INFO(row.whole());
    auto leg = *revshare_plan(row.text("rate")).revshare;
    leg.deductions = {.admin_fee = row.percent("admin fee"), .tax = row.percent("tax")};
    CHECK(shown(*net_of(row.value("change"), leg.deductions)) == row.text("base"));
    CHECK(shown(*accrued_at_write(leg, row.value("change"))) == row.text("accrued"));
  }
}

TEST_CASE("money page: which plan pays") {
  plan_book book;
  for (const auto& row : table_behind(money_page(), "### Plans")) {
    commission_plan plan = revshare_plan("10 %");
    plan.number = plan_number{static_cast<std::uint32_t>(book.plans().size() + 1)};
    plan.name = row.text("plan");
    plan.affiliate = any_or_affiliate(row);
    plan.brand = any_or_brand(row);
    plan.valid_from = time_of(row.text("from"));
    if (row.has("until")) plan.valid_until = time_of(row.text("until"));
    book.put(plan);
  }
  for (const auto& row : table_behind(money_page(), "### What they pay")) {
    INFO(row.whole());
    const auto* plan = book.in_force(the_offer, any_or_brand(row), any_or_affiliate(row), time_of(row.text("time")));
    CHECK((plan == nullptr ? "none" : plan->name) == row.text("plan"));
  }
}

TEST_CASE("money page: tiers") {
  for (const auto& row : table_behind(money_page(), "### Tiers on the base")) {
    INFO(row.whole());
    for (const auto& [mode, head] :
         {std::pair(tier_mode::retroactive, "retroactive"), std::pair(tier_mode::incremental, "incremental")})
      CHECK(shown(outcome_of(row, mode, tier_measure::period_base, {}).earned) == row.text(head));
  }
  for (const auto& row : table_behind(money_page(), "### Tiers on players")) {
    INFO(row.whole());
    const period_counts deposits_counted{.first_deposits = row.count("players"), .active_players = 1'000};
    const period_counts players_counted{.first_deposits = 1'000, .active_players = row.count("players")};
    for (const auto& [mode, head] :
         {std::pair(tier_mode::retroactive, "retroactive"), std::pair(tier_mode::incremental, "incremental")}) {
      CHECK(shown(outcome_of(row, mode, tier_measure::first_deposits, deposits_counted).earned) == row.text(head));
      CHECK(shown(outcome_of(row, mode, tier_measure::active_players, players_counted).earned) == row.text(head));
    }
  }
}

TEST_CASE("money page: a month below zero") {
  std::map<std::string, programme> programmes;
  for (const auto& row : table_behind(money_page(), "## A month below zero")) {
    INFO(row.whole());
    auto& one = of_case(programmes, row.text("deal"), [&] {
      programme made(deal_of(row.text("deal")));
      made.add(revshare_plan("30 %"));
      return made;
    });
    one.set_time(day_in_month(row.count("month"), 10));
    one.move({.ngr = row.value("base"), .deposit = {}, .wager = {}});
    one.set_time(day_in_month(row.count("month") + 1, 1));
    const auto closed = one.close_month();
    CHECK(shown(accrued_in(closed)) == row.text("accrued"));
    CHECK(shown(total(closed, &group_figures::offset)) == row.text("offset"));
    CHECK(shown(total(closed, &group_figures::forgiven)) == row.text("forgiven"));
    CHECK(shown(total(closed, &group_figures::carried)) == row.text("carried"));
    CHECK(shown(closed.payable) == row.text("payable"));
    // What is payable is what a settlement then pays.
    const auto skipped = one.settle({.up_to = one.now(), .minimum = {}});
    CHECK(skipped.has_value() == closed.payable.is_zero());
    if (!skipped) CHECK(shown(one.account().find(one.newest_settlement())->part.payable) == row.text("payable"));
    CHECK_FALSE(one.account().broken_law());
  }
}

TEST_CASE("money page: all brands together, or each by itself") {
  std::map<std::string, programme> programmes;
  for (const auto& row : table_behind(money_page(), "### All brands together, or each by itself")) {
    INFO(row.whole());
    auto& one = of_case(programmes, row.text("scope"), [&] {
      auto deal = deal_of("carry");
      if (row.text("scope") == "by itself") deal.scope = netting_scope::affiliate_and_brand;
      programme made(deal);
      made.add(revshare_plan("30 %"));
      return made;
    });
    one.set_time(day_in_month(row.count("month"), 10));
    one.move(
        {.player = player_number{1}, .brand = first_brand, .ngr = row.value("brand 1"), .deposit = {}, .wager = {}});
    one.move(
        {.player = player_number{2}, .brand = second_brand, .ngr = row.value("brand 2"), .deposit = {}, .wager = {}});
    one.set_time(day_in_month(row.count("month") + 1, 1));
    const auto closed = one.close_month();
    CHECK(shown(closed.payable) == row.text("payable"));
    CHECK(shown(one.account().buckets().carried) == row.text("still carried"));
    REQUIRE_FALSE(one.settle().has_value());
    CHECK(shown(one.account().find(one.newest_settlement())->part.payable) == row.text("payable"));
    CHECK_FALSE(one.account().broken_law());
  }
}

TEST_CASE("money page: high rollers") {
  auto deal = deal_of("reset");
  deal.fence = fence_terms{.player_loss = amount_of("7,000"), .affiliate_loss = amount_of("2,000")};
  programme one(deal);
  one.add(revshare_plan("30 %"));
  const player_number player_a{1};
  const player_number player_b{2};
  for (const auto& row : table_behind(money_page(), "## High rollers")) {
    INFO(row.whole());
    one.set_time(day_in_month(row.count("month"), 10));
    one.move({.player = player_a, .ngr = row.value("player A"), .deposit = {}, .wager = {}});
    one.move({.player = player_b, .ngr = row.value("player B"), .deposit = {}, .wager = {}});
    one.move({.player = player_number{3}, .ngr = row.value("others"), .deposit = {}, .wager = {}});
    one.set_time(day_in_month(row.count("month") + 1, 1));
    const auto closed = one.close_month();
    CHECK(shown(accrued_in(closed)) == row.text("accrued"));
    CHECK(shown(one.account().carried().carried_for(player_a)) == row.text("A is carried"));
    CHECK(shown(one.account().carried().carried_for(player_b)) == row.text("B is carried"));
    CHECK(shown(closed.payable) == row.text("payable"));
    CHECK_FALSE(one.account().broken_law());
  }
}

} // namespace croupier::testing
