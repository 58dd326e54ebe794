#pragma once

#include "engine/account_entry.hpp"
#include "engine/carryover.hpp"
#include "engine/result.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace croupier {

/// What one player did for an account in one month under one plan. There is a line for every player that had a
/// movement, whether or not the movement touched the plan's metric: the tiers may count it.
struct revshare_line {
  player_number player;
  brand_number brand;
  plan_number plan;           ///< in force when the movements were written; it has a revshare leg
  amount base;                ///< sum of the changes of the leg's metric, before deductions
  commission accrued;         ///< sum of what the movements accrued when they were written
  bool first_deposit = false; ///< its first deposit is among them
  bool active = false;        ///< it counts as an active player
};

/// One month (UTC) of one account, as of the journal.
struct close_input {
  account_key account;
  calendar_month month;
  deal_terms deal;
  const plan_book* plans = nullptr;
  std::span<const revshare_line> lines; ///< ascending by player, then plan, without repeats
  std::span<const cpa_claim> claims;    ///< the account's live claims, ascending by player
  const carry_state* carried = nullptr; ///< as the months before left it
};

/// One plan in one netting group: from the metric to what it earned.
struct plan_figures {
  plan_number plan;
  amount gross;             ///< of the metric
  base_amount admin_fee;    ///< taken off
  base_amount tax;          ///< taken off
  base_amount fence_offset; ///< taken off: win-backs of fenced players
  base_amount base;         ///< gross - admin_fee - tax - fence_offset
  period_counts counts;
  base_amount measured;   ///< what the tiers were compared with
  percentage rate;        ///< of the highest tier reached
  commission_sum accrued; ///< on the movements
  commission_sum offsets; ///< 0 or less: the commission on fence_offset
  commission_sum true_up;
  commission_sum earned; ///< accrued + offsets + true_up
};

/// One netting group: from what its plans earned to what is payable. Each figure has the sign that it adds with.
struct group_figures {
  brand_number brand;              ///< 0: all brands together
  std::vector<plan_figures> plans; ///< ascending by plan
  commission_sum earned;           ///< by all plans
  commission_sum forgiven;         ///< 0 or more
  commission_sum carried;          ///< 0 or more: a deficit that leaves the month
  commission_sum offset;           ///< 0 or less: deficits of earlier months, made up for
  commission_sum recouped;         ///< of CPA paid in advance; above 0: given back
  commission_sum payable;          ///< the sum of the five
};

/// The close of a month. `entry` is to be journalled; the figures are its reading.
struct close_outcome {
  month_closed entry;
  std::vector<group_figures> groups; ///< ascending by brand
  commission_sum cpa_released;       ///< 0 or more
  commission_sum cpa_reversed;       ///< 0 or less: only of fees that had been released
  commission_sum payable;            ///< the payables of the groups and the two; accrued + what the entry adds to open
};

/// Why a month cannot be closed. Frozen numbers: they appear in clients' logs.
enum class close_refusal : std::uint8_t {
  month_not_over = 1,
  not_the_next_month = 2, ///< months are closed in order, each once
  out_of_range = 3        ///< some figure does not fit its type; nobody's real business gets there
};

/// Closes a month. The order, in each netting group:
///   1. CPA: fees whose hold is over are released, fees charged back in time are reversed (`due_booking`).
///   2. Fences of earlier months: a fenced player's base above zero makes up for what is carried for that player.
///   3. Tiers: what the plan earns on the base that is left, less what accrued. Flat RevShare is final and not touched.
///   4. Below zero: the deal's fence and carryover decide what is forgiven and what is carried.
///   5. Above zero: first the deficits of earlier months are made up for, then CPA that was paid in advance, the latter
///      only out of what plans earned whose CPA is an advance.
/// Deficits and advances carried for one brand belong to that brand's group or to the common one; what is carried for
/// all brands together is made up for by whichever group comes first.
///
/// The entry holds for the account as it was given: no booking of a claim and no other close may come in between.
/// Deterministic; everything in the entry is effective at the month's last moment. The adjustments are in the order in
/// which the rules ran, and lines without money occur only for fences. O(lines log lines + claims).
result<close_outcome, close_refusal> close_month(const close_input& input);

} // namespace croupier
