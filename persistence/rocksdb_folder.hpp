#pragma once

#include "engine/keyed_hash.hpp"
#include "engine/result.hpp"
#include "persistence/journal.hpp"
#include "persistence/storage_error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rocksdb {
class Env;
class FileLock;
} // namespace rocksdb

namespace croupier::persistence {

class database;

/// The data folder around the database: its lock, what it holds, and the records that say whose it is and how it was
/// left. The grammar of the records stands in rocksdb_folder.cpp.

/// Keeps other processes, and other stores of this process, out of the folder. It is ours, beside RocksDB's own lock,
/// because that one is let go for a moment whenever the store recovers from a failed write.
class folder_lock {
public:
  static result<std::unique_ptr<folder_lock>, storage_error> take(rocksdb::Env& env, const std::string& folder);
  ~folder_lock();
  folder_lock(const folder_lock&) = delete;
  folder_lock& operator=(const folder_lock&) = delete;

private:
  folder_lock(rocksdb::Env& env, rocksdb::FileLock* lock) : env_(env), lock_(lock) {}
  rocksdb::Env& env_;
  rocksdb::FileLock* lock_;
};

enum class folder_content : std::uint8_t {
  nothing, ///< absent, empty, or left by a start that did not get as far as making the database
  database ///< a RocksDB database, of whomever
};

/// What the folder holds, from the names of its files. An error when that is somebody else's, or when essential files
/// are missing.
result<folder_content, storage_error> look_at_folder(rocksdb::Env& env, const std::string& folder);

/// Whether the folder's database has all of our column families; false when some are missing, as after an interrupted
/// making of it. An error when it has others. The folder is locked, or nobody writes to it.
result<bool, storage_error> has_all_families(rocksdb::Env& env, const std::string& folder);

/// Makes the folder and those above it.
result<done, storage_error> make_folder(rocksdb::Env& env, const std::string& folder);

/// The subfolder for files that are being made, and its removal with all that is in it.
std::string scratch_folder(const std::string& folder);
result<done, storage_error> clear_scratch(rocksdb::Env& env, const std::string& folder);

/// A checkpoint's files are linked into the database and entered into its catalogue. When writing the catalogue fails,
/// RocksDB takes the links back, but the entry may have reached the disk; such a database does not open. This puts the
/// links back, from the scratch folder, for an opening that failed with this text. True when it did: then open again;
/// RocksDB checks that they are the very files. The checkpoint is in then, whole.
bool put_back_checkpoint(rocksdb::Env& env, const std::string& folder, std::string_view why_not_opened);

/// Whether the folder's disk takes writes, and what an opening would write: there is room for table files of all
/// write-ahead logs; writes, syncs and removes a small file.
result<done, storage_error> probe_disk(rocksdb::Env& env, const std::string& folder);

/// The first sequence that no readable file of the journal holds, when a file of it is missing or unreadable. For the
/// error message of a database that does not open. O(number of files).
std::optional<sequence> first_unreadable_sequence(rocksdb::Env& env, const std::string& folder);

// -- the journal's mark -----------------------------------------------------------------------------------------------

/// How far the journal once reached, durably: written at each opening, checkpoint and orderly stop into a file of its
/// own beside the database. RocksDB's catalogue may lose its own newest lines, and the files that they speak of then go
/// unnoticed; only what stands outside it can tell. Nothing: the folder has no mark.
result<std::optional<position>, storage_error> read_journal_mark(rocksdb::Env& env, const std::string& folder);
/// Replaces the mark, atomically; it is durable when this returns. `at` is durable already.
result<done, storage_error> write_journal_mark(rocksdb::Env& env, const std::string& folder, const position& at);
/// Builds before journal.mark kept a mark of an orderly stop in the database. One that stayed there would make such a
/// build, gone back to, take everything that was written since for damage.
result<done, storage_error> remove_old_mark(const database& db);

// -- records in the database ------------------------------------------------------------------------------------------

/// Whose folder this is.
struct folder_record {
  folder_key key;
};

/// Draws a new key from the operating system.
folder_key draw_folder_key();

/// Nothing when there is no such record. The error is version_unknown or corrupt.
result<std::optional<folder_record>, storage_error> read_folder_record(const database& db);
/// Writes it into a file of its own (not only into the write-ahead log), so that it neither holds old logs back nor is
/// lost with one.
result<done, storage_error> write_folder_record(const database& db, const folder_record& record);

} // namespace croupier::persistence
