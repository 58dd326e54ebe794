#include "engine/period_close.hpp"

#include "programme.hpp"
#include "sample_workspace.hpp"
#include "support/catch.hpp"
#include "table_page.hpp"

#include <limits>
#include <string>
#include <vector>

namespace croupier::testing {
namespace {

constexpr player_number player_a{1};
constexpr player_number player_b{2};

play ngr_of(player_number player, std::string_view ngr, brand_number brand = first_brand) {
  return {.player = player, .brand = brand, .ngr = amount_of(ngr), .deposit = {}, .wager = {}};
}

play deposit_of(player_number player, std::string_view deposit) {
  return {.player = player, .ngr = {}, .deposit = amount_of(deposit), .wager = {}};
}

/// The entry's lines as an accountant would read them: "reason: before -> after".
std::vector<std::string> lines_of(const close_outcome& closed) {
  std::vector<std::string> lines;
  for (const auto& line : closed.entry.adjustments)
    lines.push_back(std::string(text_of(line.reason)) + ": " + shown(line.before) + " -> " + shown(line.after));
  return lines;
}

deal_terms fenced_deal() {
  auto deal = deal_of("reset");
  deal.fence = fence_terms{.player_loss = amount_of("7,000"), .affiliate_loss = amount_of("2,000")};
  return deal;
}

} // namespace

TEST_CASE("every rule of a close leaves a line that says what it changed") {
  programme one(fenced_deal());
  auto plan = revshare_plan("30 % to 20,000; 40 % above");
  plan.cpa = cpa_of("100");
  plan.cpa->advance = true;
  const auto number = one.add(plan);
  one.move(ngr_of(player_a, "-10,000"));
  one.set_time(time_of("2026-02-01"));
  const auto january = one.close_month();
  CHECK(lines_of(january) == std::vector<std::string>{"fence carried: 0 -> 0", "deficit forgiven: -3,000 -> 0"});
  const auto& fenced = january.entry.adjustments[0];
  CHECK(fenced.player == player_a);
  CHECK(shown(fenced.base) == "10,000");
  CHECK(shown(fenced.measured) == "-10,000");
  CHECK(fenced.effective_at == time_of("2026-01-31T23:59:59.999999Z"));

  one.move(ngr_of(player_a, "15,000"));
  one.move(ngr_of(player_b, "25,000"));
  one.move(deposit_of(player_b, "10"));
  one.set_time(time_of("2026-03-01"));
  const auto february = one.close_month();
  CHECK(lines_of(february) == std::vector<std::string>{"CPA released: 0 -> 100", "fence offset: 4,500 -> 1,500",
                                                       "tier true-up: 9,000 -> 12,000",
                                                       "advance recouped: 12,000 -> 11,900"});
  const auto& offset = february.entry.adjustments[1];
  CHECK(offset.plan == number);
  CHECK(shown(offset.base) == "-10,000");
  CHECK(offset.rate == percentage_of("30"));
  const auto& true_up = february.entry.adjustments[2];
  CHECK(shown(true_up.base) == "30,000");
  CHECK(shown(true_up.measured) == "30,000");
  CHECK(true_up.rate == percentage_of("40"));
  CHECK(shown(february.payable) == "12,000");
}

TEST_CASE("a month without anything to adjust closes with an empty entry") {
  programme one(deal_of("carry"));
  one.add(revshare_plan("30 %"));
  one.set_time(time_of("2026-01-31T23:59:59Z"));
  one.move("100");
  one.set_time(time_of("2026-02-01"));
  const auto closed = one.close_month();
  CHECK(closed.entry.adjustments.empty());
  CHECK(shown(closed.payable) == "30");
  one.set_time(time_of("2026-03-01"));
  CHECK(one.close_month().groups.empty());
}

TEST_CASE("a change of plan in the middle of a month counts from then on, each plan with its own base") {
  programme one(deal_of("carry"));
  one.add(revshare_plan("10 % to 1,000; 20 % above"));
  auto next = revshare_plan("30 % to 1,000; 40 % above");
  next.valid_from = time_of("2026-01-16");
  one.add(next);
  one.move("900");
  one.set_time(time_of("2026-01-16"));
  one.move("1100");
  one.set_time(time_of("2026-02-01"));
  const auto closed = one.close_month();
  REQUIRE(closed.groups.size() == 1);
  REQUIRE(closed.groups[0].plans.size() == 2);
  CHECK(shown(closed.groups[0].plans[0].earned) == "90");  // 900 is not above 1,000
  CHECK(shown(closed.groups[0].plans[1].earned) == "440"); // 1,100 is
}

TEST_CASE("tiers count players whose first deposit, or whose movement, is in the month") {
  programme one(deal_of("carry"));
  auto plan = revshare_plan("10 % to 1; 20 % above");
  plan.revshare->measure = tier_measure::first_deposits;
  one.add(plan);
  one.move(deposit_of(player_a, "10"));
  one.move(ngr_of(player_a, "100"));
  one.move(ngr_of(player_b, "100"));
  one.set_time(time_of("2026-02-01"));
  const auto january = one.close_month();
  CHECK(january.groups[0].plans[0].counts.first_deposits == 1);
  CHECK(january.groups[0].plans[0].counts.active_players == 2);
  CHECK(shown(january.payable) == "20");
  one.move(deposit_of(player_a, "10")); // not the first
  one.move(deposit_of(player_b, "10"));
  one.move(deposit_of(player_number{3}, "10"));
  one.move(ngr_of(player_a, "100"));
  one.set_time(time_of("2026-03-01"));
  CHECK(shown(one.close_month().payable) == "20"); // two first deposits: 20 % of 100
}

TEST_CASE("a fenced player's win-back of one month is spread over the plans that it won under") {
  programme one(fenced_deal());
  one.add(revshare_plan("30 %"));
  auto next = revshare_plan("50 %");
  next.valid_from = time_of("2026-02-15");
  one.add(next);
  one.move(ngr_of(player_a, "-8,000"));
  one.set_time(time_of("2026-02-01"));
  one.close_month();
  one.move(ngr_of(player_a, "5,000"));
  one.set_time(time_of("2026-02-15"));
  one.move(ngr_of(player_a, "4,000"));
  one.set_time(time_of("2026-03-01"));
  const auto closed = one.close_month();
  // 5,000 at 30 % go wholly, and 3,000 of the 4,000 at 50 %.
  CHECK(lines_of(closed) == std::vector<std::string>{"fence offset: 1,500 -> 0", "fence offset: 2,000 -> 500"});
  CHECK(shown(closed.payable) == "500");
  CHECK(one.account().carried().fences.empty());
}

TEST_CASE("a fenced player's loss under one plan counts against its win under another before the fence does") {
  programme one(fenced_deal());
  one.add(revshare_plan("30 %"));
  auto next = revshare_plan("50 %");
  next.valid_from = time_of("2026-02-15");
  one.add(next);
  one.move(ngr_of(player_a, "-8,000"));
  one.set_time(time_of("2026-02-01"));
  one.close_month();
  one.move(ngr_of(player_a, "-1,000"));
  one.set_time(time_of("2026-02-15"));
  one.move(ngr_of(player_a, "4,000"));
  one.set_time(time_of("2026-03-01"));
  one.close_month();
  CHECK(shown(one.account().carried().carried_for(player_a)) == "5,000"); // 8,000 less the 3,000 that it won
}

TEST_CASE("a player is fenced again on top of what is carried, and a smaller loss adds nothing") {
  programme one(fenced_deal());
  one.add(revshare_plan("30 %"));
  const auto month = [&](std::string_view change, std::string_view end) {
    one.move(ngr_of(player_a, change));
    one.set_time(time_of(end));
    one.close_month();
    return shown(one.account().carried().carried_for(player_a));
  };
  CHECK(month("-8,000", "2026-02-01") == "8,000");
  CHECK(month("-6,000", "2026-03-01") == "8,000");
  CHECK(month("-7,500", "2026-04-01") == "15,500");
  CHECK(month("20,000", "2026-05-01") == "0");
  CHECK(shown(one.account().buckets().open) == "1,350"); // 30 % of 4,500
}

TEST_CASE(
    "deficits of single brands are made up for by all brands once the deal nets them together, and the other way") {
  auto deal = deal_of("carry");
  deal.scope = netting_scope::affiliate_and_brand;
  programme one(deal);
  one.add(revshare_plan("10 %"));
  one.move(ngr_of(player_a, "-1,000"));
  one.move(ngr_of(player_b, "-500", second_brand));
  one.set_time(time_of("2026-02-01"));
  one.close_month();
  REQUIRE(one.account().carried().sums.size() == 2);
  one.set_deal(deal_of("carry"));
  one.move(ngr_of(player_b, "1,200", second_brand));
  one.set_time(time_of("2026-03-01"));
  CHECK(shown(one.close_month().payable) == "0");
  CHECK(shown(one.account().buckets().carried) == "-30");
  one.move(ngr_of(player_a, "-200"));
  one.set_time(time_of("2026-04-01"));
  one.close_month();
  CHECK(shown(one.account().buckets().carried) == "-50");
  one.set_deal(deal);
  one.move(ngr_of(player_a, "100"));
  one.move(ngr_of(player_b, "600", second_brand));
  one.set_time(time_of("2026-05-01"));
  // Brand 1 makes up for 10 of the 20 that all brands left; the other 10 and its own 30 fall on brand 2.
  CHECK(shown(one.close_month().payable) == "20");
  CHECK(one.account().carried().sums.empty());
}

TEST_CASE("revshare makes up for advances only as far as plans earned it whose CPA is an advance") {
  programme one(deal_of("carry"));
  auto advance = revshare_plan("100 %");
  advance.brand = first_brand;
  advance.cpa = cpa_of("50");
  advance.cpa->advance = true;
  one.add(advance);
  one.add(revshare_plan("100 %")); // any other brand
  one.move(deposit_of(player_a, "10"));
  one.move(ngr_of(player_a, "30"));
  one.move(ngr_of(player_b, "1,000", second_brand));
  one.set_time(time_of("2026-02-01"));
  CHECK(lines_of(one.close_month()) ==
        std::vector<std::string>{"CPA released: 0 -> 50", "advance recouped: 1,030 -> 1,000"});
  one.move(ngr_of(player_b, "1,000", second_brand));
  one.set_time(time_of("2026-03-01"));
  CHECK(one.close_month().entry.adjustments.empty());
  // A loss elsewhere comes first: there is nothing left that could make up for the advance.
  one.move(ngr_of(player_a, "40"));
  one.move(ngr_of(player_b, "-40", second_brand));
  one.set_time(time_of("2026-04-01"));
  CHECK(one.close_month().entry.adjustments.empty());
}

TEST_CASE("an advance that was made up for is given back when its fee is reversed, even in a month without movements") {
  programme one(deal_of("carry"));
  auto plan = revshare_plan("100 %");
  plan.cpa = cpa_of("20");
  plan.cpa->advance = true;
  plan.cpa->reversal_days = 90;
  one.add(plan);
  one.move(deposit_of(player_a, "10"));
  one.move(ngr_of(player_a, "21"));
  one.set_time(time_of("2026-02-01"));
  CHECK(shown(one.close_month().payable) == "21");
  one.charge_back(player_a);
  one.set_time(time_of("2026-03-01"));
  CHECK(lines_of(one.close_month()) == std::vector<std::string>{"CPA reversed: 20 -> 0", "advance recouped: 0 -> 20"});
  CHECK(shown(one.account().buckets().earned) == "21");
}

TEST_CASE("a close judges chargebacks of its own month, and before releases") {
  programme one(deal_of("carry"));
  auto plan = revshare_plan("0 %");
  plan.cpa = cpa_of("20");
  plan.cpa->hold_days = 14;
  plan.cpa->reversal_days = 60;
  one.add(plan);
  one.move(deposit_of(player_a, "10"));
  one.move(deposit_of(player_b, "10"));
  one.set_time(time_of("2026-01-25"));
  one.charge_back(player_a);
  one.set_time(time_of("2026-02-02"));
  one.charge_back(player_b);
  CHECK(lines_of(one.close_month()) == std::vector<std::string>{"CPA reversed: 20 -> 0", "CPA released: 0 -> 20"});
  one.set_time(time_of("2026-03-01"));
  CHECK(lines_of(one.close_month()) == std::vector<std::string>{"CPA reversed: 20 -> 0"});
  CHECK(one.account().buckets().earned.is_zero());
}

TEST_CASE("figures beyond their types refuse the close") {
  plan_book plans;
  auto plan = revshare_plan("10 % to 1; 100 % above");
  plan.number = plan_number{1};
  plans.put(plan);
  const carry_state nothing;
  std::vector<revshare_line> lines;
  for (std::uint64_t i = 1; i <= 200; ++i) {
    revshare_line line;
    line.player = player_number{i};
    line.brand = first_brand;
    line.plan = plan.number;
    line.base = amount::from_integer(999'999'999'999'999'999);
    line.accrued = *accrued_at_write(*plan.revshare, line.base);
    lines.push_back(line);
  }
  close_input input;
  input.account = {.affiliate = the_affiliate, .currency = *currency_code::parse("EUR")};
  input.month = {.year = 2026, .month = 1};
  input.plans = &plans;
  input.carried = &nothing;
  input.lines = std::span(lines).first(100);
  const auto closed = close_month(input);
  REQUIRE(closed.has_value());
  CHECK(shown(closed->payable) == "99,999,999,999,999,999,900");
  input.lines = lines;
  const auto refused = close_month(input);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error() == close_refusal::out_of_range);
}

} // namespace croupier::testing
