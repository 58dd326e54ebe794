#pragma once

#include "engine/entry.hpp"
#include "persistence/committed_view.hpp"
#include "tests/simulation/account_model.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace croupier::test {

/// What the journal must come to, folded from the movements' values alone: a hundred lines that share no rule with the
/// engine, and those of account_model.hpp for what affiliates are owed. The first difference is told in words.
class model {
public:
  /// `drafted`: what was durable when a settlement was decided, by its entry, as far as that is known.
  explicit model(std::map<sequence, sequence> drafted = {});

  /// Takes the next entry of the journal.
  void take(const committed_entry& entry);

  /// Compares every player with what the view answers.
  void compare(const persistence::committed_view& view);

  /// The entry that carries the request id of the player; nothing: none does.
  std::optional<sequence> find(const std::string& external_id, const std::string& request_id) const;
  bool has_player(const std::string& external_id) const { return by_name_.contains(external_id); }
  const account_model& accounts() const noexcept { return accounts_; }
  std::vector<player_number> players() const;
  const std::vector<std::string>& differences() const noexcept { return differences_; }
  void expect(bool holds, sequence at, const std::string& what);

private:
  struct player {
    std::string name;
    offer_number offer;
    affiliate_number affiliate;
    std::map<metric_number, int128> balances;
    int128 revshare = 0;
    std::uint64_t movements = 0;
    std::map<std::string, sequence> requests;
    bool claimed = false;
  };
  /// What an offer pays.
  struct terms {
    metric_number metric;
    int128 units_per_unit = 0; ///< of commission, for a unit of the metric
    std::optional<cpa_leg> cpa;
  };

  void know(const workspace_changed& what);
  void add(const player_profile& who, sequence at);
  void attribute(const player_profile& who, sequence at);
  void take_movement(const committed_entry& entry, const movement_recorded& movement);
  void take_claim(const committed_entry& entry, const movement_recorded& movement, player& owner);

  const std::map<sequence, sequence> drafted_;
  account_model accounts_;
  sequence last_;
  timestamp time_;
  std::map<offer_number, terms> terms_;
  std::map<player_number, player> players_;
  std::map<std::string, player_number> by_name_;
  std::vector<std::string> differences_;
};

} // namespace croupier::test
