#pragma once

#include "engine/result.hpp"
#include "persistence/storage_error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rocksdb {
class Env;
}

namespace croupier::persistence {

/// What the write-ahead logs of a folder say, before RocksDB opens them and stops at the first damage, throwing away
/// what stands behind it.
struct wal_findings {
  /// Bytes that are not a whole record: a torn tail, or damage. Empty when there are none.
  std::string damaged_file;
  std::uint64_t damaged_offset = 0;
  std::uint64_t lost_bytes = 0; ///< from the record that is not whole to the end of the last log
  /// Everything up to here was synced once: each readable page says so of the pages before it, and it is the page
  /// behind a damage that tells it from a torn tail.
  sequence synced;
  /// For each log, the entry before its first page: it must be in the journal, or a log is missing.
  std::vector<sequence> predecessors;

  bool damaged() const noexcept { return !damaged_file.empty(); }
};

/// Reads all write-ahead logs of the folder, once, front to back. O(their size), a few hundred MB at most.
result<wal_findings, storage_error> inspect_wals(rocksdb::Env& env, const std::string& folder);

} // namespace croupier::persistence
