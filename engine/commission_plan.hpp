#pragma once

#include "engine/ids.hpp"
#include "engine/rounding.hpp"
#include "engine/timestamp.hpp"
#include "engine/uuid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace croupier {

class workspace;

/// Percentages that are taken off the metric before a rate is applied, both of the whole metric: at 3 % and 20 % a
/// metric of 100 leaves a base of 77. Two fraction digits at most, which keeps the commission exact.
struct base_deductions {
  percentage admin_fee;
  percentage tax;
  friend bool operator==(const base_deductions&, const base_deductions&) = default;
};

/// What the tiers of a plan are bounds of. On disk: do not change the values.
enum class tier_measure : std::uint8_t {
  period_base = 1,    ///< the period's base: the metric's change after deductions, such as the NGR
  first_deposits = 2, ///< players whose first deposit is in the period
  active_players = 3  ///< players with at least one movement in the period
};

/// On disk: do not change the values.
enum class tier_mode : std::uint8_t {
  retroactive = 1, ///< the rate of the tier that is reached, on everything
  incremental = 2  ///< each tier's rate on what lies in the tier. Of counts: the mean rate of the counted players
};

struct commission_tier {
  std::optional<amount> up_to; ///< inclusive; only the last tier has none
  percentage rate;             ///< 0 to 100
  friend bool operator==(const commission_tier&, const commission_tier&) = default;
};

/// RevShare on the change of one decimal metric. One tier without a bound is the flat RevShare, final when the movement
/// is written. With more tiers a movement accrues at the first tier's rate, and the close of the period books the rest.
struct revshare_leg {
  metric_number metric;
  std::vector<commission_tier> tiers; ///< 1 to 20, ascending
  tier_measure measure = tier_measure::period_base;
  tier_mode mode = tier_mode::retroactive;
  base_deductions deductions;

  bool is_flat() const noexcept { return tiers.size() == 1; }
  /// The rate that a movement accrues at.
  percentage rate_at_write() const noexcept { return tiers.front().rate; }
  friend bool operator==(const revshare_leg&, const revshare_leg&) = default;
};

/// How a held CPA becomes payable. On disk: do not change the values.
enum class cpa_approval : std::uint8_t {
  after_hold = 1, ///< by itself, when the hold has passed
  by_hand = 2     ///< only when somebody approves it
};

/// What a condition of a CPA asks of one metric's balance.
struct cpa_condition {
  metric_number metric;
  amount at_least;
  friend bool operator==(const cpa_condition&, const cpa_condition&) = default;
};

/// A fixed fee for each player that qualifies, once per player. All conditions must be met before the window is over.
struct cpa_leg {
  amount fee;                            ///< in the brand's currency, positive
  std::optional<cpa_condition> deposits; ///< cumulative deposits; at least one of the two conditions is there
  std::optional<cpa_condition> wagering; ///< cumulative wagering
  std::uint16_t window_days = 0;         ///< from registration; 0: no end
  std::uint16_t hold_days = 0;           ///< from qualification, until the fee may be released
  std::uint16_t reversal_days = 0;       ///< from qualification: a chargeback before their end takes the fee back
  cpa_approval approval = cpa_approval::after_hold;
  bool advance = false; ///< the fee is an advance that later RevShare makes up for
  friend bool operator==(const cpa_leg&, const cpa_leg&) = default;
};

/// What an offer pays, to whom, where and when. Both legs together are a hybrid. A plan is never changed, except for
/// its name and its end: another plan, with a later start, takes its place. So what was earned under it stays
/// explained.
struct commission_plan {
  plan_number number;
  uuid id;
  std::string name;
  offer_number offer;
  brand_number brand;         ///< 0: every brand
  affiliate_number affiliate; ///< 0: every affiliate
  timestamp valid_from;
  std::optional<timestamp> valid_until; ///< exclusive; none: until another takes its place
  std::optional<revshare_leg> revshare;
  std::optional<cpa_leg> cpa;

  bool covers(timestamp time) const noexcept { return valid_from <= time && (!valid_until || time < *valid_until); }
  friend bool operator==(const commission_plan&, const commission_plan&) = default;
};

/// `gross` less the deductions, exact. Nothing when it leaves 128 bits.
std::optional<base_amount> net_of(amount gross, const base_deductions& deductions) noexcept;

/// `share` % of `gross` for a percentage with two fraction digits at most (CROUPIER_ASSERT), exact. Nothing when it
/// leaves 128 bits.
std::optional<base_amount> part_of(amount gross, percentage share) noexcept;

/// `base` x `rate` %, exact. Nothing when it leaves 128 bits.
std::optional<commission> share_of(base_amount base, percentage rate) noexcept;

/// What a movement that changed the leg's metric by `delta` accrues when it is written. Nothing when it leaves 128
/// bits.
std::optional<commission> accrued_at_write(const revshare_leg& leg, amount delta) noexcept;

/// What the tiers may count in a period.
struct period_counts {
  std::uint64_t first_deposits = 0;
  std::uint64_t active_players = 0;
};

/// What a leg earns in a period, and the figures that say why.
struct tier_outcome {
  commission earned;
  base_amount measured; ///< what the tiers were compared with
  percentage rate;      ///< of the highest tier that was reached
};

/// The period's commission on `base`, the sum of the net bases of its players. A base below zero earns (that is, costs)
/// the rate of the tier that is reached, for incremental tiers on the base the first one's. Exact, except that the mean
/// rate of incremental counts may have no end: then half to even at 10^-18. Nothing when it leaves 128 bits. O(tiers).
std::optional<tier_outcome> earned_in_period(const revshare_leg& leg, base_amount base,
                                             const period_counts& counts) noexcept;

/// All plans, in order of creation. A value, like the workspace that it belongs to. `in_force` is two look-ups and a
/// walk over the plans that one (offer, affiliate) ever had.
class plan_book {
public:
  const std::vector<commission_plan>& plans() const noexcept { return plans_; }
  /// nullptr when there is none of that number.
  const commission_plan* find(plan_number number) const noexcept;

  /// The plan that pays at `time`: among those that cover it, the first of
  ///   1. for this affiliate and this brand, 2. for this affiliate, 3. for this brand, 4. for the offer;
  /// within one of these the one that starts latest. nullptr: nothing is paid.
  const commission_plan* in_force(offer_number offer, brand_number brand, affiliate_number affiliate,
                                  timestamp time) const noexcept;

  /// Puts a plan at its number: replaces it, or appends it when number is the book's size + 1 (CROUPIER_ASSERT).
  /// Callers have validated it (`problem_with`).
  void put(commission_plan plan);

  /// Why the plan may not be put, as "<field>: <what is wrong>", or nothing when it may. A new plan starts at `now` or
  /// later; of an existing one only the name and an end that has not passed may change, to `now` or later.
  std::optional<std::string> problem_with(const commission_plan& plan, const workspace& ws, timestamp now) const;

private:
  using holder = std::uint64_t; ///< offer and affiliate
  static holder holder_of(offer_number offer, affiliate_number affiliate) noexcept;
  const commission_plan* best_of(holder who, brand_number brand, timestamp time) const noexcept;

  std::vector<commission_plan> plans_;
  std::unordered_map<holder, std::vector<plan_number>> by_holder_;
};

} // namespace croupier
