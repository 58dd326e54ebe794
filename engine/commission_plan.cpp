#include "engine/commission_plan.hpp"

#include "engine/check.hpp"

#include <algorithm>
#include <utility>

namespace croupier {
namespace {

/// Units of a percentage that one unit of its second fraction digit is worth.
constexpr int128 deduction_step = 100;
constexpr int128 hundred_percent = percentage::from_integer(100).units();
constexpr int128 base_units_per_amount = 10'000;
static_assert(base_amount::scale - amount::scale == 4 && percentage::scale == 4,
              "a deduction has four digits to itself");
static_assert(base_amount::scale + percentage::scale + 2 == commission::scale, "a rate fills a commission exactly");

template<class Number>
std::optional<Number> product(int128 a, int128 b) noexcept {
  int128 units = 0;
  if (__builtin_mul_overflow(a, b, &units)) return std::nullopt;
  return Number::from_units(units);
}

base_amount measured_by(tier_measure measure, base_amount base, const period_counts& counts) noexcept {
  const auto whole = [](std::uint64_t count) {
    // Counts of players are below 2^62; 2^62 x 10^12 is far from the end of 128 bits.
    return base_amount::from_units(static_cast<int128>(count) * base_amount::from_integer(1).units());
  };
  switch (measure) {
  case tier_measure::period_base: return base;
  case tier_measure::first_deposits: return whole(counts.first_deposits);
  case tier_measure::active_players: return whole(counts.active_players);
  }
  return base;
}

/// The bound of a tier as the measure counts; the last one has none.
bool is_beyond(base_amount measured, const commission_tier& tier) noexcept {
  return tier.up_to && measured.units() > tier.up_to->units() * base_units_per_amount;
}

const commission_tier& reached(const revshare_leg& leg, base_amount measured) noexcept {
  const auto found = std::find_if(leg.tiers.begin(), leg.tiers.end(),
                                  [&](const commission_tier& tier) { return !is_beyond(measured, tier); });
  CROUPIER_ASSERT(found != leg.tiers.end(), "the last tier has a bound");
  return *found;
}

/// The sum over the tiers of (what of `measured` lies in the tier) x rate. At most one product of the size of
/// `measured` x 100 %, split up.
std::optional<int128> ladder_of(const revshare_leg& leg, base_amount measured) noexcept {
  int128 sum = 0;
  int128 below = 0;
  for (const auto& tier : leg.tiers) {
    const bool filled = is_beyond(measured, tier);
    const auto top = filled ? tier.up_to->units() * base_units_per_amount : measured.units();
    int128 part = 0;
    if (__builtin_mul_overflow(top - below, tier.rate.units(), &part)) return std::nullopt;
    if (__builtin_add_overflow(sum, part, &sum)) return std::nullopt;
    if (!filled) break;
    below = top;
  }
  return sum;
}

std::optional<commission> incremental(const revshare_leg& leg, base_amount base, base_amount measured) noexcept {
  // Nothing measured, or less: everything lies in the first tier.
  if (measured <= base_amount{}) return share_of(base, leg.tiers.front().rate);
  const auto ladder = ladder_of(leg, measured);
  if (!ladder) return std::nullopt;
  if (leg.measure == tier_measure::period_base) return commission::from_units(*ladder);
  const auto earned = product_over(base.units(), *ladder, measured.units(), 1);
  return earned ? std::optional(commission::from_units(*earned)) : std::nullopt;
}

} // namespace

std::optional<base_amount> net_of(amount gross, const base_deductions& deductions) noexcept {
  const auto kept = hundred_percent - deductions.admin_fee.units() - deductions.tax.units();
  return part_of(gross, percentage::from_units(kept));
}

std::optional<base_amount> part_of(amount gross, percentage share) noexcept {
  CROUPIER_ASSERT(share.units() % deduction_step == 0, "a deduction with more than two fraction digits");
  return product<base_amount>(gross.units(), share.units() / deduction_step);
}

std::optional<commission> share_of(base_amount base, percentage rate) noexcept {
  return product<commission>(base.units(), rate.units());
}

std::optional<commission> accrued_at_write(const revshare_leg& leg, amount delta) noexcept {
  const auto base = net_of(delta, leg.deductions);
  return base ? share_of(*base, leg.rate_at_write()) : std::nullopt;
}

std::optional<tier_outcome> earned_in_period(const revshare_leg& leg, base_amount base,
                                             const period_counts& counts) noexcept {
  const auto measured = measured_by(leg.measure, base, counts);
  const auto rate = reached(leg, measured).rate;
  std::optional<commission> earned;
  switch (leg.mode) {
  case tier_mode::retroactive: earned = share_of(base, rate); break;
  case tier_mode::incremental: earned = incremental(leg, base, measured); break;
  }
  if (!earned) return std::nullopt;
  return tier_outcome{.earned = *earned, .measured = measured, .rate = rate};
}

const commission_plan* plan_book::find(plan_number number) const noexcept {
  return number.value - 1U < plans_.size() ? &plans_[number.value - 1U] : nullptr;
}

plan_book::holder plan_book::holder_of(offer_number offer, affiliate_number affiliate) noexcept {
  constexpr int affiliate_bits = 32;
  return (static_cast<holder>(offer.value) << affiliate_bits) | affiliate.value;
}

const commission_plan* plan_book::best_of(holder who, brand_number brand, timestamp time) const noexcept {
  const auto found = by_holder_.find(who);
  if (found == by_holder_.end()) return nullptr;
  const commission_plan* best = nullptr;
  for (const auto number : found->second) {
    const auto* plan = find(number);
    if (!plan->covers(time) || (plan->brand != brand && plan->brand != brand_number{})) continue;
    // No two plans of one holder and brand start together, so there is always a better one.
    const auto rank = [&](const commission_plan& one) { return std::pair(one.brand == brand, one.valid_from); };
    if (best == nullptr || rank(*plan) > rank(*best)) best = plan;
  }
  return best;
}

const commission_plan* plan_book::in_force(offer_number offer, brand_number brand, affiliate_number affiliate,
                                           timestamp time) const noexcept {
  const auto* own = best_of(holder_of(offer, affiliate), brand, time);
  return own != nullptr ? own : best_of(holder_of(offer, affiliate_number{}), brand, time);
}

void plan_book::put(commission_plan plan) {
  const auto number = plan.number;
  CROUPIER_ASSERT(number.value >= 1 && number.value <= plans_.size() + 1, "a plan is put beyond the end of the book");
  if (number.value <= plans_.size()) {
    auto& before = plans_[number.value - 1U];
    CROUPIER_ASSERT(before.offer == plan.offer && before.affiliate == plan.affiliate, "a plan changes hands");
    before = std::move(plan);
    return;
  }
  by_holder_[holder_of(plan.offer, plan.affiliate)].push_back(number);
  plans_.push_back(std::move(plan));
}

} // namespace croupier
