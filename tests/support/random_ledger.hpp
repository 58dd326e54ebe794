#pragma once

#include "engine/entry.hpp"
#include "engine/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

namespace croupier::test {

/// What happened, with its own texts: the plain form of an entry that a model can keep.
struct movement_fact {
  player_number player;
  brand_number brand;
  std::uint64_t ordinal = 0;
  dialect source = dialect::trackdesk;
  std::string request_id; ///< empty: none
  std::vector<metric_change> changes;
  std::optional<revshare_accrual> revshare;
};
struct registration_fact {
  player_profile profile;
};
struct attribution_fact {
  player_profile profile;
};
struct workspace_fact {
  workspace_changed::object object;
};
struct click_fact {};

struct fact {
  sequence at;
  timestamp time;
  std::variant<movement_fact, registration_fact, attribution_fact, workspace_fact, click_fact> what;
};

/// How busy the random ledger is.
struct random_ledger_options {
  std::size_t players_max = 8;   ///< then no more registrations
  unsigned movements_in_ten = 7; ///< of ten entries, about; the others are registrations, attributions, clicks, ...
};

/// A source of random but valid ledgers, in groups as a journal takes them: three brands, six metrics of which five
/// mean something, two offers with RevShare; players with and without attribution, attributed later, registered out of
/// number order; movements of every dialect with absolute and relative values, key frames where they are due, request
/// ids that other players and dialects have, too, but never the same player twice; groups that share their time with
/// the ones before.
///
/// It holds its own balances and calculates with whole units, not with the engine's ledger. The same seed and the same
/// calls give the same ledger.
class random_ledger {
public:
  using hash_player = std::function<std::uint64_t(brand_number, std::string_view)>;

  random_ledger(std::uint64_t seed, hash_player player_hash, random_ledger_options options = {});

  struct group {
    timestamp time;
    std::vector<std::string> records;

    /// Views of the records, as `append` and `apply` take them. Valid as long as the group stays where it is.
    std::vector<std::string_view> views() const { return {records.begin(), records.end()}; }
  };

  /// The next group of this many entries; the first one ever starts with the workspace and may be longer.
  group next(std::size_t entries);

  /// A group of one entry that is made elsewhere and changes no player, no movement and nothing that the ledger knows
  /// of the workspace; among the facts it is told as a click.
  group other(const entry& what);

  /// Everything so far, in order: facts()[i] is the entry of sequence i + 1.
  const std::vector<fact>& facts() const noexcept { return facts_; }

private:
  struct player {
    player_profile profile;
    std::map<metric_number, int128> balances; ///< units
    int128 revshare = 0;                      ///< units
    std::uint64_t movements = 0;
  };

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  sequence next_sequence() const noexcept { return {facts_.size() + 1}; }
  void add(group& into, const entry& what, decltype(fact::what) plain);
  void add_workspace(group& into);
  void add_any(group& into);
  void add_registration(group& into);
  void add_attribution(group& into, player& who);
  void add_movement(group& into, player& who);
  metric_change random_change(metric_number metric, int128 before);
  std::string random_request_id(const player& who, dialect source);
  void attribute(player_profile& profile);

  std::mt19937_64 random_;
  hash_player player_hash_;
  random_ledger_options options_;
  timestamp time_{1'700'000'000'000'000};
  std::uint64_t next_number_ = 1;
  std::uint64_t held_back_ = 0;                    ///< a number that is given out of order
  std::vector<workspace_changed::object> objects_; ///< of the workspace, as they are now
  std::vector<player> players_;
  std::set<std::tuple<player_number, dialect, std::string>> used_requests_;
  std::vector<fact> facts_;
};

} // namespace croupier::test
