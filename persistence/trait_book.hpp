#pragma once

#include "engine/entry.hpp"
#include "persistence/projection.hpp"
#include "persistence/projection_store.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace croupier::persistence {

/// The newest word about one trait of a player.
struct kept_trait {
  std::string value;     ///< JSON text; empty: it was unset, which must be kept to outdo an older value that comes late
  timestamp occurred_at; ///< of the event that told it
  sequence entry;        ///< decides between events of the same time
};

using kept_traits = std::map<std::string, kept_trait, std::less<>>;

/// What events have told of players beyond balances: per trait the value of the event that happened last, whatever the
/// order of arrival.
///
/// Operation: what the last event won is gathered in memory per player and merged into the saved form when it is read
///   or saved; so taking an entry in reads no disk.
/// Concurrency: `traits_of` from any thread.
/// Limitations: a player keeps its `traits_max` newest traits. Memory is what was told since the last save.
class trait_book final : public projection {
public:
  static constexpr std::size_t traits_max = 1000;

  /// The store outlives the book.
  explicit trait_book(projection_store& store) noexcept : store_(store) {}

  std::string_view name() const noexcept override { return "traits"; }
  result<sequence, storage_error> restore() override;
  void apply(const committed_entry& entry) override;
  result<done, storage_error> save(sequence upto) override;

  /// The player's traits, without those that were unset. Throws storage_failure.
  kept_traits traits_of(player_number player) const;

private:
  kept_traits merged(player_number player, const kept_traits& newer) const;

  projection_store& store_;
  mutable std::mutex mutex_;
  std::unordered_map<player_number, kept_traits> unsaved_; ///< under mutex_
};

} // namespace croupier::persistence
