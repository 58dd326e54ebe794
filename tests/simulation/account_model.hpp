#pragma once

#include "engine/entry.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace croupier::test {

/// What affiliates must be owed, folded from the entries with whole units and no rule of the engine's: every movement
/// and adjustment is kept by itself, with the settlement that it is in. One currency with two digits after the point,
/// flat plans, deals that carry or forgive.
class account_model {
public:
  /// Told every difference; `holds`: there is none.
  using teller = std::function<void(bool holds, sequence at, const std::string& what)>;
  explicit account_model(teller expect) : expect_(std::move(expect)) {}

  /// Money of one account, in units of 10^-18.
  struct money {
    int128 open = 0, on_hold = 0, carried = 0, pending = 0, paid = 0, rounding = 0, earned = 0;
    friend bool operator==(const money&, const money&) = default;
  };
  struct share {
    player_number player;
    timestamp time;
    int128 units = 0;
    std::optional<settlement_id> in;
  };

  void know(const affiliate& owner) { owners_[owner.number] = owner; }

  // What the ledger says, in the order in which it says it.
  void earn(sequence at, timestamp time, affiliate_number whose, player_number player, int128 units);
  void claim(sequence at, timestamp time, affiliate_number whose, const cpa_claim& claim);
  void charge_back(timestamp time, player_number player);
  void take(sequence at, timestamp time, const account_adjusted& what);
  void take(sequence at, timestamp time, const account_closed& what);
  /// `drafted`: what was durable when it was decided, if that is known.
  void take(sequence at, const settlement_made& what, std::optional<sequence> drafted);
  void take(sequence at, const settlement_status_set& what);
  void take(sequence at, const settlement_deleted& what);

  std::vector<affiliate_number> affiliates() const;
  money of(affiliate_number whose) const;
  /// What no settlement covers of a player's revshare.
  int128 open_of(player_number player) const;
  /// The movements and adjustments of an account, by entry (and place in it).
  const std::map<adjustment_id, share>& shares(affiliate_number whose) const;
  std::optional<sequence> settlement_of_request(const std::string& id) const;
  std::optional<sequence> adjustment_of_request(affiliate_number whose, const std::string& id) const;
  bool was_made(settlement_id id) const { return made_.contains(id); }
  /// Players whose claims a sweep at `now` must have booked.
  std::vector<player_number> due(timestamp now) const;

private:
  struct kept_claim {
    affiliate_number whose;
    cpa_claim terms;
    std::optional<timestamp> charged_back;
    cpa_claim::state now = cpa_claim::state::held;
  };
  struct settlement {
    affiliate_number whose;
    settlement_status status = settlement_status::created;
    int128 payable = 0, residue = 0;
  };
  struct account {
    std::map<adjustment_id, share> movements; ///< index 0
    std::map<adjustment_id, share> adjustments;
    int128 carried = 0;
    std::map<std::string, sequence> requests;
    std::optional<calendar_month> closed;
  };

  void add_line(sequence at, std::uint32_t index, affiliate_number whose, const account_adjustment& line);
  void book(sequence at, timestamp time, affiliate_number whose, const std::string& who,
            const account_adjustment& line);
  void take_part(settlement_id id, const account_settlement& part, const settlement_made& what,
                 std::optional<sequence> drafted);
  /// What can be settled at `drafted` under the terms.
  int128 open_for(const account& of, const settlement_terms& terms, sequence drafted) const;

  teller expect_;
  std::map<affiliate_number, affiliate> owners_;
  mutable std::map<affiliate_number, account> accounts_;
  std::map<player_number, kept_claim> claims_;
  std::map<settlement_id, settlement> settlements_; ///< those that stand
  std::set<settlement_id> made_;
  std::map<std::string, sequence> requests_;
};

} // namespace croupier::test
