#include "engine/carryover.hpp"

#include "engine/check.hpp"

#include <algorithm>

namespace croupier {
namespace {

constexpr int128 base_units_per_amount = 10'000;
constexpr int128 commission_units_per_amount = 10'000'000'000;

base_amount as_base(amount value) noexcept {
  return base_amount::from_units(value.units() * base_units_per_amount);
}

commission as_commission(amount value) noexcept {
  return commission::from_units(value.units() * commission_units_per_amount);
}

bool moves_advance(const account_adjustment& line) noexcept {
  switch (line.reason) {
  case adjustment_reason::cpa_released:
  case adjustment_reason::cpa_reversed: return line.advance;
  case adjustment_reason::advance_recouped: return true;
  case adjustment_reason::manual:
  case adjustment_reason::tier_true_up:
  case adjustment_reason::fence_offset:
  case adjustment_reason::fence_carried:
  case adjustment_reason::deficit_forgiven:
  case adjustment_reason::deficit_carried:
  case adjustment_reason::deficit_offset: return false;
  }
  return false;
}

bool moves_fence(const account_adjustment& line) noexcept {
  return line.reason == adjustment_reason::fence_carried || line.reason == adjustment_reason::fence_offset;
}

void add_sums(std::vector<carried_sums>& sums, brand_number brand, commission deficit, commission advance) {
  auto at = std::lower_bound(sums.begin(), sums.end(), brand,
                             [](const carried_sums& one, brand_number wanted) { return one.brand < wanted; });
  if (at == sums.end() || at->brand != brand) at = sums.insert(at, {.brand = brand, .deficit = {}, .advance = {}});
  at->deficit += deficit;
  at->advance += advance;
  CROUPIER_ASSERT(at->deficit <= commission_sum{}, "more of a deficit is made up for than there was");
  if (at->deficit.is_zero() && at->advance.is_zero()) sums.erase(at);
}

void add_fence(std::vector<fenced_player>& fences, player_number player, base_amount base) {
  auto at = std::lower_bound(fences.begin(), fences.end(), player,
                             [](const fenced_player& one, player_number wanted) { return one.player < wanted; });
  if (at == fences.end() || at->player != player) at = fences.insert(at, {.player = player, .carried = {}});
  const auto carried = at->carried.plus(base);
  CROUPIER_ASSERT(carried && !carried->is_negative(), "more of a fence is made up for than there was");
  at->carried = *carried;
  if (carried->is_zero()) fences.erase(at);
}

std::string at_field(std::string_view field, std::string_view what) {
  return std::string(field).append(": ").append(what);
}

} // namespace

std::optional<std::string> problem_with(const deal_terms& deal) {
  const bool is_capped = deal.rule == carryover_rule::capped;
  if (is_capped && !deal.cap) return at_field("cap", "is missing");
  if (!is_capped && deal.cap) return at_field("cap", "only a capped carryover has one");
  if (deal.cap && (*deal.cap <= amount{} || !in_decimal_range(*deal.cap)))
    return at_field("cap", "must be more than 0, with at most 18 digits before the point");
  if (!deal.fence) return std::nullopt;
  if (deal.rule != carryover_rule::reset) return at_field("fence", "only a deal that resets has one");
  if (deal.fence->player_loss <= amount{} || !in_decimal_range(deal.fence->player_loss))
    return at_field("fence.player_loss", "must be more than 0, with at most 18 digits before the point");
  if (deal.fence->affiliate_loss < amount{} || !in_decimal_range(deal.fence->affiliate_loss))
    return at_field("fence.affiliate_loss", "must be 0 or more, with at most 18 digits before the point");
  return std::nullopt;
}

void carry_state::apply(const account_adjustment& line) {
  const auto advance = moves_advance(line) ? line.change.open : commission{};
  if (!advance.is_zero() || !line.change.carried.is_zero()) add_sums(sums, line.brand, line.change.carried, advance);
  if (moves_fence(line)) add_fence(fences, line.player, line.base);
}

base_amount carry_state::carried_for(player_number player) const noexcept {
  const auto at = std::lower_bound(fences.begin(), fences.end(), player,
                                   [](const fenced_player& one, player_number wanted) { return one.player < wanted; });
  return at != fences.end() && at->player == player ? at->carried : base_amount{};
}

commission_sum carry_state::deficit() const noexcept {
  commission_sum all;
  for (const auto& one : sums) all += one.deficit;
  return all;
}

deficit_parts cut_deficit(const deal_terms& deal, const commission_sum& deficit, const commission_sum& carried_before) {
  switch (deal.rule) {
  case carryover_rule::carry: return {.forgiven = {}, .carried = deficit};
  case carryover_rule::reset: return {.forgiven = deficit, .carried = {}};
  case carryover_rule::capped: break;
  }
  CROUPIER_ASSERT(deal.cap.has_value(), "a capped carryover without a cap");
  const auto room = std::max(commission_sum{}, commission_sum(as_commission(*deal.cap)) - carried_before);
  const auto carried = std::min(deficit, room);
  return {.forgiven = deficit - carried, .carried = carried};
}

std::optional<std::vector<fenced_player>> fence_of(const fence_terms& terms, std::span<const player_result> results,
                                                   base_amount aggregate, int digits) {
  std::vector<fenced_player> caught;
  if (!aggregate.is_negative() || aggregate > as_base(terms.affiliate_loss).negated()) return caught;
  std::vector<base_amount> losses;
  base_amount loss_of_caught;
  for (const auto& one : results) {
    if (one.base > as_base(terms.player_loss).negated()) continue;
    caught.push_back({.player = one.player, .carried = {}});
    losses.push_back(one.base.negated());
    const auto sum = loss_of_caught.plus(losses.back());
    if (!sum) return std::nullopt;
    loss_of_caught = *sum;
  }
  if (caught.empty()) return caught;
  const auto shares = split_pro_rata(std::min(loss_of_caught, aggregate.negated()), losses, digits);
  for (std::size_t i = 0; i < caught.size(); ++i) caught[i].carried = shares[i];
  std::erase_if(caught, [](const fenced_player& one) { return one.carried.is_zero(); });
  return caught;
}

} // namespace croupier
