#include "persistence/rocksdb_store.hpp"

#include "engine/check.hpp"
#include "persistence/rocksdb_backup.hpp"
#include "persistence/rocksdb_checkpoints.hpp"
#include "persistence/rocksdb_database.hpp"
#include "persistence/rocksdb_folder.hpp"
#include "persistence/rocksdb_journal.hpp"
#include "persistence/rocksdb_opening.hpp"
#include "persistence/rocksdb_wal_reserve.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <algorithm>

namespace croupier::persistence {

namespace {

std::string folder_text(const std::filesystem::path& folder) {
  auto text = folder.lexically_normal().string();
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

/// The record that says whose folder it is; makes it in a database that is only just being made.
result<folder_record, storage_error> identify(const database& db, const database_settings& settings, bool was_whole) {
  const auto found = read_folder_record(db);
  if (!found) return found.error();
  if (*found) {
    if (was_whole) return **found;
    return storage_error{storage_errc::foreign,
                         "parts of the ledger are missing in " + settings.folder + "; restore it from a backup",
                         {}};
  }
  if (last_sequence(db).value != 0 || settings.read_only)
    return storage_error{storage_errc::foreign, settings.folder + " holds no ledger that this build knows", {}};
  const folder_record fresh{draw_folder_key()};
  if (auto written = write_folder_record(db, fresh); !written) return written.error();
  return fresh;
}

/// Bytes of memtables and of what is kept of open files.
std::uint64_t memory_of(const database& db) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < family_count; ++i) {
    for (const auto& property :
         {rocksdb::DB::Properties::kSizeAllMemTables, rocksdb::DB::Properties::kEstimateTableReadersMem}) {
      std::uint64_t bytes = 0;
      if (db.engine().GetIntProperty(db.handle(static_cast<family>(i)), property, &bytes)) total += bytes;
    }
  }
  return total;
}

} // namespace

struct rocksdb_store::state {
  std::unique_ptr<rocksdb::Env> reserving; ///< whose logs have room reserved; nullptr: not in this mode
  database_settings settings;
  std::unique_ptr<folder_lock> lock;
  folder_key key;
  std::optional<torn_tail> cut;
  database_gate gate;
  std::unique_ptr<rocksdb_journal> journal;
  std::unique_ptr<rocksdb_checkpoints> checkpoints;

  result<done, storage_error> open(bool was_whole, std::uint64_t request_filter_bytes);
  result<done, storage_error> check_checkpoint(const database& db, const position& end) const;
  result<done, storage_error> mark(const position& at) const {
    return write_journal_mark(*settings.env, settings.folder, at);
  }
};

rocksdb_store::rocksdb_store(std::unique_ptr<state> content) : state_(std::move(content)) {}

rocksdb_store::~rocksdb_store() {
  // Nobody uses the store any more but a thread of the checkpoints' own; so there is nothing to wait for.
  state_->checkpoints.reset();
  state_->gate.replace(nullptr);
}

// -- open -------------------------------------------------------------------------------------------------------------

/// A checkpoint is a digest of the journal up to its position, so the journal must have that position.
result<done, storage_error> rocksdb_store::state::check_checkpoint(const database& db, const position& end) const {
  const auto valid_for = read_head(db).valid_for;
  if (valid_for.last.value == 0) return done{};
  if (valid_for.last > end.last)
    return damaged_from({end.last.value + 1},
                        "it ends there, but the checkpoint was made at entry " + std::to_string(valid_for.last.value));
  page_cursor cursor(db, folder_tag(key), false);
  cursor.seek(valid_for.last);
  if (cursor.page().end() == valid_for) return done{};
  return storage_error{storage_errc::foreign,
                       "the checkpoint at entry " + std::to_string(valid_for.last.value) +
                           " was made from another journal; restore the folder from a backup",
                       valid_for.last};
}

result<done, storage_error> rocksdb_store::state::open(bool was_whole, std::uint64_t request_filter_bytes) {
  auto db = open_checked(settings, settings.read_only ? nullptr : &cut);
  if (!db) return db.error();
  const auto record = identify(**db, settings, was_whole);
  if (!record) return record.error();
  key = record->key;
  journal = std::make_unique<rocksdb_journal>(
      gate, key, settings.syncs_each_write,
      rocksdb_journal::medium{[this] { return probe_disk(*settings.env, settings.folder); },
                              [this](bool only_to_read) {
                                auto how = settings;
                                how.read_only = only_to_read;
                                return open_checked(how);
                              }});
  checkpoints = std::make_unique<rocksdb_checkpoints>(gate, settings, request_filter_bytes);
  const auto end = journal->start(**db);
  if (!end) return end.error();
  try {
    if (auto checked = check_checkpoint(**db, *end); !checked) return checked;
  } catch (const storage_failure& failure) {
    return failure.error();
  }
  if (settings.read_only) {
    journal->finish();
  } else {
    if (auto removed = remove_old_mark(**db); !removed) return removed;
    if (auto marked = mark(*end); !marked) return marked;
  }
  gate.replace(std::move(*db));
  return done{};
}

result<std::unique_ptr<rocksdb_store>, storage_error> rocksdb_store::open(const store_options& options) {
  auto content = std::make_unique<state>();
  auto& settings = content->settings;
  settings.folder = folder_text(options.folder);
  settings.env = options.env != nullptr ? options.env : rocksdb::Env::Default();
  settings.cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  settings.syncs_each_write = options.mode == durability::sync;
  settings.read_only = options.read_only;
  if (settings.syncs_each_write && !settings.read_only) {
    content->reserving = reserve_wal_space(*settings.env, settings.folder);
    settings.env = content->reserving.get();
  }
  auto& env = *settings.env;

  const auto found = look_at_folder(env, settings.folder);
  if (!found) return found.error();
  const bool makes_it = options.create && !options.read_only;
  if (*found == folder_content::nothing && !makes_it)
    return storage_error{storage_errc::foreign, "there is no ledger in " + settings.folder, {}};
  if (!options.read_only) {
    if (auto made = make_folder(env, settings.folder); !made) return made.error();
    auto lock = folder_lock::take(env, settings.folder);
    if (!lock) return lock.error();
    content->lock = std::move(*lock);
  }
  bool was_whole = false;
  if (*found == folder_content::database) {
    const auto all = has_all_families(env, settings.folder);
    if (!all) return all.error();
    was_whole = *all;
    if (!was_whole && !makes_it)
      return storage_error{storage_errc::foreign, "there is no ledger in " + settings.folder, {}};
  }
  if (auto opened = content->open(was_whole, options.request_filter_bytes); !opened) return opened.error();
  return std::unique_ptr<rocksdb_store>(new rocksdb_store(std::move(content)));
}

// -- the rest ---------------------------------------------------------------------------------------------------------

persistence::journal& rocksdb_store::journal() noexcept {
  return *state_->journal;
}

persistence::checkpoint_store& rocksdb_store::checkpoints() noexcept {
  return *state_->checkpoints;
}

const checkpoint_rows& rocksdb_store::rows() const noexcept {
  return *state_->checkpoints;
}

const std::optional<torn_tail>& rocksdb_store::cut_at_opening() const noexcept {
  return state_->cut;
}

const folder_key& rocksdb_store::key() const noexcept {
  return state_->key;
}

store_figures rocksdb_store::figures() const {
  store_figures figures;
  std::vector<rocksdb::Env::FileAttributes> files;
  if (state_->settings.env->GetChildrenFileAttributes(state_->settings.folder, &files).ok())
    for (const auto& file : files) figures.disk_bytes += file.size_bytes;
  figures.memory_bytes = state_->settings.cache->GetUsage() + state_->checkpoints->memory_bytes();
  try {
    const database_gate::lease db(state_->gate);
    figures.memory_bytes += memory_of(*db);
  } catch (const storage_failure&) {
    // There is none, as a failing disk cannot be read either: then it holds no memory.
  }
  return figures;
}

void rocksdb_store::begin_upkeep() {
  auto& settings = state_->settings;
  CROUPIER_ASSERT(!settings.read_only && !settings.merges,
                  "a store's upkeep begins once, and not where it is only read");
  settings.merges = true; // also when it is opened anew
  database_gate::lease(state_->gate)->begin_merging();
  state_->checkpoints->learn_requests();
}

result<backup_report, storage_error> rocksdb_store::back_up(const backup_options& options) const {
  try {
    const database_gate::lease db(state_->gate);
    // Only then: a database that took the failed one's place may hold what was refused, and is recalled once it is
    // mended.
    if (state_->journal->failed())
      return storage_error{
          storage_errc::io_failed,
          "nothing is backed up while the journal cannot be written; try again when /readyz says ready",
          {}};
    const auto at = state_->journal->last_position().last;
    return write_backup(*db, state_->settings, folder_tag(state_->key), at, options, [&db] { return db.recalled(); });
  } catch (const storage_failure& failure) {
    return failure.error();
  }
}

result<done, storage_error> rocksdb_store::close_cleanly() {
  auto& journal = *state_->journal;
  if (state_->settings.read_only) return done{};
  if (journal.failed())
    return storage_error{
        storage_errc::io_failed, "the journal's last write failed; the stop is not an orderly one", {}};
  journal.finish();
  const database_gate::lease db(state_->gate);
  const auto flushed = db->engine().Flush(rocksdb::FlushOptions(), db->handle(family::journal));
  if (!flushed.ok()) return to_error(flushed, "cannot write the end of the journal");
  return state_->mark(journal.last_position());
}

} // namespace croupier::persistence
