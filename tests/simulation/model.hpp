#pragma once

#include "engine/entry.hpp"
#include "persistence/committed_view.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace croupier::test {

/// What the journal must come to, folded from the movements' values alone: a hundred lines that share no rule with the
/// engine. The first difference is told in words.
class model {
public:
  /// Takes the next entry of the journal.
  void take(const committed_entry& entry);

  /// Compares every player with what the view answers.
  void compare(const persistence::committed_view& view);

  /// The entry that carries the request id of the player; nothing: none does.
  std::optional<sequence> find(const std::string& external_id, const std::string& request_id) const;
  bool has_player(const std::string& external_id) const { return by_name_.contains(external_id); }
  const std::vector<std::string>& differences() const noexcept { return differences_; }

private:
  struct player {
    std::string name;
    offer_number offer;
    std::map<metric_number, int128> balances;
    int128 revshare = 0;
    std::uint64_t movements = 0;
    std::map<std::string, sequence> requests;
  };

  void take_movement(const committed_entry& entry, const movement_recorded& movement);
  void expect(bool holds, sequence at, const std::string& what);

  sequence last_;
  timestamp time_;
  std::map<offer_number, revshare_terms> terms_;
  std::map<player_number, player> players_;
  std::map<std::string, player_number> by_name_;
  std::vector<std::string> differences_;
};

} // namespace croupier::test
