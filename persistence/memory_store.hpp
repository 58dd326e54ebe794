#pragma once

#include "engine/keyed_hash.hpp"
#include "persistence/checkpoint_store.hpp"
#include "persistence/journal.hpp"

#include <memory>

namespace croupier::persistence {

/// Journal and checkpoint in memory, by the same contracts as the ones on disk: for tests, and as the base line that
/// shows what the disk costs. Reads never fail and writes never fail.
///
/// Operation: plain containers. Every group is one page. Chain values are not SHA-256 but four keyed hashes over the
/// page
///   before and the records, never all zero: equal journals have equal chains, others do not.
/// Concurrency: as the ports ask.
/// Limitations: a visitor of `history_down` or `players_down` must not call the checkpoint store: it runs under its
///   lock. `write` takes O(size of the run), not of the store.
class memory_store {
public:
  explicit memory_store(const folder_key& key);
  ~memory_store();
  memory_store(const memory_store&) = delete;
  memory_store& operator=(const memory_store&) = delete;

  persistence::journal& journal() noexcept;
  persistence::checkpoint_store& checkpoints() noexcept;
  const folder_key& key() const noexcept;

private:
  class memory_journal;
  class memory_checkpoints;
  folder_key key_;
  std::unique_ptr<memory_journal> journal_;
  std::unique_ptr<memory_checkpoints> checkpoints_;
};

} // namespace croupier::persistence
