#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace rocksdb {
class Env;
}

namespace croupier::persistence {

/// An environment like `below` but for the write-ahead logs in `folder`, which are written over zeros that are already
/// there.
///
/// Purpose: syncing a file that has grown writes its bytes, and after that how long it is and where they lie; syncing
///   one that has not grown writes its bytes. With small groups that is half of the time.
/// Operation: when less is left than the next group will take, zeros are appended to the log, before the sync of the
///   group at hand, which makes both durable. Large groups get none: they would write everything twice.
/// Limitations: after a crash a log ends in zeros, up to `wal_reserve_bytes` of them; both RocksDB and `inspect_wals`
///   take them for the end. Meanwhile the size that is told of a log is that of what was put into it. On a disk that
///   cannot write at a place, or has no room for zeros, logs grow as ever.
/// Concurrency: as `below`, which must live longer.
std::unique_ptr<rocksdb::Env> reserve_wal_space(rocksdb::Env& below, const std::string& folder);

inline constexpr std::size_t wal_reserve_bytes = 256 << 10;

} // namespace croupier::persistence
