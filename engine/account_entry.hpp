#pragma once

#include "engine/calendar_month.hpp"
#include "engine/commission_plan.hpp"
#include "engine/commission_sum.hpp"
#include "engine/currency.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace croupier {

/// The facts that an affiliate's account is the fold of: plain data that the journal holds. Sequence and time are given
/// when they are committed.

/// Whose account: an affiliate has one for each currency that its brands keep their books in. Nothing is ever
/// converted.
struct account_key {
  affiliate_number affiliate;
  currency_code currency;
  friend auto operator<=>(const account_key&, const account_key&) = default;
};

/// A movement earned revshare (or cost it), at the rate that its plan has when it is written.
struct revshare_accrued {
  commission earned;
  friend bool operator==(const revshare_accrued&, const revshare_accrued&) = default;
};

/// A player's CPA, from the moment when it qualified: the terms of its plan, turned into dates.
struct cpa_claim {
  /// On disk: do not change the values.
  enum class state : std::uint8_t { held = 1, released = 2, reversed = 3 };

  player_number player;
  brand_number brand;
  plan_number plan;
  commission fee;
  timestamp qualified_at;
  timestamp hold_until;                     ///< from then on it may be released by itself
  timestamp reversible_until;               ///< exclusive: a chargeback before takes the fee back
  std::optional<timestamp> charged_back_at; ///< the first chargeback
  cpa_approval approval = cpa_approval::after_hold;
  bool advance = false;
  state now = state::held;
  friend bool operator==(const cpa_claim&, const cpa_claim&) = default;
};

/// A player qualified for its CPA: the fee goes on hold. Once per player: the player's own state sees to that.
struct cpa_qualified {
  cpa_claim claim; ///< held, without chargeback
  friend bool operator==(const cpa_qualified&, const cpa_qualified&) = default;
};

/// A chargeback of a player. It moves no money by itself: the sweep or close that follows judges it by its time.
struct player_charged_back {
  player_number player;
  timestamp at;
  friend bool operator==(const player_charged_back&, const player_charged_back&) = default;
};

/// Why an account was adjusted. On disk: do not change the values.
enum class adjustment_reason : std::uint8_t {
  manual = 1,           ///< somebody said so, in words
  tier_true_up = 2,     ///< what the tiers earn, less what accrued at the first tier's rate
  fence_offset = 3,     ///< a fenced player's win-back: set off against what was carried for this player
  fence_carried = 4,    ///< a high roller's loss, carried for this player only; moves no money
  deficit_forgiven = 5, ///< a period below zero that the deal does not carry, or the part beyond its cap
  deficit_carried = 6,  ///< a period below zero, from the open balance to what is carried
  deficit_offset = 7,   ///< of what is carried, to be made up for by a period above zero
  cpa_released = 8,     ///< from hold to the open balance
  cpa_reversed = 9,     ///< from hold, or from the open balance once it was released
  advance_recouped = 10 ///< CPA that was paid in advance, made up for by revshare (negative), or that given back
};

/// What a fact does to the buckets of an account; see `account_buckets`.
struct bucket_change {
  commission open;
  commission on_hold;
  commission carried;
  friend bool operator==(const bucket_change&, const bucket_change&) = default;
};

/// One line of an account that is not a movement: what changed, and the rule and figures that say why. Numbers of 0
/// mean "not about one".
struct account_adjustment {
  adjustment_reason reason = adjustment_reason::manual;
  brand_number brand;
  plan_number plan;
  player_number player;
  timestamp effective_at; ///< a settlement up to a day takes what is effective before it
  base_amount base;       ///< of the metric, after deductions: what the rule was applied to
  base_amount measured;   ///< what tiers were compared with
  percentage rate;        ///< rate applied; of tiers, that of the highest one reached
  commission before;      ///< the figure that the rule changed, as it was and as it is now:
  commission after;       ///< earned by the tiers, left of a deficit, of an advance, on hold, ...
  bucket_change change;
  bool advance = false;   ///< of a CPA: it is an advance on revshare
  std::string request_id; ///< of a manual one
  std::string note;       ///< of a manual one: the reason in words
  friend bool operator==(const account_adjustment&, const account_adjustment&) = default;
};

/// A month was closed; its adjustments are one fact, so that a close is whole or is not.
struct month_closed {
  calendar_month month;
  std::vector<account_adjustment> adjustments;
  friend bool operator==(const month_closed&, const month_closed&) = default;
};

/// Where an adjustment stands: the entry's sequence, and its place in it.
struct adjustment_id {
  sequence entry;
  std::uint32_t index = 0;
  friend auto operator<=>(const adjustment_id&, const adjustment_id&) = default;
};

/// An adjustment that moved money, as something that a settlement can take.
struct open_adjustment {
  adjustment_id id;
  timestamp effective_at;
  commission value;
  friend bool operator==(const open_adjustment&, const open_adjustment&) = default;
};

/// Revshare that accrued on one day (UTC), without a settlement in between: the smallest piece that a settlement up to
/// a day can take.
struct accrual_run {
  day_number day = 0;
  sequence last;             ///< of its newest movement
  std::uint64_t entries = 0; ///< movements in it
  commission_sum sum;
  friend bool operator==(const accrual_run&, const accrual_run&) = default;
};

/// Which movements a settlement covers: those of the account with a sequence in (from, to].
struct settlement_cut {
  sequence from; ///< exclusive
  sequence to;   ///< inclusive
  friend bool operator==(const settlement_cut&, const settlement_cut&) = default;
};

/// One account's part of a settlement. It takes runs and adjustments whole; `exact` is their sum, `payable` is `exact`
/// rounded half to even to the currency's minor unit, and the residue is booked: payable + residue = exact.
struct account_settlement {
  account_key account;
  std::vector<settlement_cut> cuts;         ///< ascending; more than one when an older settlement was deleted
  std::vector<accrual_run> runs;            ///< ascending by last
  std::vector<open_adjustment> adjustments; ///< ascending by id
  commission exact;
  commission payable;
  commission residue;
  friend bool operator==(const account_settlement&, const account_settlement&) = default;
};

/// Which account settlement: the entry that made the batch, and the place in it.
struct settlement_id {
  sequence entry;
  std::uint32_t index = 0;
  friend auto operator<=>(const settlement_id&, const settlement_id&) = default;
};

/// On disk: do not change the values.
enum class settlement_status : std::uint8_t { created = 1, in_progress = 2, paid = 3, error = 4 };

/// This account's part of a settlement was made; `index` is its place in the batch.
struct account_settled {
  std::uint32_t index = 0;
  account_settlement part;
  friend bool operator==(const account_settled&, const account_settled&) = default;
};

struct settlement_status_set {
  settlement_id settlement;
  settlement_status status = settlement_status::created;
  friend bool operator==(const settlement_status_set&, const settlement_status_set&) = default;
};

struct settlement_deleted {
  settlement_id settlement;
  friend bool operator==(const settlement_deleted&, const settlement_deleted&) = default;
};

using account_fact = std::variant<revshare_accrued, cpa_qualified, player_charged_back, account_adjustment,
                                  month_closed, account_settled, settlement_status_set, settlement_deleted>;

/// "tier true-up", "deficit carried", ...: for statements.
std::string_view text_of(adjustment_reason reason) noexcept;

/// "NEW", "IN_PROGRESS", "PAID", "ERROR".
std::string_view text_of(settlement_status status) noexcept;

} // namespace croupier
