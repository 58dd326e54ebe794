#include "engine/cpa.hpp"

#include "engine/check.hpp"

#include <limits>

namespace croupier {
namespace {

timestamp days_after(timestamp time, std::uint16_t days) noexcept {
  constexpr std::int64_t us_per_day = 86'400'000'000;
  return {time.unix_us + days * us_per_day};
}

bool is_met(const std::optional<cpa_condition>& condition, amount balance) noexcept {
  return !condition || balance >= condition->at_least;
}

commission fee_of(const cpa_leg& leg) noexcept {
  constexpr int128 per_amount = 10'000'000'000;
  static_assert(commission::scale - amount::scale == 10, "an amount becomes a commission by ten more digits");
  CROUPIER_ASSERT(in_decimal_range(leg.fee), "a fee beyond 18 integer digits");
  return commission::from_units(leg.fee.units() * per_amount);
}

} // namespace

std::optional<cpa_claim> claim_of(const commission_plan& plan, const cpa_evidence& evidence) noexcept {
  if (!plan.cpa) return std::nullopt;
  const auto& leg = *plan.cpa;
  if (leg.window_days != 0 && evidence.at >= days_after(evidence.registered_at, leg.window_days)) return std::nullopt;
  if (!is_met(leg.deposits, evidence.deposited) || !is_met(leg.wagering, evidence.wagered)) return std::nullopt;
  return cpa_claim{.player = evidence.player,
                   .brand = evidence.brand,
                   .plan = plan.number,
                   .fee = fee_of(leg),
                   .qualified_at = evidence.at,
                   .hold_until = days_after(evidence.at, leg.hold_days),
                   .reversible_until = days_after(evidence.at, leg.reversal_days),
                   .charged_back_at = std::nullopt,
                   .approval = leg.approval,
                   .advance = leg.advance,
                   .now = cpa_claim::state::held};
}

std::optional<cpa_booking> due_booking(const cpa_claim& claim, timestamp now) noexcept {
  if (claim.now == cpa_claim::state::reversed) return std::nullopt;
  const auto& charged_back = claim.charged_back_at;
  if (charged_back && *charged_back < now && *charged_back < claim.reversible_until) return cpa_booking::reversal;
  const bool is_ripe = claim.now == cpa_claim::state::held && claim.hold_until <= now;
  if (is_ripe && claim.approval == cpa_approval::after_hold) return cpa_booking::release;
  return std::nullopt;
}

std::optional<cpa_refusal> refusal_of(const cpa_claim& claim, cpa_booking booking, timestamp now) noexcept {
  switch (claim.now) {
  case cpa_claim::state::reversed: return cpa_refusal::already_reversed;
  case cpa_claim::state::held: return std::nullopt;
  case cpa_claim::state::released: break;
  }
  switch (booking) {
  case cpa_booking::release: return cpa_refusal::already_released;
  case cpa_booking::reversal:
    return now < claim.reversible_until ? std::nullopt : std::optional(cpa_refusal::reversal_window_over);
  }
  return std::nullopt;
}

account_adjustment adjustment_for(const cpa_claim& claim, cpa_booking booking, timestamp effective_at) {
  CROUPIER_ASSERT(claim.now != cpa_claim::state::reversed, "a reversed claim is booked again");
  const bool is_held = claim.now == cpa_claim::state::held;
  account_adjustment line;
  line.brand = claim.brand;
  line.plan = claim.plan;
  line.player = claim.player;
  line.effective_at = effective_at;
  line.advance = claim.advance;
  switch (booking) {
  case cpa_booking::release:
    CROUPIER_ASSERT(is_held, "a released claim is released again");
    line.reason = adjustment_reason::cpa_released;
    line.after = claim.fee;
    line.change = {.open = claim.fee, .on_hold = claim.fee.negated(), .carried = {}};
    break;
  case cpa_booking::reversal:
    line.reason = adjustment_reason::cpa_reversed;
    line.before = claim.fee;
    if (is_held) {
      line.change.on_hold = claim.fee.negated();
    } else {
      line.change.open = claim.fee.negated();
    }
    break;
  }
  return line;
}

} // namespace croupier
