/// What may be done to an account, and what must hold of it.

#include "engine/affiliate_account.hpp"

#include <algorithm>
#include <limits>

namespace croupier {
namespace {

/// About when the account began to earn, to the day; the end of time when it has not.
timestamp first_earning(const affiliate_account& account) noexcept {
  timestamp first{std::numeric_limits<std::int64_t>::max()};
  const auto see = [&first](const std::vector<accrual_run>& runs) {
    for (const auto& run : runs) first = std::min(first, begin_of(run.day));
  };
  see(account.open_runs());
  for (const auto& settled : account.settlements()) see(settled.part.runs);
  for (const auto& claim : account.claims()) first = std::min(first, claim.qualified_at);
  return first;
}

} // namespace

std::optional<adjustment_refusal> affiliate_account::refusal_of(const account_adjustment& manual) const {
  if (manual.request_id.empty()) return adjustment_refusal::request_id_missing;
  if (requests_.contains(manual.request_id)) return adjustment_refusal::request_duplicate;
  if (manual.note.empty()) return adjustment_refusal::note_missing;
  if (manual.change.open.is_zero()) return adjustment_refusal::value_zero;
  if (last_closed_ && manual.effective_at < last_closed_->ends_at()) return adjustment_refusal::period_closed;
  return std::nullopt;
}

std::optional<sequence> affiliate_account::entry_of_request(std::string_view request_id) const {
  const auto found = requests_.find(request_id);
  return found == requests_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<close_refusal> affiliate_account::refusal_of(calendar_month month, timestamp now) const noexcept {
  if (now < month.ends_at()) return close_refusal::month_not_over;
  if (last_closed_ && month != last_closed_->next()) return close_refusal::not_the_next_month;
  // The first close may not leave out a month in which something was earned: nobody could close it any more.
  if (!last_closed_ && first_earning(*this) < month.starts_at()) return close_refusal::not_the_next_month;
  return std::nullopt;
}

std::optional<std::string> affiliate_account::broken_law() const {
  account_buckets sums;
  for (const auto& run : runs_) sums.open += run.sum;
  for (const auto& one : adjustments_) sums.open += one.value;
  for (const auto& claim : claims_)
    if (claim.now == cpa_claim::state::held) sums.on_hold += claim.fee;
  for (const auto& one : settlements_) {
    (one.status == settlement_status::paid ? sums.paid : sums.pending) += one.part.payable;
    sums.rounding += one.part.residue;
  }
  sums.carried = carried_.deficit();
  sums.earned = sums.open + sums.on_hold + sums.carried + sums.pending + sums.paid + sums.rounding;
  if (sums.open != buckets_.open) return "open is not the sum of what is open";
  if (sums.on_hold != buckets_.on_hold) return "on hold is not the sum of the held fees";
  if (sums.carried != buckets_.carried) return "carried is not the sum of the carried deficits";
  if (sums.pending != buckets_.pending) return "pending is not the sum of the settlements that are not paid";
  if (sums.paid != buckets_.paid) return "paid is not the sum of the paid settlements";
  if (sums.rounding != buckets_.rounding) return "rounding is not the sum of the residues";
  if (sums.earned != buckets_.earned)
    return "open, on hold, carried, pending, paid and rounding are not what was earned";
  for (std::size_t i = 1; i < cuts_.size(); ++i)
    if (cuts_[i].cut.from < cuts_[i - 1].cut.to) return "a sequence is in two settlements";
  for (const auto& run : runs_)
    if (settlement_of(run.last)) return "a movement is open and in a settlement";
  return std::nullopt;
}

} // namespace croupier
