#pragma once

#include "persistence/backup.hpp"
#include "persistence/rocksdb_database.hpp"

#include <functional>

namespace croupier::persistence {

/// Makes one backup of an open database, while writes go on. `at`: the newest durable entry, from before the call.
/// `recalled` is asked now and then; when it says true the backup is given up. The folder must hold no backups of
/// another ledger.
result<backup_report, storage_error> write_backup(const database& db, const database_settings& settings,
                                                  std::uint32_t folder_tag, sequence at, const backup_options& options,
                                                  const std::function<bool()>& recalled);

} // namespace croupier::persistence
