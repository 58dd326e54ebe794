#pragma once

#include "engine/result.hpp"
#include "persistence/rocksdb_database.hpp"
#include "persistence/rocksdb_store.hpp"

#include <memory>
#include <optional>
#include <string>

namespace croupier::persistence {

/// Opens the folder's database and checks that nothing of its journal is missing: what RocksDB's files hold, what the
/// write-ahead logs hold, and how far the journal once reached fit together. All of that is looked at before RocksDB
/// opens anything for writing, because then it removes what its catalogue does not speak of and cuts a log at its first
/// damage: a folder that is refused for that stays as it was, but for a checkpoint's files that are put back (see
/// put_back_checkpoint). `cut`, if given, is told of a torn tail.
result<std::unique_ptr<database>, storage_error> open_checked(const database_settings& settings,
                                                              std::optional<torn_tail>* cut = nullptr);

/// The end of the journal as its pages tell, whatever folder they are from; 0: there is none. Throws storage_failure.
sequence last_sequence(const database& db);

/// The error of a journal that cannot be read from an entry on.
storage_error damaged_from(sequence at, const std::string& why);

} // namespace croupier::persistence
