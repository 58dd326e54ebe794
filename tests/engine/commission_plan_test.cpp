#include "engine/commission_plan.hpp"

#include "programme.hpp"
#include "sample_workspace.hpp"
#include "support/catch.hpp"
#include "table_page.hpp"

#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace croupier::testing {
namespace {

const timestamp today = timestamp{1'767'225'600'000'000}; // 2026-01-01

commission_plan good_plan() {
  auto plan = revshare_plan("6 % to 1,000; 8 % to 3,000; 10 % above");
  plan.number = plan_number{1};
  plan.valid_from = today;
  plan.cpa = cpa_of("20");
  return plan;
}

struct bad_plan {
  std::string problem;
  std::function<void(commission_plan&)> spoil;
};

void check_problems(const std::vector<bad_plan>& cases, const plan_book& book) {
  const auto ws = sample_workspace();
  for (const auto& one : cases) {
    auto plan = good_plan();
    plan.number = plan_number{static_cast<std::uint32_t>(book.plans().size() + 1)};
    one.spoil(plan);
    INFO(one.problem);
    CHECK(book.problem_with(plan, ws, today).value_or("none") == one.problem);
  }
}

} // namespace

TEST_CASE("a plan in order has no problem") {
  const auto ws = sample_workspace();
  CHECK(plan_book{}.problem_with(good_plan(), ws, today).value_or("none") == "none");
  auto only_cpa = good_plan();
  only_cpa.revshare.reset();
  CHECK(plan_book{}.problem_with(only_cpa, ws, today).value_or("none") == "none");
  auto only_revshare = good_plan();
  only_revshare.cpa.reset();
  only_revshare.revshare->tiers = tiers_of("100 %");
  only_revshare.brand = casino;
  only_revshare.affiliate = ada;
  CHECK(plan_book{}.problem_with(only_revshare, ws, today).value_or("none") == "none");
}

TEST_CASE("what is wrong with a plan is said with its field") {
  check_problems(
      {
          {"number: must be the next free one, 1", [](auto& plan) { plan.number = plan_number{2}; }},
          {"number: there is no room for another one", [](auto& plan) { plan.number = plan_number{}; }},
          {"name: must not be empty", [](auto& plan) { plan.name.clear(); }},
          {"name: must not be longer than 255 bytes", [](auto& plan) { plan.name.assign(256, 'x'); }},
          {"name: must not contain control characters", [](auto& plan) { plan.name = "a\nb"; }},
          {"offer: does not exist", [](auto& plan) { plan.offer = offer_number{99}; }},
          {"brand: does not exist", [](auto& plan) { plan.brand = brand_number{99}; }},
          {"affiliate: does not exist", [](auto& plan) { plan.affiliate = affiliate_number{99}; }},
          {"valid_from: is past: a plan works forward only", [](auto& plan) { plan.valid_from.unix_us -= 1; }},
          {"valid_until: must be after valid_from", [](auto& plan) { plan.valid_until = plan.valid_from; }},
          {"revshare: a plan pays revshare, CPA or both",
           [](auto& plan) {
             plan.revshare.reset();
             plan.cpa.reset();
           }},
      },
      {});
}

TEST_CASE("what is wrong with a revshare leg is said with its field") {
  check_problems(
      {
          {"revshare.metric: does not exist", [](auto& plan) { plan.revshare->metric = metric_number{99}; }},
          {"revshare.metric: does not exist", [](auto& plan) { plan.revshare->metric = metric_number{}; }},
          {"revshare.metric: must be a decimal metric", [](auto& plan) { plan.revshare->metric = bets; }},
          {"revshare.metric: is archived", [](auto& plan) { plan.revshare->metric = old_score; }},
          {"revshare.tiers: must not be empty", [](auto& plan) { plan.revshare->tiers.clear(); }},
          {"revshare.tiers: must not be more than 20",
           [](auto& plan) { plan.revshare->tiers.assign(21, commission_tier{}); }},
          {"revshare.tiers[2].rate_percent: must be 0 to 100",
           [](auto& plan) { plan.revshare->tiers[2].rate = percentage_of("100.0001"); }},
          {"revshare.tiers[0].rate_percent: must be 0 to 100",
           [](auto& plan) { plan.revshare->tiers[0].rate = percentage_of("-1"); }},
          {"revshare.tiers[2].up_to: the last tier has no bound",
           [](auto& plan) { plan.revshare->tiers[2].up_to = amount_of("9,000"); }},
          {"revshare.tiers[1].up_to: only the last tier is without a bound",
           [](auto& plan) { plan.revshare->tiers[1].up_to.reset(); }},
          {"revshare.tiers[1].up_to: overlaps the tier before it: bounds must ascend",
           [](auto& plan) { plan.revshare->tiers[1].up_to = amount_of("1,000"); }},
          {"revshare.tiers[1].up_to: overlaps the tier before it: bounds must ascend",
           [](auto& plan) { plan.revshare->tiers[1].up_to = amount_of("999.99"); }},
          {"revshare.tiers[0].up_to: must be more than 0",
           [](auto& plan) { plan.revshare->tiers[0].up_to = amount_of("0"); }},
          {"revshare.tiers[1].up_to: must be whole: it is a number of players",
           [](auto& plan) {
             plan.revshare->measure = tier_measure::first_deposits;
             plan.revshare->tiers[1].up_to = amount_of("2,000.5");
           }},
          {"revshare.admin_fee_percent: must be 0 to 100",
           [](auto& plan) { plan.revshare->deductions.admin_fee = percentage_of("101"); }},
          {"revshare.admin_fee_percent: must not have more than 2 fraction digits",
           [](auto& plan) { plan.revshare->deductions.admin_fee = percentage_of("1.001"); }},
          {"revshare.tax_percent: must be 0 to 100",
           [](auto& plan) { plan.revshare->deductions.tax = percentage_of("-0.01"); }},
          {"revshare.tax_percent: must not be more than 100 together with the admin fee",
           [](auto& plan) {
             plan.revshare->deductions = {percentage_of("60"), percentage_of("40.01")};
           }},
      },
      {});
}

TEST_CASE("what is wrong with a CPA leg is said with its field") {
  check_problems(
      {
          {"cpa.fee: must be more than 0, with at most 18 digits before the point",
           [](auto& plan) { plan.cpa->fee = amount{}; }},
          {"cpa.deposits: a player must have something to qualify by", [](auto& plan) { plan.cpa->deposits.reset(); }},
          {"cpa.deposits.metric: must be a decimal metric", [](auto& plan) { plan.cpa->deposits->metric = bets; }},
          {"cpa.wagering.metric: does not exist",
           [](auto& plan) {
             plan.cpa->wagering = cpa_condition{metric_number{99}, amount_of("1")};
           }},
          {"cpa.deposits.at_least: must be more than 0, with at most 18 digits before the point",
           [](auto& plan) { plan.cpa->deposits->at_least = amount{}; }},
          {"cpa.window_days: must not be more than 3660", [](auto& plan) { plan.cpa->window_days = 3661; }},
          {"cpa.hold_days: must not be more than 3660", [](auto& plan) { plan.cpa->hold_days = 3661; }},
          {"cpa.reversal_days: must not be more than 3660", [](auto& plan) { plan.cpa->reversal_days = 3661; }},
          {"cpa.advance: there is no revshare that could make up for it",
           [](auto& plan) {
             plan.cpa->advance = true;
             plan.revshare.reset();
           }},
      },
      {});
}

TEST_CASE("a plan that exists takes another name or end, and nothing else") {
  plan_book book;
  book.put(good_plan());
  const auto ws = sample_workspace();
  const auto problem = [&](std::int64_t now_us, const std::function<void(commission_plan&)>& change) {
    auto plan = book.plans()[0];
    change(plan);
    return book.problem_with(plan, ws, timestamp{today.unix_us + now_us}).value_or("none");
  };
  const timestamp next_week{today.unix_us + 7};
  CHECK(problem(5, [](auto&) {}) == "none");
  CHECK(problem(5, [](auto& plan) { plan.name = "other"; }) == "none");
  CHECK(problem(5, [&](auto& plan) { plan.valid_until = next_week; }) == "none");
  CHECK(problem(8, [&](auto& plan) { plan.valid_until = next_week; }) ==
        "valid_until: is past: a plan works forward only");
  const auto* permanent = "plan: only name and valid_until can change; another plan takes its place";
  CHECK(problem(5, [](auto& plan) { plan.revshare->tiers[0].rate = percentage_of("7"); }) == permanent);
  CHECK(problem(5, [](auto& plan) { plan.brand = casino; }) == permanent);
  CHECK(problem(5, [](auto& plan) { plan.cpa.reset(); }) == permanent);
  auto ended = book.plans()[0];
  ended.valid_until = next_week;
  book.put(ended);
  CHECK(problem(7, [](auto& plan) { plan.valid_until.reset(); }) == "valid_until: the plan is over");
  CHECK(problem(6, [](auto& plan) { plan.valid_until.reset(); }) == "none");
}

TEST_CASE("two plans cannot start together for the same offer, brand and affiliate") {
  plan_book book;
  book.put(good_plan());
  check_problems(
      {{"none", [](auto& plan) { plan.valid_from.unix_us += 1; }},
       {"none", [](auto& plan) { plan.brand = casino; }},
       {"none", [](auto& plan) { plan.affiliate = ada; }},
       {"none", [](auto& plan) { plan.offer = without_revshare; }},
       {"valid_from: conflicts with plan '6 % to 1,000; 8 % to 3,000; 10 % above', which starts then for the "
        "same offer, brand and affiliate",
        [](auto&) {}}},
      book);
}

TEST_CASE("a plan is in force from its first to before its last microsecond") {
  plan_book book;
  auto plan = good_plan();
  plan.valid_until = timestamp{today.unix_us + 10};
  book.put(plan);
  const auto pays = [&](std::int64_t after_us) {
    return book.in_force(the_offer, casino, ada, timestamp{today.unix_us + after_us}) != nullptr;
  };
  CHECK_FALSE(pays(-1));
  CHECK(pays(0));
  CHECK(pays(9));
  CHECK_FALSE(pays(10));
  CHECK(book.in_force(without_revshare, casino, ada, today) == nullptr);
  CHECK(book.find(plan_number{}) == nullptr);
  CHECK(book.find(plan_number{2}) == nullptr);
}

TEST_CASE("the largest movement has a commission, and what does not fit has none") {
  auto leg = *revshare_plan("100 %").revshare;
  const auto largest = amount_of("999999999999999999.99999999");
  CHECK(accrued_at_write(leg, largest)->text() == "999999999999999999.99999999");
  CHECK(accrued_at_write(leg, largest.negated())->text() == "-999999999999999999.99999999");
  leg.deductions = {.admin_fee = percentage_of("33.33"), .tax = percentage_of("66.66")};
  CHECK(accrued_at_write(leg, largest)->text() == "99999999999999.999999999999");
  const auto absurd =
      base_amount::from_units(std::numeric_limits<std::int64_t>::max() * base_amount::from_integer(20).units());
  CHECK_FALSE(share_of(absurd, percentage_of("100")));
  CHECK_FALSE(earned_in_period(*revshare_plan("10 % to 1; 100 % above").revshare, absurd, {}));
  CHECK_FALSE(earned_in_period(*revshare_plan("10 % to 1; 100 % above", tier_mode::incremental).revshare, absurd, {}));
}

} // namespace croupier::testing
