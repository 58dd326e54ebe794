#pragma once

#include <memory>
#include <string>

namespace rocksdb {
class Logger;
}

namespace croupier::persistence {

/// RocksDB's own log, warnings and errors only: the file LOG of the folder, which becomes LOG.old when it has grown.
/// Thread-safe. A line that cannot be written is dropped: RocksDB's logger ends the process when a write follows one
/// that failed, and so a full disk would.
std::shared_ptr<rocksdb::Logger> new_storage_log(const std::string& folder);

/// Writes nothing: RocksDB begins a log file even in a database that it opens read-only, unless it has another logger.
std::shared_ptr<rocksdb::Logger> new_silent_log();

} // namespace croupier::persistence
