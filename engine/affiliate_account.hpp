#pragma once

#include "engine/account_entry.hpp"
#include "engine/carryover.hpp"
#include "engine/period_close.hpp"
#include "engine/result.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace croupier {

/// Where the money of an account is. The buckets always add up to `earned`: nothing gets lost between them.
struct account_buckets {
  commission_sum open;     ///< earned, in no settlement; may be negative
  commission_sum on_hold;  ///< CPA that is not released yet
  commission_sum carried;  ///< 0 or less: deficits of closed periods that later ones have to make up for
  commission_sum pending;  ///< payable of settlements that are not paid yet
  commission_sum paid;     ///< payable of settlements that are
  commission_sum rounding; ///< what rounding to the minor unit left of settlements
  commission_sum earned;   ///< sum of all accruals, CPA fees and adjustments, ever
  friend bool operator==(const account_buckets&, const account_buckets&) = default;
};

/// A settlement that the account is part of.
struct settled_part {
  settlement_id id;
  settlement_status status = settlement_status::created;
  account_settlement part;
  friend bool operator==(const settled_part&, const settled_part&) = default;
};

/// Why an adjustment by hand is refused. Frozen numbers: they appear in clients' logs. The order is that of precedence.
enum class adjustment_refusal : std::uint8_t {
  request_id_missing = 1,
  request_duplicate = 2, ///< an adjustment with this request id stands already
  note_missing = 3,
  value_zero = 4,
  period_closed = 5 ///< it would be effective in a month that is closed
};

/// One affiliate's account in one currency: the fold of its facts in the order of their sequences. Pure: no clock, no
/// I/O; the same facts make the same account, and facts that it has taken in already change nothing.
///
/// Movements are not kept: per day and settlement there is one run with their sum, so a settlement takes a few runs
/// however many movements they hold, and a movement's settlement is found by its sequence among the cuts. 80 bytes a
/// day with movements, 48 an adjustment, 120 a live CPA claim. Use by one thread at a time.
class affiliate_account {
public:
  explicit affiliate_account(account_key key) : key_(key) {}

  /// Takes in what the entry at `at`, committed at `time`, says about this account; nothing happens when `at` is not
  /// after `applied_up_to`. All facts of one entry come together. They were decided on the account as it was
  /// (CROUPIER_ASSERT). A day never comes before that of an earlier sequence: when the clock was set back, the accruals
  /// in between count on the later day. O(log) per fact; a settlement O(runs and adjustments that are open).
  void apply(sequence at, timestamp time, std::span<const account_fact> facts);

  const account_key& key() const noexcept { return key_; }
  const account_buckets& buckets() const noexcept { return buckets_; }
  sequence applied_up_to() const noexcept { return applied_; }

  /// What is open: ascending by sequence, and by id.
  const std::vector<accrual_run>& open_runs() const noexcept { return runs_; }
  const std::vector<open_adjustment>& open_adjustments() const noexcept { return adjustments_; }

  /// What closes of months start from.
  const carry_state& carried() const noexcept { return carried_; }
  /// CPA claims that are held, or can still be reversed; ascending by player.
  const std::vector<cpa_claim>& claims() const noexcept { return claims_; }
  const cpa_claim* claim_of(player_number player) const noexcept; ///< nullptr: no live one
  std::optional<calendar_month> last_closed() const noexcept { return last_closed_; }

  /// Ascending by id; deleted ones are not among them. nullptr when there is none of that id.
  const std::vector<settled_part>& settlements() const noexcept { return settlements_; }
  const settled_part* find(settlement_id id) const noexcept;

  /// The settlement that covers a movement of this account; nothing while it is open. O(log cuts).
  std::optional<settlement_id> settlement_of(sequence movement) const noexcept;
  /// The same for an adjustment. O(settlements log adjustments).
  std::optional<settlement_id> settlement_of(adjustment_id adjustment) const noexcept;
  /// The settlements' cuts, ascending and apart from each other.
  std::vector<settlement_cut> cuts() const;
  /// What the settlements cover, or only those that were made up to `made_by`, in as few stretches as possible:
  /// ascending, with open entries between any two. O(cuts).
  std::vector<settlement_cut> settled(std::optional<sequence> made_by = std::nullopt) const;

  /// Why an adjustment by hand may not be applied; nothing when it may. It has reason, request id, note, value in
  /// `change.open` and effective time; everything else is left empty. A repeated request is `request_duplicate`.
  std::optional<adjustment_refusal> refusal_of(const account_adjustment& manual) const;
  /// The entry that a request id of an adjustment made; nothing when there is none.
  std::optional<sequence> entry_of_request(std::string_view request_id) const;

  /// Why a month may not be closed at `now`; nothing when it may. The first one may be any; then they follow each
  /// other.
  std::optional<close_refusal> refusal_of(calendar_month month, timestamp now) const noexcept;

  /// Which of the account's laws is broken, in words; nothing when all hold: the buckets add up, each is the sum of
  /// what it holds, and nothing open lies inside a cut. O(everything).
  std::optional<std::string> broken_law() const;

  friend bool operator==(const affiliate_account&, const affiliate_account&) = default;

  struct placed_cut {
    settlement_cut cut;
    settlement_id settlement;
    friend bool operator==(const placed_cut&, const placed_cut&) = default;
  };

  /// Everything that it is, in order, for whoever saves and restores it.
  template<class Account>
  static auto fields(Account& it) {
    return std::tie(it.key_, it.buckets_, it.runs_, it.adjustments_, it.claims_, it.carried_, it.settlements_, it.cuts_,
                    it.requests_, it.last_closed_, it.last_day_, it.applied_);
  }

private:
  void apply_fact(const revshare_accrued& fact);
  void apply_fact(const cpa_qualified& fact);
  void apply_fact(const player_charged_back& fact);
  void apply_fact(const account_adjustment& fact);
  void apply_fact(const month_closed& fact);
  void apply_fact(const account_settled& fact);
  void apply_fact(const settlement_status_set& fact);
  void apply_fact(const settlement_deleted& fact);

  void move_claim(const account_adjustment& line);
  void take_runs(const account_settlement& part);
  void take_adjustments(const account_settlement& part);
  void place_cuts(const account_settlement& part, settlement_id id);
  void give_back(const account_settlement& part);
  void join_runs();
  bool is_cut_between(sequence earlier, sequence later) const noexcept;
  std::vector<settled_part>::iterator place_of(settlement_id id);

  account_key key_;
  account_buckets buckets_;
  std::vector<accrual_run> runs_;
  std::vector<open_adjustment> adjustments_;
  std::vector<cpa_claim> claims_;
  carry_state carried_;
  std::vector<settled_part> settlements_;
  std::vector<placed_cut> cuts_;
  std::map<std::string, sequence, std::less<>> requests_;
  std::optional<calendar_month> last_closed_;
  day_number last_day_ = 0;
  sequence applied_;
  std::uint32_t next_index_ = 0; ///< of the next adjustment in the entry that is being applied
};

} // namespace croupier
