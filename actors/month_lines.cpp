#include "actors/month_lines.hpp"

#include "engine/check.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace croupier::actors {

namespace {

plan_number own_terms_of(const workspace& ws, offer_number offer) {
  return {static_cast<std::uint32_t>(ws.plans().plans().size()) + offer.value};
}

/// Whom players belong to, each read once.
class owners {
public:
  explicit owners(const persistence::committed_view& view) : view_(view) {}

  const player_profile& of(player_number number) {
    const auto found = known_.find(number);
    if (found != known_.end()) return found->second;
    auto player = view_.player(number);
    CROUPIER_ASSERT(player.has_value(), "a stored movement has a stored player");
    return known_.emplace(number, std::move(player->profile)).first->second;
  }

private:
  const persistence::committed_view& view_;
  std::unordered_map<player_number, player_profile> known_;
};

class gatherer {
public:
  gatherer(const persistence::committed_view& view, const workspace& ws, const plan_book& plans,
           const std::set<account_key>& wanted)
      : ws_(ws), plans_(plans), wanted_(wanted), owners_(view) {}

  void take(const movement_recorded& what, timestamp time) {
    if (what.opening) return;
    const auto& who = owners_.of(what.player);
    if (who.affiliate.value == 0) return;
    const auto* home = ws_.find(what.brand);
    const auto currency = currency_code::parse(home->currency);
    const account_key account{who.affiliate, *currency};
    if (!wanted_.contains(account)) return;
    const auto* plan = plan_for(what, who, time);
    if (plan == nullptr || !plan->revshare) return;
    auto& line = lines_[account][{what.player, plan->number}];
    line.player = what.player;
    line.brand = what.brand;
    line.plan = plan->number;
    line.active = true;
    line.first_deposit = line.first_deposit || what.first_deposit;
    // Nothing accrues on what came before the player was anybody's.
    if (!what.revshare) return;
    for (const auto& change : what.changes)
      if (change.metric == plan->revshare->metric) line.base = sum_of(line.base, change.delta);
    line.accrued = sum_of(line.accrued, what.revshare->earned);
  }

  std::map<account_key, std::vector<revshare_line>> result() const {
    std::map<account_key, std::vector<revshare_line>> out;
    for (const auto& [account, by_place] : lines_)
      for (const auto& [place, line] : by_place) out[account].push_back(line);
    return out;
  }

private:
  const commission_plan* plan_for(const movement_recorded& what, const player_profile& who, timestamp time) const {
    if (what.revshare)
      return plans_.find(what.revshare->plan.value != 0 ? what.revshare->plan
                                                        : own_terms_of(ws_, what.revshare->offer));
    if (const auto* plan = ws_.plans().in_force(who.offer, who.brand, who.affiliate, time))
      return plans_.find(plan->number);
    return plans_.find(own_terms_of(ws_, who.offer));
  }

  template<class Number>
  static Number sum_of(Number a, Number b) {
    const auto sum = a.plus(b);
    CROUPIER_ASSERT(sum.has_value(), "one player's month fits its type: its balances and its revshare do");
    return *sum;
  }

  const workspace& ws_;
  const plan_book& plans_;
  const std::set<account_key>& wanted_;
  owners owners_;
  std::map<account_key, std::map<std::pair<player_number, plan_number>, revshare_line>> lines_;
};

} // namespace

plan_book plans_of(const workspace& ws) {
  plan_book plans = ws.plans();
  for (const auto& offer : ws.offers()) {
    commission_plan own;
    own.number = own_terms_of(ws, offer.number);
    own.offer = offer.number;
    if (offer.revshare) {
      revshare_leg leg;
      leg.metric = offer.revshare->metric;
      leg.tiers = {{std::nullopt, offer.revshare->rate}};
      own.revshare = std::move(leg);
    }
    plans.put(std::move(own));
  }
  return plans;
}

std::map<account_key, std::vector<revshare_line>> month_lines(const persistence::committed_view& view,
                                                              const workspace& ws, calendar_month month,
                                                              const std::set<account_key>& wanted) {
  const auto plans = plans_of(ws);
  gatherer lines(view, ws, plans, wanted);
  const auto before = view.sequence_at({month.starts_at().unix_us - 1});
  view.scan_up({before.value + 1}, [&](const committed_entry& entry, std::string_view) {
    if (entry.time >= month.ends_at()) return false;
    if (const auto* movement = std::get_if<movement_recorded>(&entry.what)) lines.take(*movement, entry.time);
    return true;
  });
  return lines.result();
}

void forget_own_terms(close_outcome& outcome, const workspace& ws) {
  const auto is_own = [&](plan_number plan) { return plan.value > ws.plans().plans().size(); };
  for (auto& line : outcome.entry.adjustments)
    if (is_own(line.plan)) line.plan = {};
  for (auto& group : outcome.groups)
    for (auto& plan : group.plans)
      if (is_own(plan.plan)) plan.plan = {};
}

} // namespace croupier::actors
