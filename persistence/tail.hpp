#pragma once

#include "engine/ids.hpp"
#include "engine/movement.hpp"
#include "engine/player_ledger.hpp"
#include "persistence/checkpoint_store.hpp"
#include "persistence/flat_index.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::persistence {

/// What a movement does to the tail. `changes` is the caller's.
struct tail_movement {
  sequence at;
  timestamp time;
  player_number player;
  std::uint64_t ordinal = 0;
  std::optional<request_key> request; ///< none: the movement came without a request id
  std::span<const metric_change> changes;
  commission earned;
};

/// An entry that does not follow from the ones before it.
struct contradiction {
  sequence at;
  const char* what = "";
};

/// One generation of what was committed after a checkpoint: per player its newest balances and its history rows, the
/// names of new players, and request ids.
///
/// Purpose: answers for the entries that no checkpoint has yet.
/// Operation: flat arrays found through `flat_index`, in 16 shards, so that an entry costs a few cache misses and next
///   to no allocation. The writer works in batches: it fetches all memory that a batch will touch at once, then takes
///   each shard's lock once.
/// Concurrency: the writing calls from one thread at a time; reading calls from any thread, also meanwhile, each
/// holding
///   one shard lock for well under a microsecond (`find_requests`: for a pass over the shard's hashes, 8 bytes each).
///   A reader may see a part of a group; the caller cuts at the newest sequence that it knows to be whole.
/// Limitations: about 40 bytes a request id, 8 bytes a history row, and 200 bytes a touched player.
class tail {
public:
  /// The most movements that one `record` takes.
  static constexpr std::size_t batch_max = 64;

  /// Holds the entries after `base`. Makes room for as much as `like` has, so that a steady load does not grow tables.
  explicit tail(sequence base, const tail* like = nullptr);

  // Writing.

  /// Takes a new player in. `name_hash`: keyed hash of its brand and external id. Checks that neither its number nor
  /// its name is in this tail. After a contradiction the tail is unusable.
  std::optional<contradiction> add_player(const player_profile& profile, std::uint64_t name_hash);
  /// Takes in what an attribution changed, at the profile's attributed_entry.
  void attribute(const player_profile& profile, timestamp time);
  /// Takes in up to `batch_max` movements, ascending. Checks ordinals, balances and request ids against what this tail
  /// and `older`, the frozen generation before it (nullptr: none), know of them. After a contradiction the tail is
  /// unusable.
  std::optional<contradiction> record(std::span<const tail_movement> movements, const tail* older);

  // Reading.

  sequence base() const noexcept { return base_; }
  std::optional<player_number> find_player(std::uint64_t name_hash, brand_number brand,
                                           std::string_view external_id) const;
  /// Adds the brand's players whose external ids begin so to `out`, in no order, until it has `most`. A pass over all
  /// names of this tail.
  void players_named(brand_number brand, std::string_view prefix, std::size_t most,
                     std::vector<player_number>& out) const;
  std::optional<player_delta> player(player_number number) const;
  /// The balance or the number of movements, where this tail can tell without looking at anything older.
  std::optional<amount> known_balance(player_number number, metric_number metric) const;
  std::optional<std::uint64_t> known_count(player_number number) const;
  std::optional<sequence> find_request(const request_key& key) const;
  /// Adds the sequences of all movements with the request hash to `out`. O(request ids in one shard).
  void find_requests(std::uint64_t request_hash, std::vector<sequence>& out) const;
  /// Adds up to `most` history rows with `at` < `before` to `out`, newest first.
  void history_down(player_number number, sequence before, std::size_t most, std::vector<history_row>& out) const;
  /// The ordinal of the player's newest movement at or before `at` in this tail; 0: it has none here.
  std::uint64_t ordinal_at(player_number number, sequence at) const;
  /// Adds up to `most` players that were registered here with number < `before` to `out`, newest first.
  void registered_down(player_number before, std::size_t most, std::vector<player_number>& out) const;

  /// Fills players, names, requests and history of a checkpoint, sorted. Not while writing calls run.
  void collect(checkpoint_run& run) const;

private:
  static constexpr std::size_t shard_count = 16;

  /// Its lists are in its shard's arena: they grow without `malloc` and are dropped all at once with the tail.
  struct tail_player {
    tail_player(player_number who, std::pmr::memory_resource& arena) : number(who), rows(&arena), balances(&arena) {}

    player_number number;
    sequence last_entry;
    timestamp updated_at;
    std::uint64_t first_ordinal = 0; ///< of rows[0]; the others follow it without gaps
    commission revshare_earned;
    std::pmr::vector<sequence> rows;         ///< its movements, ascending
    std::pmr::vector<balance> balances;      ///< touched here, ascending by metric
    std::unique_ptr<player_profile> profile; ///< when registered or attributed here
    bool registered_here = false;            ///< then nothing older knows anything of it

    std::uint64_t movement_count() const noexcept { return rows.empty() ? 0 : first_ordinal + rows.size() - 1; }
    const balance* find_balance(metric_number metric) const noexcept;
    void set_balance(metric_number metric, amount value);
    player_delta delta() const;
  };
  struct alignas(64) player_shard {
    mutable std::mutex lock;
    flat_index index;
    std::pmr::monotonic_buffer_resource arena;
    std::vector<tail_player> players;

    std::uint32_t place_of(player_number number) const;
    const tail_player* find(player_number number) const;
    tail_player& find_or_add(player_number number);
  };
  struct name {
    brand_number brand;
    std::string external_id;
    player_number number;
  };
  struct alignas(64) name_shard {
    mutable std::mutex lock;
    flat_index index;
    std::vector<name> names;
  };
  struct request {
    std::uint64_t player_hash = 0;
    sequence at;
  };
  struct alignas(64) request_shard {
    mutable std::mutex lock;
    flat_index index;
    std::vector<std::uint64_t> hashes; ///< request hashes, apart from the rest so that a pass over them is quick
    std::vector<request> requests;

    std::uint32_t place_of(const request_key& key) const;
  };

  player_shard& shard_of(player_number number) noexcept { return players_[number.value % shard_count]; }
  const player_shard& shard_of(player_number number) const noexcept { return players_[number.value % shard_count]; }

  /// What is known of a movement's player before its shard is locked.
  struct located {
    std::uint32_t place = flat_index::none; ///< in the shard's players
    const tail_player* older = nullptr;     ///< in the generation before, when it is not in this one
  };
  using locations = std::array<located, batch_max>;

  void locate(std::span<const tail_movement> movements, const tail* older, locations& found) const;
  static const char* record_player(player_shard& shard, const tail_movement& movement, const located& where,
                                   const tail* older);
  static const char* record_request(request_shard& shard, const tail_movement& movement);
  static std::optional<amount> known_balance(const tail_player& player, metric_number metric);
  static std::optional<std::uint64_t> known_count(const tail_player& player);

  sequence base_;
  std::array<player_shard, shard_count> players_;
  std::array<name_shard, shard_count> names_;
  std::array<request_shard, shard_count> requests_;
  mutable std::mutex registered_lock_;
  std::set<player_number> registered_;
};

} // namespace croupier::persistence
