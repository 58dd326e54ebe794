#pragma once

#include "tests/persistence/store_world.hpp"
#include "tests/support/fault_env.hpp"

#include <functional>

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
} // namespace rocksdb

// What tests do to a folder that a store has left, and to open it afterwards.

namespace croupier::persistence {

/// Never told to fail: it is here for its speed and its copies.
test::fault_env& well_disk();

/// For stores in a folder of `well_disk`.
store_options options_for(const disk_folder& folder);

/// Opens the bare database under a folder and lets `change` at each of its column families. Without the players' merge
/// operator, which is not needed to change other parts.
void with_bare_database(const disk_folder& folder,
                        const std::function<void(rocksdb::DB&, rocksdb::ColumnFamilyHandle&)>& change);

/// Takes the page that begins with this sequence out of the journal.
void remove_page(const disk_folder& folder, sequence first);

/// What opening the folder is refused with; nothing: it opens.
std::optional<storage_error> error_of_opening(const disk_folder& folder);

} // namespace croupier::persistence
