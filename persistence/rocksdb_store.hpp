#pragma once

#include "engine/keyed_hash.hpp"
#include "engine/result.hpp"
#include "persistence/backup.hpp"
#include "persistence/checkpoint_rows.hpp"
#include "persistence/checkpoint_store.hpp"
#include "persistence/journal.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace rocksdb {
class Env;
}

namespace croupier::persistence {

/// When `append` answers. The name is in the settings, in /readyz and in /metrics.
enum class durability : std::uint8_t {
  sync, ///< after fsync: an acknowledged movement survives power loss
  async ///< after the write: survives the process, not the machine, for up to the sync interval
};

struct store_options {
  std::filesystem::path folder;
  durability mode = durability::sync;
  std::uint64_t block_cache_bytes = 256ULL << 20;
  std::uint64_t request_filter_bytes = 256ULL << 20; ///< at most; 1.5 to 3 bytes for each request id
  rocksdb::Env* env = nullptr; ///< nullptr: the real disk. A test's virtual disk otherwise; outlives the store.
  bool create = true;          ///< make the folder when it is absent or empty
  bool read_only = false;      ///< for offline tools: changes nothing, needs no lock
};

/// What an opening cut off the end of the journal: a write that a crash interrupted.
struct torn_tail {
  sequence last;           ///< the journal ends with it
  std::string file;        ///< the write-ahead log that was not whole
  std::uint64_t bytes = 0; ///< of what was cut
};

/// Figures for /metrics.
struct store_figures {
  std::uint64_t disk_bytes = 0;
  std::uint64_t memory_bytes = 0; ///< block cache, memtables, open files, filter of request ids
};

/// Journal and checkpoint in one RocksDB database, one column family each for: meta, journal, players, names,
/// requests, history. One instance per folder and process; the folder is locked while it is open.
class rocksdb_store {
public:
  /// Opens or makes the folder: checks that it is ours (format version, folder key in every part), cuts a torn last
  /// record, refuses damage in the middle and a journal that once reached farther, with the sequence, and a folder that
  /// is locked, foreign or of an unknown version, each with one clear line.
  static result<std::unique_ptr<rocksdb_store>, storage_error> open(const store_options& options);

  ~rocksdb_store();
  rocksdb_store(const rocksdb_store&) = delete;
  rocksdb_store& operator=(const rocksdb_store&) = delete;

  persistence::journal& journal() noexcept;
  persistence::checkpoint_store& checkpoints() noexcept;
  /// The same checkpoint, for walks over all of it.
  const checkpoint_rows& rows() const noexcept;

  /// What opening the folder cut off; nothing: the journal was whole.
  const std::optional<torn_tail>& cut_at_opening() const noexcept;

  /// The folder's secret, drawn when it was made.
  const folder_key& key() const noexcept;

  store_figures figures() const;

  /// From now on RocksDB merges files, and the filter of request ids takes in those that are there: a few before this
  /// returns, many in a thread of its own. Both have been left aside until now, because a start that has to share the
  /// processors with them takes half as long again. Once, by the gateway, when the view has been restored; whoever only
  /// reads or repairs needs none of it.
  void begin_upkeep();

  /// Makes a backup while everything goes on; blocks until it is whole. One at a time; any thread. A recovery after a
  /// failed write makes it give up.
  result<backup_report, storage_error> back_up(const backup_options& options) const;

  /// Makes the next opening quick, and writes down where the journal ends, so that it can tell a lost tail from a
  /// crash. Called last, when no append is under way.
  result<done, storage_error> close_cleanly();

private:
  struct state;
  explicit rocksdb_store(std::unique_ptr<state> content);
  std::unique_ptr<state> state_;
};

} // namespace croupier::persistence
