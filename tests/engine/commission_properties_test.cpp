#include "engine/settlement.hpp"

#include "programme.hpp"
#include "support/catch.hpp"
#include "table_page.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace croupier::testing {
namespace {

/// The account again, as slowly and plainly as can be: every movement and adjustment by itself, each with the
/// settlement that it is in.
class plain_books {
public:
  explicit plain_books(const std::vector<journalled>& journal) {
    for (const auto& entry : journal) {
      at_ = entry.at;
      index_ = 0;
      for (const auto& fact : entry.facts) std::visit([this](const auto& one) { take(one); }, fact);
    }
  }

  void compare_with(const affiliate_account& account) const {
    commission_sum open;
    commission_sum everything = on_hold_ + carried_;
    std::map<settlement_id, commission_sum> exact;
    for (const auto& [at, item] : movements_) {
      RC_ASSERT(account.settlement_of(at) == item.settlement);
      (item.settlement ? exact[*item.settlement] : open) += item.value;
      everything += item.value;
    }
    for (const auto& [id, item] : adjustments_) {
      RC_ASSERT(account.settlement_of(id) == item.settlement);
      (item.settlement ? exact[*item.settlement] : open) += item.value;
      everything += item.value;
    }
    commission_sum settled;
    RC_ASSERT(account.settlements().size() == parts_.size());
    for (const auto& [id, part] : parts_) {
      RC_ASSERT(exact[id] == commission_sum(part.exact));
      RC_ASSERT(part.payable.plus(part.residue) == part.exact);
      RC_ASSERT(part.payable.units() % 10'000'000'000'000'000 == 0); // whole cents
      settled += part.exact;
    }
    const auto& buckets = account.buckets();
    RC_ASSERT(buckets.open == open);
    RC_ASSERT(buckets.on_hold == on_hold_);
    RC_ASSERT(buckets.carried == carried_);
    RC_ASSERT(buckets.pending + buckets.paid + buckets.rounding == settled);
    RC_ASSERT(buckets.earned == everything);
    RC_ASSERT(open + settled + on_hold_ + carried_ == everything);
  }

private:
  struct plain_item {
    commission_sum value;
    std::optional<settlement_id> settlement;
  };

  void take(const revshare_accrued& fact) { movements_[at_].value += fact.earned; }
  void take(const cpa_qualified& fact) { on_hold_ += fact.claim.fee; }
  void take(const player_charged_back&) {}
  void take(const account_adjustment& fact) {
    const adjustment_id id{.entry = at_, .index = index_++};
    on_hold_ += fact.change.on_hold;
    carried_ += fact.change.carried;
    if (!fact.change.open.is_zero()) adjustments_[id].value += fact.change.open;
  }
  void take(const month_closed& fact) {
    for (const auto& line : fact.adjustments) take(line);
  }
  void take(const account_settled& fact) {
    const settlement_id id{.entry = at_, .index = fact.index};
    for (auto& [at, item] : movements_) {
      const auto is_around = [movement = at](const auto& cut) { return cut.from < movement && movement <= cut.to; };
      const bool is_taken = std::any_of(fact.part.cuts.begin(), fact.part.cuts.end(), is_around);
      if (!is_taken) continue;
      RC_ASSERT(!item.settlement); // in at most one
      item.settlement = id;
    }
    for (const auto& one : fact.part.adjustments) {
      RC_ASSERT(!adjustments_.at(one.id).settlement);
      adjustments_.at(one.id).settlement = id;
    }
    parts_[id] = fact.part;
  }
  void take(const settlement_status_set&) {}
  void take(const settlement_deleted& fact) {
    for (auto& [at, item] : movements_)
      if (item.settlement == fact.settlement) item.settlement.reset();
    for (auto& [id, item] : adjustments_)
      if (item.settlement == fact.settlement) item.settlement.reset();
    parts_.erase(fact.settlement);
  }

  std::map<sequence, plain_item> movements_;
  std::map<adjustment_id, plain_item> adjustments_;
  std::map<settlement_id, account_settlement> parts_;
  commission_sum on_hold_;
  commission_sum carried_;
  sequence at_;
  std::uint32_t index_ = 0;
};

/// Evenly spread, at every size of a test case: rapidcheck's own ranges begin with their small ends.
template<class Number>
Number any_of(Number from, Number below) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<Number>(from, below));
}

amount any_ngr() {
  switch (any_of(0, 30)) {
  case 0: return amount::from_units(any_of<std::int64_t>(-1'000, 1'000)); // of 10^-8
  case 1:
  case 2: return amount::from_integer(any_of<std::int64_t>(-10'000, 20'000));
  case 3:
    return *amount::parse(*rc::gen::element<std::string>("123456789012345.12345678", "-123456789012345.12345678"));
  default: return amount::from_units(any_of<std::int64_t>(-60'000'000'000, 110'000'000'000));
  }
}

deal_terms any_deal() {
  auto deal = deal_of(*rc::gen::element<std::string>("carry", "reset", "cap 50"));
  if (*rc::gen::arbitrary<bool>()) deal.scope = netting_scope::affiliate_and_brand;
  if (deal.rule == carryover_rule::reset && *rc::gen::arbitrary<bool>())
    deal.fence = fence_terms{.player_loss = amount_of("500"), .affiliate_loss = amount_of("100")};
  return deal;
}

commission_plan any_plan() {
  const auto tiers = *rc::gen::element<std::string>("30 %", "12.3456 %", "6 % to 100; 8 % to 300; 10 % above",
                                                    "25 % to 2; 35 % above", "40 % to 1,000; 20 % above");
  auto plan = revshare_plan(tiers, *rc::gen::arbitrary<bool>() ? tier_mode::retroactive : tier_mode::incremental);
  plan.revshare->measure =
      *rc::gen::element(tier_measure::period_base, tier_measure::first_deposits, tier_measure::active_players);
  plan.revshare->deductions = {.admin_fee = percentage_of("2.5"), .tax = percentage_of("20.01")};
  if (*rc::gen::arbitrary<bool>()) return plan;
  plan.cpa = cpa_of("20.005");
  plan.cpa->hold_days = any_of<std::uint16_t>(0, 20);
  plan.cpa->reversal_days = any_of<std::uint16_t>(0, 60);
  plan.cpa->advance = *rc::gen::arbitrary<bool>();
  return plan;
}

programme any_programme() {
  programme one(any_deal());
  one.add(any_plan());
  auto later = any_plan();
  later.valid_from = time_of("2026-02-14T12:00:00Z");
  later.brand = *rc::gen::element(brand_number{}, second_brand);
  one.add(later);
  return one;
}

void move_at_random(programme& one) {
  const player_number player{any_of<std::uint64_t>(1, 6)};
  play what;
  what.player = player;
  what.brand = player.value % 2 == 0 ? second_brand : first_brand;
  what.ngr = any_ngr();
  if (any_of(0, 4) == 0) what.deposit = amount::from_integer(any_of(1, 20));
  one.move(what);
}

settlement_terms any_terms(const programme& one) {
  settlement_terms terms;
  if (*rc::gen::arbitrary<bool>()) terms.up_to = begin_of(day_of(one.now()) - any_of(0, 40));
  if (any_of(0, 4) == 0) terms.minimum = commission::from_integer(100);
  return terms;
}

std::optional<settlement_id> any_settlement(const programme& one) {
  const auto& all = one.account().settlements();
  if (all.empty()) return std::nullopt;
  return all[any_of<std::size_t>(0, all.size())].id;
}

/// A settlement that movements overtake on its way to the journal.
void settle_late(programme& one) {
  const auto draft = one.draft(any_terms(one));
  for (int i = any_of(0, 4); i > 0; --i) move_at_random(one);
  if (draft) one.commit(*draft);
}

void close_if_over(programme& one) {
  const auto& last = one.account().last_closed();
  const auto next = last ? last->next() : calendar_month{2026, 1};
  if (one.now() >= next.ends_at()) one.close_month();
}

void step_at_random(programme& one) {
  switch (any_of(0, 16)) {
  case 0: one.set_time({one.now().unix_us + any_of<std::int64_t>(0, 15 * 86'400'000'000)}); break;
  case 1: one.charge_back(player_number{any_of<std::uint64_t>(1, 6)}); break;
  case 2: one.sweep(); break;
  case 3:
  case 4: one.settle(any_terms(one), any_of(0, 5) != 0); break;
  case 5: settle_late(one); break;
  case 6:
    if (const auto id = any_settlement(one)) one.remove(*id);
    break;
  case 7:
  case 8:
    if (const auto id = any_settlement(one))
      one.set_status(*id, *rc::gen::element(settlement_status::created, settlement_status::in_progress,
                                            settlement_status::paid, settlement_status::error));
    break;
  case 9:
    one.adjust("r" + std::to_string(any_of(0, 30)), *rc::gen::element<std::string>("5", "-7.5", "0.005", "0"),
               {one.now().unix_us - any_of<std::int64_t>(0, 50 * 86'400'000'000)});
    break;
  case 10:
  case 11: close_if_over(one); break;
  case 12: one.skip_sequences(any_of<std::uint64_t>(0, 5)); break;
  case 13:
    if (any_of(0, 5) == 0) one.set_deal(any_deal());
    break;
  default: move_at_random(one);
  }
}

programme after_a_random_life() {
  auto one = any_programme();
  const auto steps = any_of(20, 200);
  for (int i = 0; i < steps; ++i) {
    step_at_random(one);
    RC_ASSERT(!one.account().broken_law());
  }
  return one;
}

} // namespace

TEST_CASE(
    "property: whatever happens, open and settled and held and carried are what was earned, movement by movement") {
  REQUIRE(rc::check([] {
    const auto one = after_a_random_life();
    plain_books(one.journal()).compare_with(one.account());
    RC_TAG(one.account().settlements().empty() ? "without settlements" : "with settlements");
  }));
}

TEST_CASE("property: deleting a settlement restores the account exactly") {
  REQUIRE(rc::check([] {
    auto before = after_a_random_life();
    RC_ASSERT(!before.adjust("enough", "100000000000000000", time_of("2036-01-01")));
    auto after = before;
    auto terms = any_terms(before);
    if (any_of(0, 2) == 0) terms.up_to.reset();
    if (const auto skipped = after.settle(terms)) {
      RC_ASSERT(terms.up_to.has_value());
      RC_ASSERT(after.account() == before.account());
      return;
    }
    const auto id = after.newest_settlement();
    if (*rc::gen::arbitrary<bool>()) after.set_status(id, settlement_status::in_progress);
    RC_ASSERT(!after.remove(id));
    RC_ASSERT(after.account().buckets() == before.account().buckets());
    RC_ASSERT(after.account().open_runs() == before.account().open_runs());
    RC_ASSERT(after.account().open_adjustments() == before.account().open_adjustments());
    RC_ASSERT(after.account().cuts() == before.account().cuts());
    RC_ASSERT(after.account().settlements() == before.account().settlements());
  }));
}

TEST_CASE("property: a journal played again, with entries repeated anywhere, makes the same account") {
  REQUIRE(rc::check([] {
    const auto one = after_a_random_life();
    affiliate_account again(one.account().key());
    const auto& journal = one.journal();
    for (std::size_t i = 0; i < journal.size(); ++i) {
      again.apply(journal[i].at, journal[i].time, journal[i].facts);
      const auto& old = journal[any_of<std::size_t>(0, i + 1)];
      again.apply(old.at, old.time, old.facts);
    }
    // Entries of others move the position of the account that saw them last only when they are about it.
    RC_ASSERT(again == one.account());
  }));
}

TEST_CASE("property: under flat revshare what was paid for months and what is carried is the rate of everything") {
  REQUIRE(rc::check([] {
    programme one(deal_of("carry"));
    one.add(revshare_plan("12.5 %"));
    commission_sum payable;
    commission_sum expected;
    auto month = calendar_month{2026, 1};
    for (int i = any_of(1, 8); i > 0; --i, month = month.next()) {
      const auto result = any_ngr();
      one.move({.ngr = result, .deposit = {}, .wager = {}});
      one.set_time(month.ends_at());
      const auto closed = one.close_month();
      RC_ASSERT(!closed.payable.is_negative());
      payable += closed.payable;
      expected += *share_of(result, percentage_of("12.5"));
      RC_ASSERT(payable + one.account().buckets().carried == expected);
      RC_ASSERT(one.account().buckets().open == payable);
    }
  }));
}

TEST_CASE("property: a reset pays each month by itself, and never less than carrying does") {
  REQUIRE(rc::check([] {
    programme carries(deal_of("carry"));
    programme resets(deal_of("reset"));
    for (auto* one : {&carries, &resets}) one->add(revshare_plan("30 %"));
    auto month = calendar_month{2026, 1};
    for (int i = any_of(1, 8); i > 0; --i, month = month.next()) {
      const auto result = any_ngr();
      std::map<programme*, commission_sum> paid;
      for (auto* one : {&carries, &resets}) {
        one->move({.ngr = result, .deposit = {}, .wager = {}});
        one->set_time(month.ends_at());
        paid[one] = one->close_month().payable;
      }
      RC_ASSERT(paid[&resets] == std::max(commission_sum{}, commission_sum(*share_of(result, percentage_of("30")))));
      RC_ASSERT(paid[&carries] <= paid[&resets]);
    }
    RC_ASSERT(resets.account().buckets().carried.is_zero());
  }));
}

TEST_CASE("property: no group of a close is payable below zero, unless an advance is given back or taken") {
  REQUIRE(rc::check([] {
    auto one = any_programme();
    auto month = calendar_month{2026, 1};
    for (int months = 0; months < 4; ++months, month = month.next()) {
      for (int i = any_of(0, 10); i > 0; --i) move_at_random(one);
      if (*rc::gen::arbitrary<bool>()) one.charge_back(player_number{any_of<std::uint64_t>(1, 6)});
      one.set_time(month.ends_at());
      const auto closed = one.close_month();
      for (const auto& group : closed.groups) {
        RC_ASSERT(!group.payable.is_negative());
        RC_ASSERT(!group.forgiven.is_negative());
        RC_ASSERT(!group.carried.is_negative());
        RC_ASSERT(group.offset <= commission_sum{});
        if (group.earned.is_negative()) RC_ASSERT(group.earned + group.forgiven + group.carried == commission_sum{});
        for (const auto& plan : group.plans) RC_ASSERT(plan.earned == plan.accrued + plan.offsets + plan.true_up);
      }
      for (const auto& fence : one.account().carried().fences) RC_ASSERT(fence.carried > base_amount{});
    }
  }));
}

TEST_CASE("property: incremental tiers that rise never earn more than retroactive ones, and no tier less than flat") {
  REQUIRE(rc::check([] {
    auto rates = *rc::gen::container<std::vector<int>>(4, rc::gen::inRange(0, 1'000'001));
    auto bounds = *rc::gen::unique<std::vector<int>>(3, rc::gen::inRange(1, 10'000));
    std::sort(rates.begin(), rates.end());
    std::sort(bounds.begin(), bounds.end());
    revshare_leg leg;
    for (std::size_t i = 0; i < rates.size(); ++i) {
      leg.tiers.push_back({.up_to = std::nullopt, .rate = percentage::from_units(rates[i])});
      if (i < bounds.size()) leg.tiers[i].up_to = amount::from_integer(bounds[i]);
    }
    leg.measure =
        *rc::gen::element(tier_measure::period_base, tier_measure::first_deposits, tier_measure::active_players);
    const auto base = base_amount::from_units(any_of<std::int64_t>(0, 15'000'000'000'000'000));
    const period_counts counts{.first_deposits = any_of<std::uint64_t>(0, 15'000),
                               .active_players = any_of<std::uint64_t>(0, 15'000)};
    leg.mode = tier_mode::retroactive;
    const auto retroactive = *earned_in_period(leg, base, counts);
    leg.mode = tier_mode::incremental;
    const auto incremental = *earned_in_period(leg, base, counts);
    RC_ASSERT(incremental.earned <= retroactive.earned);
    RC_ASSERT(incremental.rate == retroactive.rate);
    RC_ASSERT(*share_of(base, leg.tiers.front().rate) <= incremental.earned);
    if (incremental.measured.units() <= leg.tiers.front().up_to->units() * 10'000)
      RC_ASSERT(incremental.earned == retroactive.earned);
  }));
}

} // namespace croupier::testing
