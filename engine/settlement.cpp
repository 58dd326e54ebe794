#include "engine/settlement.hpp"

#include "engine/check.hpp"
#include "engine/rounding.hpp"

#include <algorithm>

namespace croupier {
namespace {

/// Every stretch of sequences between earlier settlements that holds a taken run becomes a cut, up to its newest run.
std::vector<settlement_cut> cuts_around(const std::vector<accrual_run>& runs,
                                        const std::vector<settlement_cut>& taken) {
  std::vector<settlement_cut> cuts;
  auto next = taken.begin();
  sequence from;
  for (const auto& run : runs) {
    while (next != taken.end() && next->to < run.last) from = (next++)->to;
    if (cuts.empty() || cuts.back().from != from) cuts.push_back({.from = from, .to = run.last});
    cuts.back().to = run.last;
  }
  return cuts;
}

} // namespace

std::optional<std::string> problem_with(const settlement_terms& terms) {
  if (terms.minimum.is_negative()) return "minimum: must be 0 or more";
  if (terms.up_to && *terms.up_to != begin_of(day_of(*terms.up_to))) return "up_to: must be a midnight in UTC";
  return std::nullopt;
}

result<account_settlement, skip_reason> draft_settlement(const affiliate_account& account,
                                                         const settlement_terms& terms, bool has_payment_details) {
  CROUPIER_ASSERT(!problem_with(terms), "a settlement on terms that cannot be");
  account_settlement part;
  part.account = account.key();
  commission_sum sum;
  for (const auto& run : account.open_runs()) {
    if (terms.up_to && begin_of(run.day) >= *terms.up_to) continue;
    part.runs.push_back(run);
    sum += run.sum;
  }
  for (const auto& one : account.open_adjustments()) {
    if (terms.up_to && one.effective_at >= *terms.up_to) continue;
    part.adjustments.push_back(one);
    sum += one.value;
  }
  if (sum.is_negative()) return skip_reason::negative;
  const auto exact = sum.exact();
  if (!exact) return skip_reason::out_of_range;
  const auto payable = round_half_even(*exact, minor_digits(account.key().currency));
  if (!payable) return skip_reason::out_of_range;
  if (payable->value.is_zero()) return skip_reason::nothing_open;
  if (payable->value < terms.minimum) return skip_reason::below_minimum;
  if (!has_payment_details) return skip_reason::no_payment_details;
  part.cuts = cuts_around(part.runs, account.cuts());
  part.exact = *exact;
  part.payable = payable->value;
  part.residue = payable->residue;
  return part;
}

std::optional<settlement_refusal> refusal_of(settlement_status from, settlement_status to) noexcept {
  if (from == to) return std::nullopt;
  const auto only_if = [](bool reachable) {
    return reachable ? std::nullopt : std::optional(settlement_refusal::status_unreachable);
  };
  switch (from) {
  case settlement_status::created: return only_if(to == settlement_status::in_progress);
  case settlement_status::in_progress: return only_if(to == settlement_status::paid || to == settlement_status::error);
  case settlement_status::error: return only_if(to == settlement_status::in_progress);
  case settlement_status::paid: return settlement_refusal::paid;
  }
  return std::nullopt;
}

std::optional<settlement_refusal> refusal_to_set(const affiliate_account& account, settlement_id id,
                                                 settlement_status to) noexcept {
  const auto* found = account.find(id);
  return found == nullptr ? settlement_refusal::unknown : refusal_of(found->status, to);
}

std::optional<settlement_refusal> refusal_to_delete(const affiliate_account& account, settlement_id id) noexcept {
  const auto* found = account.find(id);
  if (found == nullptr) return settlement_refusal::unknown;
  return found->status == settlement_status::paid ? std::optional(settlement_refusal::paid) : std::nullopt;
}

std::string_view text_of(skip_reason reason) noexcept {
  switch (reason) {
  case skip_reason::nothing_open: return "nothing open";
  case skip_reason::negative: return "negative";
  case skip_reason::below_minimum: return "below minimum";
  case skip_reason::no_payment_details: return "no payment details";
  case skip_reason::out_of_range: return "out of range";
  }
  return "";
}

} // namespace croupier
