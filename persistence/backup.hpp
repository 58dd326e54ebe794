#pragma once

#include "engine/ids.hpp"
#include "engine/result.hpp"
#include "persistence/storage_error.hpp"
#include "persistence/verifier.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

namespace croupier::persistence {

/// Backups of one ledger in one folder, numbered from 1. Each is whole; files that did not change since an earlier one
/// are kept once and shared. Every file has a checksum, which a restore checks. The numbers go on when old backups are
/// removed. The content is RocksDB's backup format; it holds the ledger's secret key, so guard it like the ledger.

struct backup_options {
  std::filesystem::path folder;                 ///< made when absent; not inside the data folder
  std::uint32_t keep = 7;                       ///< the newest so many stay, at least 1
  std::function<void()> progress;               ///< now and then, from any thread; must not throw. May be empty.
  const std::atomic<bool>* cancelled = nullptr; ///< when it becomes true, the backup is given up
};

struct backup_report {
  std::uint32_t number = 0;
  sequence at;                 ///< every entry up to here was durable when the backup began, and is in it
  std::uint64_t bytes = 0;     ///< of the backup, what it shares included
  std::uint64_t new_bytes = 0; ///< what was written for it
};

struct backup_info {
  std::uint32_t number = 0;
  sequence at;
  std::int64_t made_at_unix_s = 0;
  std::uint64_t bytes = 0;
};

/// All backups of a folder, oldest first. Reads catalogues only.
result<std::vector<backup_info>, storage_error> list_backups(const std::filesystem::path& folder);

struct restored_backup {
  backup_info from;
  verification proof;
};

/// Where a backup is put until it is known to be sound: beside the data folder `to`, named like it with ".restoring"
/// behind.
std::filesystem::path restoring_folder(const std::filesystem::path& to);

/// Puts a backup (none: the newest) back as the data folder `to`, which must be absent or empty. It is restored into
/// `restoring_folder(to)`, every checksum compared, and verified (see verifier.hpp); only a ledger that is sound
/// gets its name. One that is not stays where it was restored to, for those who want to look at it.
result<restored_backup, storage_error> restore_backup(const std::filesystem::path& folder,
                                                      std::optional<std::uint32_t> number,
                                                      const std::filesystem::path& to, const verify_options& options,
                                                      const verify_progress& progress);

} // namespace croupier::persistence
