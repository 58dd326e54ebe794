#pragma once

#include <memory>

namespace rocksdb {
class FileSystem;
}

namespace croupier::test {

/// An empty disk in memory, for `fault_env` where thousands of databases are opened and thrown away. It refuses
/// RocksDB's OPTIONS files: nothing reads them, RocksDB goes on without them, and to write each and compare what it
/// then reads was two fifths of the simulation's time. Thread-safe.
std::shared_ptr<rocksdb::FileSystem> new_memory_disk();

} // namespace croupier::test
