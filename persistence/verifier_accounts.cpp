#include "persistence/verifier_accounts.hpp"

#include "engine/check.hpp"
#include "engine/commission_plan.hpp"
#include "engine/rounding.hpp"

#include <algorithm>
#include <iterator>

namespace croupier::persistence {

namespace {

constexpr std::int64_t units_of_fee_per_amount = 10'000'000'000; // 18 fraction digits for 8

bool may_follow(settlement_status from, settlement_status to) noexcept {
  using enum settlement_status;
  return (from == created && to == in_progress) || (from == in_progress && (to == paid || to == error)) ||
         (from == error && to == in_progress) || from == to;
}

/// Whether nothing but this bucket changes, by this much; the open one by `open`.
bool changes(const bucket_change& change, commission open, commission on_hold) noexcept {
  return change.open == open && change.on_hold == on_hold && change.carried.is_zero();
}

bool only_moves_between_open_and_carried(const bucket_change& change) noexcept {
  commission_sum both(change.open);
  both += change.carried;
  return both.is_zero() && change.on_hold.is_zero();
}

} // namespace

// -- what is earned ---------------------------------------------------------------------------------------------------

const char* account_fold::claim(const account_key& account, const cpa_claim& claim, const commission_plan* plan) {
  accounts_.try_emplace(account);
  if (claim.now != cpa_claim::state::held || claim.charged_back_at) return "its CPA is not new";
  if (plan == nullptr || !plan->cpa) return "its CPA is of a plan that pays none";
  if (claim.fee.units() != plan->cpa->fee.units() * units_of_fee_per_amount)
    return "its CPA is not the fee of its plan";
  if (!claims_.try_emplace(claim.player, kept_claim{account, claim.fee}).second)
    return "its player has earned a CPA before";
  return nullptr;
}

// -- adjustments and closes -------------------------------------------------------------------------------------------

const char* account_fold::book(const account_key& key, const account_adjustment& line) {
  const auto found = claims_.find(line.player);
  if (found == claims_.end() || found->second.account != key) return "it books a CPA that the account does not have";
  auto& [account, fee, now] = found->second;
  using enum cpa_claim::state;
  const bool releases = line.reason == adjustment_reason::cpa_released;
  if (now == reversed || (releases && now != held)) return "it books a CPA that was booked before";
  const bool fits = releases      ? changes(line.change, fee, fee.negated())
                    : now == held ? changes(line.change, {}, fee.negated())
                                  : changes(line.change, fee.negated(), {});
  if (!fits) return "it does not book the fee of its CPA";
  now = releases ? released : reversed;
  return nullptr;
}

const char* account_fold::line(const account_key& key, adjustment_id id, const account_adjustment& line) {
  auto& account = accounts_[key];
  const auto& change = line.change;
  switch (line.reason) {
  case adjustment_reason::cpa_released:
  case adjustment_reason::cpa_reversed:
    if (const auto* problem = book(key, line)) return problem;
    break;
  case adjustment_reason::deficit_carried:
  case adjustment_reason::deficit_offset:
    if (!only_moves_between_open_and_carried(change)) return "it does not carry what it takes from the open balance";
    break;
  case adjustment_reason::manual:
    if (line.request_id.empty() || !account.requests.insert(line.request_id).second)
      return "its request id is that of an earlier adjustment of the account";
    [[fallthrough]];
  case adjustment_reason::tier_true_up:
  case adjustment_reason::fence_offset:
  case adjustment_reason::fence_carried:
  case adjustment_reason::deficit_forgiven:
  case adjustment_reason::advance_recouped:
    if (!change.on_hold.is_zero() || !change.carried.is_zero()) return "it adjusts more than the open balance";
    break;
  }
  account.carried += change.carried;
  if (account.carried > commission_sum{}) return "it makes up for more than was carried";
  if (!change.open.is_zero()) account.open.emplace(id, open_adjustment{id, line.effective_at, change.open});
  return nullptr;
}

const char* account_fold::adjust(sequence at, const account_adjusted& what) {
  return line(what.account, {at, 0}, what.line);
}

const char* account_fold::close(sequence at, timestamp time, const account_closed& what) {
  auto& account = accounts_[what.account];
  const auto month = what.close.month;
  if (time < month.ends_at()) return "it closes a month that was not over";
  if (account.closed && month != account.closed->next()) return "it closes another month than the next one";
  account.closed = month;
  for (std::uint32_t i = 0; i < what.close.adjustments.size(); ++i)
    if (const auto* problem = line(what.account, {at, i}, what.close.adjustments[i])) return problem;
  return nullptr;
}

// -- settlements ------------------------------------------------------------------------------------------------------

const char* account_fold::check_form(sequence at, const account_settlement& part, const settlement_terms& terms) {
  commission_sum taken;
  auto cut = part.cuts.begin();
  std::size_t ends = 0; // of cuts: each ends with a run, so no movement of it is behind its last run
  for (std::size_t i = 0; i < part.runs.size(); ++i) {
    const auto& run = part.runs[i];
    if (i > 0 && run.last <= part.runs[i - 1].last) return "the settlement's days are not in order";
    while (cut != part.cuts.end() && cut->to < run.last) ++cut;
    if (cut == part.cuts.end() || run.last <= cut->from) return "the settlement takes movements that it does not cover";
    if (terms.up_to && begin_of(run.day) >= *terms.up_to) return "the settlement takes a day beyond its terms";
    if (run.last == cut->to) ++ends;
    taken += run.sum;
  }
  for (std::size_t i = 0; i < part.cuts.size(); ++i)
    if (part.cuts[i].from >= part.cuts[i].to || part.cuts[i].to >= at ||
        (i > 0 && part.cuts[i].from < part.cuts[i - 1].to))
      return "the settlement covers a stretch that is none";
  if (ends != part.cuts.size()) return "the settlement covers more than it takes";
  for (const auto& one : part.adjustments) {
    if (terms.up_to && one.effective_at >= *terms.up_to) return "the settlement takes an adjustment beyond its terms";
    taken += one.value;
  }
  if (taken != commission_sum(part.exact)) return "the settlement is not the sum of what it takes";
  const auto payment = round_half_even(part.exact, minor_digits(part.account.currency));
  if (!payment || payment->value != part.payable || payment->residue != part.residue)
    return "the settlement does not pay its sum, rounded";
  if (part.payable.is_negative() || part.payable.is_zero() || part.payable < terms.minimum)
    return "the settlement pays less than it may";
  return nullptr;
}

const char* account_fold::take_part(settlement_id id, const account_settlement& part) {
  const auto owner = accounts_.find(part.account);
  if (owner == accounts_.end()) return "the settlement is of an account that nothing happened to";
  auto& account = owner->second;
  for (const auto& cut : part.cuts) {
    const auto next = account.cuts.upper_bound(cut.from); // the first that ends behind the beginning
    if (next != account.cuts.end() && next->second.from < cut.to) return "a movement is in two settlements";
    account.cuts.emplace(cut.to, cut);
  }
  for (const auto& one : part.adjustments) {
    const auto found = account.open.find(one.id);
    if (found == account.open.end()) return "the settlement takes an adjustment that is not open";
    if (found->second != one) return "the settlement takes another adjustment than was made";
    account.open.erase(found);
  }
  settlements_.emplace(id, standing{part.account, settlement_status::created, part});
  parts_.push_back({id.entry, part.account, part.cuts, part.runs});
  return nullptr;
}

const char* account_fold::settle(sequence at, const settlement_made& what) {
  if (what.request_id.empty() || !requests_.insert(what.request_id).second)
    return "its request id is that of an earlier settlement";
  std::set<account_key> seen;
  for (std::uint32_t i = 0; i < what.parts.size(); ++i) {
    const auto& part = what.parts[i];
    if (!seen.insert(part.account).second) return "the settlement takes an account twice";
    if (const auto* problem = check_form(at, part, what.terms)) return problem;
    if (const auto* problem = take_part({at, i}, part)) return problem;
  }
  return nullptr;
}

const char* account_fold::set_status(const settlement_status_set& what) {
  const auto found = settlements_.find(what.settlement);
  if (found == settlements_.end()) return "it gives a status to a settlement that is not there";
  if (!may_follow(found->second.status, what.status)) return "the settlement cannot get this status";
  found->second.status = what.status;
  return nullptr;
}

const char* account_fold::remove(const settlement_deleted& what) {
  const auto found = settlements_.find(what.settlement);
  if (found == settlements_.end()) return "it deletes a settlement that is not there";
  if (found->second.status == settlement_status::paid) return "it deletes a settlement that is paid";
  auto& account = accounts_[found->second.account];
  for (const auto& cut : found->second.part.cuts) account.cuts.erase(cut.to);
  for (const auto& one : found->second.part.adjustments) account.open.emplace(one.id, one);
  settlements_.erase(found);
  return nullptr;
}

// -- the sums of settlements ------------------------------------------------------------------------------------------

run_sums::run_sums(const std::vector<claimed_part>& parts) {
  parts_.reserve(parts.size());
  for (const auto& each : parts) {
    auto& stretches = accounts_[each.account].all;
    for (const auto& cut : each.cuts) stretches.push_back({cut, parts_.size()});
    parts_.push_back({&each, std::vector<counted_run>(each.runs.size()), 0});
  }
  for (auto& [account, stretches] : accounts_)
    std::stable_sort(stretches.all.begin(), stretches.all.end(),
                     [](const stretch& a, const stretch& b) { return a.cut.from < b.cut.from; });
}

void run_sums::take(sequence at, timestamp time, const account_key& account, commission earned) {
  const auto found = accounts_.find(account);
  if (found == accounts_.end()) return;
  auto& [all, next, now] = found->second;
  for (; next < all.size() && all[next].cut.from < at; ++next) now.push_back(all[next]);
  std::erase_if(now, [&](const stretch& one) { return one.cut.to < at; });
  for (const auto& one : now) count(parts_[one.part], at, time, earned);
}

/// A part covers a movement: it belongs to the first run that ends at it or behind it, and there is one.
void run_sums::count(counted_part& part, sequence at, timestamp time, commission earned) {
  const auto& runs = part.claimed->runs;
  while (part.next_run < runs.size() && runs[part.next_run].last < at) ++part.next_run;
  CROUPIER_ASSERT(part.next_run < runs.size(), "a cut does not end with a run");
  auto& run = part.runs[part.next_run];
  ++run.entries;
  run.sum += earned;
  run.on_its_day = run.on_its_day && day_of(time) == runs[part.next_run].day;
}

std::optional<std::pair<sequence, const char*>> run_sums::first_wrong() const {
  for (const auto& [claimed, runs, next] : parts_)
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const auto& told = claimed->runs[i];
      if (runs[i].entries != told.entries || runs[i].sum != told.sum)
        return {{claimed->entry, "the settlement is not the sum of the movements that it covers"}};
      if (!runs[i].on_its_day) return {{claimed->entry, "the settlement counts a movement on another day"}};
    }
  return std::nullopt;
}

} // namespace croupier::persistence
