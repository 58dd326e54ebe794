#pragma once

#include "engine/player_ledger.hpp"
#include "persistence/journal.hpp"

#include <bit>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace croupier::persistence {

/// What a request id is found by: both halves are keyed hashes, so clients cannot aim at it.
struct request_key {
  std::uint64_t request_hash = 0; ///< of dialect and request id
  std::uint64_t player_hash = 0;  ///< of brand and external id
  friend auto operator<=>(const request_key&, const request_key&) = default;
};

/// For indexes in memory; 64 good bits.
inline std::uint64_t hash_of(const request_key& key) noexcept {
  return key.request_hash ^ std::rotl(key.player_hash, 29); // so that equal halves do not cancel out
}

/// What changed of one player between two checkpoints: its newest values win over the older ones, metric by metric.
struct player_delta {
  std::optional<player_profile> profile; ///< when registered or attributed since
  std::vector<balance> balances;         ///< touched since, ascending by metric
  commission revshare_earned;            ///< sum since (added)
  std::uint64_t movement_count = 0;      ///< total so far (replaces); 0: no movement since (the older count stays)
  sequence last_entry;
  timestamp updated_at;
};

/// A movement in its player's history.
struct history_row {
  player_number player;
  sequence at;
  std::uint64_t ordinal = 0;
};

/// Everything that one checkpoint adds, each part ascending by its key and without repeats.
struct checkpoint_run {
  position valid_for;
  std::uint64_t next_player_number = 1;
  std::uint64_t player_count = 0;
  std::vector<std::pair<player_number, player_delta>> players;
  std::vector<std::pair<std::pair<brand_number, std::string>, player_number>> names;
  std::vector<std::pair<request_key, sequence>> requests;
  std::vector<history_row> history;
  std::vector<workspace_changed::object> workspace; ///< changed since, newest form
};

/// The parts of a checkpoint that are held in memory from start-up on.
struct checkpoint_head {
  position valid_for; ///< all zero: no checkpoint yet
  std::uint64_t next_player_number = 1;
  std::uint64_t player_count = 0;
  std::vector<workspace_changed::object> workspace;
};

/// The sorted, on-disk form of what the actors hold: balance snapshots and indexes, valid for one position.
///
/// Purpose: start-up without replaying the journal; waking a player; remembering request ids for ever; history queries.
/// Operation: `write` makes sorted files and takes them in atomically together with the position they are valid for.
/// Concurrency: `write` from one thread at a time; reads from any thread, also while a write runs: each read sees the
///   checkpoint before or after it, whole.
/// Limitations: players are merged on read and by compaction, never rewritten by `write`.
class checkpoint_store {
public:
  virtual ~checkpoint_store() = default;

  virtual result<done, storage_error> write(const checkpoint_run& run) = 0;

  // All reads throw storage_failure.
  virtual checkpoint_head head() const = 0;
  virtual std::optional<player_number> find_player(brand_number brand, std::string_view external_id) const = 0;
  /// The brand's players whose external ids begin so, by external id (its bytes), until the visitor answers false.
  virtual void players_named(brand_number brand, std::string_view prefix,
                             const std::function<bool(player_number)>& visit) const = 0;
  virtual std::optional<player_state> player(player_number number) const = 0;
  /// The same for many, cheaper than one by one: calls `visit(i, player)` for each `numbers[i]` in turn. The numbers
  /// are ascending and without repeats.
  virtual void each_player(std::span<const player_number> numbers,
                           const std::function<void(std::size_t, const std::optional<player_state>&)>& visit) const {
    for (std::size_t i = 0; i < numbers.size(); ++i) visit(i, player(numbers[i]));
  }
  virtual std::optional<sequence> find_request(const request_key& key) const = 0;
  /// The same for many, cheaper than one by one: `found[i]` is that of `keys[i]`.
  virtual void find_each_request(std::span<const request_key> keys, std::span<std::optional<sequence>> found) const {
    for (std::size_t i = 0; i < keys.size(); ++i) found[i] = find_request(keys[i]);
  }
  /// All entries that carry the request hash, whoever their players are.
  virtual std::vector<sequence> find_requests(std::uint64_t request_hash) const = 0;
  /// The player's history rows with `at` < `before`, newest first, until the visitor answers false.
  virtual void history_down(player_number player, sequence before,
                            const std::function<bool(const history_row&)>& visit) const = 0;
  /// Players with number < `before`, newest first, until the visitor answers false.
  virtual void players_down(player_number before, const std::function<bool(const player_state&)>& visit) const = 0;
};

} // namespace croupier::persistence
