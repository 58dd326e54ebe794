#pragma once

#include "engine/player_ledger.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::persistence {

/// Players that were read from the checkpoint lately, so that reading one again does not look for it on the disk and
/// put it together once more.
///
/// Purpose: players are read many times more often than a checkpoint changes them.
/// Operation: a table of fixed size; each player has one place for its state and its name has one, whoever comes last
///   has it. A state is kept with the sequence up to which it is whole, so that a reader can tell whether what it adds
///   from the tail joins on; nothing is ever taken out because something was committed. A name never changes its
///   number.
/// Concurrency: all members from any thread; each takes one of 16 locks for a few dozen nanoseconds.
/// Limitations: at most 32,768 players, about 500 bytes each, and as many names.
class player_cache {
public:
  using shared_state = std::shared_ptr<const player_state>;

  /// The player's state, whole up to `from` or further; nullptr: it is not there. The sequence is how far it is whole.
  struct kept {
    shared_state state;
    sequence whole_to;
  };
  kept find(player_number number, sequence from) const;
  /// `state` has everything of the player up to `whole_to`, and nothing that is not durable.
  void keep(sequence whole_to, shared_state state);

  /// `name_hash`: keyed hash of brand and external id.
  std::optional<player_number> find_name(std::uint64_t name_hash, brand_number brand,
                                         std::string_view external_id) const;
  void keep_name(std::uint64_t name_hash, brand_number brand, std::string_view external_id, player_number number);

private:
  static constexpr std::size_t shard_count = 16;
  static constexpr std::size_t places = 2'048; ///< of each kind, in each shard

  struct name {
    std::uint64_t hash = 0;
    brand_number brand;
    player_number number; ///< 0: nobody
    std::string external_id;
  };
  struct shard {
    mutable std::mutex lock;
    std::vector<kept> states; ///< empty until there is one
    std::vector<name> names;  ///< likewise
  };

  const shard& shard_of(std::uint64_t key) const noexcept { return shards_[key % shard_count]; }
  shard& shard_of(std::uint64_t key) noexcept { return shards_[key % shard_count]; }
  static std::size_t place_of(std::uint64_t key) noexcept { return key / shard_count % places; }

  std::array<shard, shard_count> shards_;
};

} // namespace croupier::persistence
