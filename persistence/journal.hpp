#pragma once

#include "engine/entry.hpp"
#include "engine/result.hpp"
#include "persistence/storage_error.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace croupier::persistence {

using chain_hash = std::array<std::uint8_t, 32>;

/// A place in the journal: everything up to and including `last` is durable and hashed into `chain`.
struct position {
  sequence last;
  timestamp time;                   ///< of the newest entry; entries are never earlier than the ones before them
  chain_hash chain{};               ///< SHA-256 chain value after the page that ends at `last`
  std::uint64_t movement_count = 0; ///< movements among the entries 1..last
  friend bool operator==(const position&, const position&) = default;
};

/// An entry with the bytes that its views point into.
struct stored_entry {
  std::string bytes;
  committed_entry entry;

  stored_entry() = default;
  stored_entry(const stored_entry&) = delete;
  stored_entry& operator=(const stored_entry&) = delete;
  // Short strings move with their bytes, so a stored entry decodes again into the new place.
  stored_entry(stored_entry&& other) noexcept;
  stored_entry& operator=(stored_entry&& other) noexcept;
};

/// The truth: an append-only sequence of entries.
///
/// Purpose: makes entries durable, in order, and gives them back.
/// Operation: a group of entries becomes one or more pages, each with first sequence, time, count and a SHA-256 over
///   the page before it and its own bytes; the pages of a group are written as one atomic batch and synced once.
/// Concurrency: `append`, `sync`, `recover` from one thread at a time (the journal writer); all others from any thread,
///   also while an append runs; they see only what was durable when they were called.
/// Limitations: nothing is ever deleted; an entry is at most 4 MiB.
class journal {
public:
  virtual ~journal() = default;

  /// Makes the records durable as the next sequences, all at `time` (or at the time of the entry before, if that is
  /// later: time never runs backwards). All or nothing. Gives the position after the group; the first entry's sequence
  /// is `last - records.size() + 1`. With durability "async" it returns before the sync.
  /// After an error nothing of the group is durable as far as this object can tell, every further append fails, and
  /// `recover` must succeed first.
  virtual result<position, storage_error> append(std::span<const std::string_view> records, timestamp time) = 0;

  /// Syncs what `append` has written without a sync (durability "async"). Nothing to do otherwise.
  virtual result<done, storage_error> sync() = 0;

  /// After a failed append: opens the medium anew and removes whatever of the failed group reached it, so that the
  /// journal ends exactly at `last_position()` again. May be repeated until it succeeds.
  virtual result<done, storage_error> recover() = 0;

  virtual position last_position() const = 0;

  /// The position at the end of the page that holds the entry at a sequence from 1 to last (CROUPIER_ASSERT): where a
  /// long replay may write a checkpoint in between. O(1) reads. Throws storage_failure.
  virtual position page_end(sequence at) const = 0;

  /// The entry at a sequence from 1 to last (CROUPIER_ASSERT). Throws storage_failure.
  virtual stored_entry read(sequence at) const = 0;

  /// Visits entries in order from `from` upwards (or downwards) until the visitor answers false or the end. The entry's
  /// views are valid during the visit only. Throws storage_failure, also when a gap is met.
  using visitor = std::function<bool(const committed_entry&, std::string_view record)>;
  virtual void scan_up(sequence from, const visitor& visit) const = 0;
  virtual void scan_down(sequence from, const visitor& visit) const = 0;

  /// The first entry whose time is at or after `time`; last + 1 when there is none. O(log n) reads.
  virtual sequence first_at_or_after(timestamp time) const = 0;

  /// Movements among the entries 1..at. O(1) reads.
  virtual std::uint64_t movements_up_to(sequence at) const = 0;
};

} // namespace croupier::persistence
