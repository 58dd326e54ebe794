#pragma once

#include "engine/entry.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace croupier::persistence {

/// A part of a settlement, and what it says it takes, to be held against the movements.
struct claimed_part {
  sequence entry; ///< of the settlement
  account_key account;
  std::vector<settlement_cut> cuts;
  std::vector<accrual_run> runs;
};

/// The accounts of affiliates as a journal makes them. Shares no rule with the accounts that serve: what was decided is
/// taken from the entries, and judged by what came before. Whether a settlement's runs are the sums of the movements
/// that they cover is for `run_sums`, which needs to know the settlements before it sees the movements. Use by one
/// thread.
///
/// Memory: one object per account, and per adjustment, claim and settlement that stands; nothing per movement.
class account_fold {
public:
  /// A movement accrued something for the account.
  void note(const account_key& account) { accounts_.try_emplace(account); }

  // Each takes in the next entry, and gives what is wrong with it, or nullptr. After a wrong one the fold is of no
  // further use.
  const char* claim(const account_key& account, const cpa_claim& claim, const commission_plan* plan);
  const char* adjust(sequence at, const account_adjusted& what);
  const char* close(sequence at, timestamp time, const account_closed& what);
  const char* settle(sequence at, const settlement_made& what);
  const char* set_status(const settlement_status_set& what);
  const char* remove(const settlement_deleted& what);

  std::uint64_t account_count() const noexcept { return accounts_.size(); }
  std::uint64_t settlement_count() const noexcept { return requests_.size(); }
  /// Of all settlements, also of those that were deleted, ascending by entry.
  const std::vector<claimed_part>& parts() const noexcept { return parts_; }

private:
  struct standing {
    account_key account;
    settlement_status status = settlement_status::created;
    account_settlement part;
  };
  struct kept_claim {
    account_key account;
    commission fee;
    cpa_claim::state now = cpa_claim::state::held;
  };
  struct folded_account {
    commission_sum carried;
    std::map<adjustment_id, open_adjustment> open; ///< what a settlement can take
    std::map<sequence, settlement_cut> cuts;       ///< of the settlements that stand, by their ends
    std::set<std::string> requests;
    std::optional<calendar_month> closed;
  };

  const char* line(const account_key& key, adjustment_id id, const account_adjustment& line);
  const char* book(const account_key& key, const account_adjustment& line);
  static const char* check_form(sequence at, const account_settlement& part, const settlement_terms& terms);
  const char* take_part(settlement_id id, const account_settlement& part);

  std::map<account_key, folded_account> accounts_;
  std::unordered_map<player_number, kept_claim> claims_;
  std::map<settlement_id, standing> settlements_; ///< those that stand
  std::set<std::string> requests_;                ///< of settlements
  std::vector<claimed_part> parts_;
};

/// Holds every run of every settlement, deleted ones too, against the movements that it covers.
class run_sums {
public:
  /// The parts outlive the object.
  explicit run_sums(const std::vector<claimed_part>& parts);

  /// The next movement that accrued something for the account.
  void take(sequence at, timestamp time, const account_key& account, commission earned);

  /// The first settlement that takes other sums than those of its movements.
  std::optional<std::pair<sequence, const char*>> first_wrong() const;

private:
  struct counted_run {
    std::uint64_t entries = 0;
    commission_sum sum;
    bool on_its_day = true;
  };
  struct counted_part {
    const claimed_part* claimed = nullptr;
    std::vector<counted_run> runs;
    std::size_t next_run = 0; ///< the first that later movements can be in
  };
  struct stretch {
    settlement_cut cut;
    std::size_t part = 0;
  };
  struct account_stretches {
    std::vector<stretch> all; ///< ascending by begin
    std::size_t next = 0;
    std::vector<stretch> now; ///< those that the next movement may be in
  };

  void count(counted_part& part, sequence at, timestamp time, commission earned);

  std::vector<counted_part> parts_;
  std::map<account_key, account_stretches> accounts_;
};

} // namespace croupier::persistence
