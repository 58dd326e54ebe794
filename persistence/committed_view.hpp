#pragma once

#include "engine/player_ledger.hpp"
#include "persistence/checkpoint_store.hpp"
#include "persistence/journal.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::persistence {

/// Which movements to list. Filters that are given all apply; one that is given but names nothing matches nothing.
struct movement_query {
  timestamp from;                                      ///< inclusive
  timestamp to;                                        ///< exclusive
  std::optional<std::vector<player_number>> players;   ///< none: all
  std::optional<std::vector<brand_number>> brands;     ///< none: all
  std::optional<std::vector<std::string>> request_ids; ///< of any dialect; none: all
  std::uint32_t limit = 50;                            ///< 1-500
  std::uint64_t offset = 0;
  std::optional<sequence> before; ///< cursor: only entries older than this one
};

/// A page is answered after 100,000 scanned entries at the latest: then it may have fewer rows than the limit, even
/// none (an offset included that was not reached yet), with `has_more` set and `next` where to go on.
struct movement_page {
  std::vector<stored_entry> rows; ///< newest first; all are movement_recorded
  bool has_more = false;
  std::optional<std::uint64_t> total_count; ///< whatever the cursor; absent when counting would scan over 100,000 rows
  std::optional<sequence> next;             ///< cursor of the next page, when has_more
};

/// Which players to list; filters as above.
struct player_query {
  std::optional<std::vector<player_number>> players;
  std::optional<std::vector<brand_number>> brands;
  std::optional<std::vector<affiliate_number>> affiliates;
  std::string name_prefix;                  ///< what their external ids begin with; empty: anything
  std::optional<timestamp> registered_from; ///< inclusive
  std::optional<timestamp> registered_to;   ///< exclusive
  std::uint32_t limit = 50;
  std::uint64_t offset = 0;
  std::optional<player_number> before;
};

/// Bounded as a movement_page is.
struct player_page {
  std::vector<player_state> rows; ///< newest first
  bool has_more = false;
  std::optional<std::uint64_t> total_count;
  std::optional<player_number> next;
};

struct view_state;

/// Progress of the replay at start-up.
using replay_progress = std::function<void(sequence done, sequence last)>;

/// The durable state of the ledger, as everyone but the actors sees it.
///
/// Purpose: answers every read, wakes players, and remembers request ids, from entries that are durable, and only
/// those. Operation: the newest checkpoint plus a *tail* in memory of what was committed after it: per player its
/// newest
///   balances and history rows, request ids, new names. The journal writer applies each group before it answers the
///   group's callers, so a caller's own write is in its next read. A tail that has grown enough is *frozen*, written as
///   the next checkpoint by another thread, and dropped; reads look at the new tail, the frozen one and the disk.
/// Concurrency: `apply`, `freeze` from the journal writer's thread; `write_frozen` from the checkpointer's; everything
///   else from any thread. Tail look-ups take one of 16 shard locks for well under a microsecond.
/// Limitations: memory is about 300 bytes an entry of the tail, so the interval between checkpoints bounds it.
class committed_view {
public:
  committed_view(const folder_key& key, journal& log, checkpoint_store& checkpoints);
  ~committed_view();

  /// Loads the checkpoint's head and replays the journal after it, checking contiguity, the hash chain and that every
  /// recorded balance is what its changes make of the balance before. Before any other call.
  result<done, storage_error> restore(const replay_progress& progress);

  /// Takes in a group that has just been committed: `records[i]` is the record of sequence `first + i`.
  void apply(sequence first, timestamp time, std::span<const std::string_view> records);

  /// The newest applied sequence: everything up to it is in every look-up that starts after this call. Lock-free.
  sequence durable() const noexcept;
  /// Waits until entries beyond `seen` are durable, at the latest until `until`; gives the newest one. Any number of
  /// threads may wait; the writer pays for it only while some do.
  sequence wait_beyond(sequence seen, std::chrono::steady_clock::time_point until) const;

  std::shared_ptr<const workspace> current_workspace() const;
  const folder_key& key() const noexcept;

  std::uint64_t player_hash(brand_number brand, std::string_view external_id) const noexcept;
  std::uint64_t request_hash(dialect source, std::string_view request_id) const noexcept;

  // Look-ups. All throw storage_failure when the disk fails.
  std::optional<player_number> find_player(brand_number brand, std::string_view external_id) const;
  std::optional<player_state> player(player_number number) const;
  /// The player as of a past sequence: the fold of its entries up to it; nothing when it was not registered by then.
  /// Reads at most key_frame_interval entries.
  std::optional<player_state> player_at(player_number number, sequence at) const;
  std::optional<sequence> find_request(std::uint64_t request_hash, std::uint64_t player_hash) const;
  /// The same for many, at about half the cost each: `found[i]` is that of `wanted[i]`.
  std::vector<std::optional<sequence>> find_requests(std::span<const request_key> wanted) const;
  stored_entry entry_at(sequence at) const;
  /// Visits the entries from `from` upwards that were durable when this was called, until the visitor answers false.
  /// Views are valid during the visit only.
  void scan_up(sequence from, const journal::visitor& visit) const;
  /// The same from the newest (or from `from`, if that is older) downwards.
  void scan_down(sequence from, const journal::visitor& visit) const;
  /// The newest sequence with a time at or before `time`; 0 when there is none.
  sequence sequence_at(timestamp time) const;
  movement_page list_movements(const movement_query& query) const;
  player_page list_players(const player_query& query) const;
  std::uint64_t player_count() const noexcept;

  /// A player number that no durable and no other running registration has. Lock-free.
  player_number draw_player_number() noexcept;

  // Checkpointing.
  /// Entries that a freeze would take now: those after the newest freeze.
  std::uint64_t tail_entries() const noexcept;
  sequence checkpoint_sequence() const noexcept;
  /// Freezes the tail, unless it is empty or a frozen one is still being written: then false. From the writer's thread.
  bool freeze();
  /// Writes the frozen tail as a checkpoint and drops it. On an error the frozen tail stays and may be written again.
  result<done, storage_error> write_frozen();

private:
  std::unique_ptr<view_state> state_;
};

} // namespace croupier::persistence
