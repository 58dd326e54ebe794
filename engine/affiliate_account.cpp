#include "engine/affiliate_account.hpp"

#include "engine/check.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace croupier {
namespace {

template<class Items, class Key, class Projection>
auto lower_bound_by(Items& items, const Key& key, Projection projection) {
  return std::lower_bound(items.begin(), items.end(), key,
                          [&](const auto& one, const Key& wanted) { return projection(one) < wanted; });
}

constexpr auto by_player = [](const cpa_claim& claim) { return claim.player; };
constexpr auto by_settlement = [](const settled_part& one) { return one.id; };
constexpr auto by_last = [](const accrual_run& run) { return run.last; };
constexpr auto by_adjustment = [](const open_adjustment& one) { return one.id; };

} // namespace

void affiliate_account::apply(sequence at, timestamp time, std::span<const account_fact> facts) {
  if (at <= applied_) return;
  applied_ = at;
  last_day_ = std::max(last_day_, day_of(time));
  next_index_ = 0;
  for (const auto& fact : facts) std::visit([this](const auto& one) { apply_fact(one); }, fact);
}

void affiliate_account::apply_fact(const revshare_accrued& fact) {
  const bool goes_on = !runs_.empty() && runs_.back().day == last_day_ && !is_cut_between(runs_.back().last, applied_);
  if (!goes_on) runs_.push_back({.day = last_day_, .last = applied_, .entries = 0, .sum = {}});
  auto& run = runs_.back();
  run.last = applied_;
  ++run.entries;
  run.sum += fact.earned;
  buckets_.open += fact.earned;
  buckets_.earned += fact.earned;
}

void affiliate_account::apply_fact(const cpa_qualified& fact) {
  const auto& claim = fact.claim;
  const auto at = lower_bound_by(claims_, claim.player, by_player);
  CROUPIER_ASSERT(at == claims_.end() || at->player != claim.player, "a player qualifies twice");
  CROUPIER_ASSERT(claim.now == cpa_claim::state::held && !claim.charged_back_at, "a claim that is not new");
  claims_.insert(at, claim);
  buckets_.on_hold += claim.fee;
  buckets_.earned += claim.fee;
}

void affiliate_account::apply_fact(const player_charged_back& fact) {
  const auto at = lower_bound_by(claims_, fact.player, by_player);
  if (at == claims_.end() || at->player != fact.player || at->charged_back_at) return;
  at->charged_back_at = fact.at;
}

void affiliate_account::apply_fact(const account_adjustment& fact) {
  const auto id = adjustment_id{.entry = applied_, .index = next_index_++};
  const auto& change = fact.change;
  buckets_.open += change.open;
  buckets_.on_hold += change.on_hold;
  buckets_.carried += change.carried;
  for (const auto& part : {change.open, change.on_hold, change.carried}) buckets_.earned += part;
  if (!change.open.is_zero())
    adjustments_.push_back({.id = id, .effective_at = fact.effective_at, .value = change.open});
  if (fact.reason == adjustment_reason::manual) requests_.emplace(fact.request_id, applied_);
  move_claim(fact);
  carried_.apply(fact);
}

void affiliate_account::move_claim(const account_adjustment& line) {
  const bool releases = line.reason == adjustment_reason::cpa_released;
  if (!releases && line.reason != adjustment_reason::cpa_reversed) return;
  const auto at = lower_bound_by(claims_, line.player, by_player);
  CROUPIER_ASSERT(at != claims_.end() && at->player == line.player, "a claim is booked that is not live");
  if (releases) {
    CROUPIER_ASSERT(at->now == cpa_claim::state::held, "a claim is released twice");
    at->now = cpa_claim::state::released;
  } else {
    claims_.erase(at);
  }
}

void affiliate_account::apply_fact(const month_closed& fact) {
  CROUPIER_ASSERT(!last_closed_ || fact.month == last_closed_->next(), "months are closed out of order");
  for (const auto& line : fact.adjustments) apply_fact(line);
  last_closed_ = fact.month;
  std::erase_if(claims_, [&](const cpa_claim& claim) {
    return claim.now == cpa_claim::state::released && claim.reversible_until <= fact.month.ends_at();
  });
}

void affiliate_account::apply_fact(const account_settled& fact) {
  const auto id = settlement_id{.entry = applied_, .index = fact.index};
  const auto& part = fact.part;
  CROUPIER_ASSERT(part.account == key_, "another account's settlement");
  take_runs(part);
  take_adjustments(part);
  place_cuts(part, id);
  buckets_.open -= part.exact;
  buckets_.pending += part.payable;
  buckets_.rounding += part.residue;
  CROUPIER_ASSERT(settlements_.empty() || settlements_.back().id < id, "settlements out of order");
  settlements_.push_back({.id = id, .status = settlement_status::created, .part = part});
}

void affiliate_account::take_runs(const account_settlement& part) {
  std::vector<accrual_run> left;
  auto taken = part.runs.begin();
  for (auto run : runs_) {
    if (taken == part.runs.end() || run.last < taken->last) {
      left.push_back(run);
      continue;
    }
    // The run may have grown since the settlement was drafted; what came later stays.
    CROUPIER_ASSERT(run.day == taken->day && run.entries >= taken->entries, "a settlement takes what is not open");
    run.entries -= taken->entries;
    run.sum -= taken->sum;
    const bool is_whole = run.last == taken->last;
    CROUPIER_ASSERT(!is_whole || (run.entries == 0 && run.sum.is_zero()), "a settlement takes a part of a whole run");
    if (!is_whole) left.push_back(run);
    ++taken;
  }
  CROUPIER_ASSERT(taken == part.runs.end(), "a settlement takes a run that is not open");
  runs_ = std::move(left);
}

void affiliate_account::take_adjustments(const account_settlement& part) {
  std::vector<open_adjustment> left;
  auto taken = part.adjustments.begin();
  for (const auto& one : adjustments_) {
    if (taken != part.adjustments.end() && *taken == one) {
      ++taken;
    } else {
      left.push_back(one);
    }
  }
  CROUPIER_ASSERT(taken == part.adjustments.end(), "a settlement takes an adjustment that is not open");
  adjustments_ = std::move(left);
}

void affiliate_account::place_cuts(const account_settlement& part, settlement_id id) {
  for (const auto& cut : part.cuts) {
    const auto at = lower_bound_by(cuts_, cut.to, [](const placed_cut& one) { return one.cut.to; });
    const bool is_apart = cut.from < cut.to && (at == cuts_.begin() || std::prev(at)->cut.to <= cut.from) &&
                          (at == cuts_.end() || cut.to <= at->cut.from);
    CROUPIER_ASSERT(is_apart, "settlements overlap");
    cuts_.insert(at, {.cut = cut, .settlement = id});
  }
}

void affiliate_account::apply_fact(const settlement_status_set& fact) {
  const auto at = place_of(fact.settlement);
  CROUPIER_ASSERT(at != settlements_.end(), "a settlement gets a status that is not there");
  const bool pays = fact.status == settlement_status::paid && at->status != settlement_status::paid;
  CROUPIER_ASSERT(at->status != settlement_status::paid || fact.status == settlement_status::paid,
                  "a paid settlement gets another status");
  if (pays) {
    buckets_.pending -= at->part.payable;
    buckets_.paid += at->part.payable;
  }
  at->status = fact.status;
}

void affiliate_account::apply_fact(const settlement_deleted& fact) {
  const auto at = place_of(fact.settlement);
  CROUPIER_ASSERT(at != settlements_.end(), "a settlement is deleted that is not there");
  CROUPIER_ASSERT(at->status != settlement_status::paid, "a paid settlement is deleted");
  std::erase_if(cuts_, [&](const placed_cut& one) { return one.settlement == fact.settlement; });
  give_back(at->part);
  settlements_.erase(at);
}

void affiliate_account::give_back(const account_settlement& part) {
  buckets_.open += part.exact;
  buckets_.pending -= part.payable;
  buckets_.rounding -= part.residue;
  std::vector<open_adjustment> adjustments;
  std::merge(adjustments_.begin(), adjustments_.end(), part.adjustments.begin(), part.adjustments.end(),
             std::back_inserter(adjustments),
             [](const auto& one, const auto& other) { return by_adjustment(one) < by_adjustment(other); });
  adjustments_ = std::move(adjustments);
  std::vector<accrual_run> runs;
  std::merge(runs_.begin(), runs_.end(), part.runs.begin(), part.runs.end(), std::back_inserter(runs),
             [](const auto& one, const auto& other) { return by_last(one) < by_last(other); });
  runs_ = std::move(runs);
  join_runs();
}

/// Runs of one day that a settlement had kept apart become one again, as if it had never been.
void affiliate_account::join_runs() {
  std::vector<accrual_run> joined;
  for (const auto& run : runs_) {
    const bool goes_on =
        !joined.empty() && joined.back().day == run.day && !is_cut_between(joined.back().last, run.last);
    if (!goes_on) {
      joined.push_back(run);
      continue;
    }
    joined.back().last = run.last;
    joined.back().entries += run.entries;
    joined.back().sum += run.sum;
  }
  runs_ = std::move(joined);
}

bool affiliate_account::is_cut_between(sequence earlier, sequence later) const noexcept {
  const auto at = lower_bound_by(cuts_, earlier, [](const placed_cut& one) { return one.cut.to; });
  return at != cuts_.end() && at->cut.to < later;
}

std::vector<settled_part>::iterator affiliate_account::place_of(settlement_id id) {
  const auto at = lower_bound_by(settlements_, id, by_settlement);
  return at != settlements_.end() && at->id == id ? at : settlements_.end();
}

const cpa_claim* affiliate_account::claim_of(player_number player) const noexcept {
  const auto at = lower_bound_by(claims_, player, by_player);
  return at != claims_.end() && at->player == player ? &*at : nullptr;
}

const settled_part* affiliate_account::find(settlement_id id) const noexcept {
  const auto at = lower_bound_by(settlements_, id, by_settlement);
  return at != settlements_.end() && at->id == id ? &*at : nullptr;
}

std::optional<settlement_id> affiliate_account::settlement_of(sequence movement) const noexcept {
  const auto at = lower_bound_by(cuts_, movement, [](const placed_cut& one) { return one.cut.to; });
  if (at == cuts_.end() || movement <= at->cut.from) return std::nullopt;
  return at->settlement;
}

std::optional<settlement_id> affiliate_account::settlement_of(adjustment_id adjustment) const noexcept {
  for (const auto& one : settlements_) {
    const auto at = lower_bound_by(one.part.adjustments, adjustment, by_adjustment);
    if (at != one.part.adjustments.end() && at->id == adjustment) return one.id;
  }
  return std::nullopt;
}

std::vector<settlement_cut> affiliate_account::settled(std::optional<sequence> made_by) const {
  std::vector<settlement_cut> all;
  for (const auto& [cut, settlement] : cuts_) {
    if (made_by && settlement.entry > *made_by) continue;
    if (!all.empty() && all.back().to == cut.from) {
      all.back().to = cut.to;
    } else {
      all.push_back(cut);
    }
  }
  return all;
}

std::vector<settlement_cut> affiliate_account::cuts() const {
  std::vector<settlement_cut> all;
  all.reserve(cuts_.size());
  for (const auto& one : cuts_) all.push_back(one.cut);
  return all;
}

} // namespace croupier
