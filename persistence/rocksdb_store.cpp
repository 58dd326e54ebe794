#include "persistence/rocksdb_store.hpp"

#include "engine/check.hpp"
#include "persistence/rocksdb_backup.hpp"
#include "persistence/rocksdb_checkpoints.hpp"
#include "persistence/rocksdb_database.hpp"
#include "persistence/rocksdb_folder.hpp"
#include "persistence/rocksdb_journal.hpp"
#include "persistence/rocksdb_wal.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>

#include <algorithm>

namespace croupier::persistence {

namespace {

using opened_database = result<std::unique_ptr<database>, storage_error>;

storage_error damaged_from(sequence at, const std::string& why) {
  return {storage_errc::corrupt,
          "the journal is damaged from entry " + std::to_string(at.value) + " on: " + why +
              "; restore the folder from a backup",
          at};
}

std::string folder_text(const std::filesystem::path& folder) {
  auto text = folder.lexically_normal().string();
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

/// The end of the journal as its pages tell, whatever folder they are from.
sequence last_sequence(const database& db) {
  const std::unique_ptr<rocksdb::Iterator> pages(
      db.engine().NewIterator(rocksdb::ReadOptions(), db.handle(family::journal)));
  pages->SeekToLast();
  throw_unless_ok(pages->status(), "cannot read the end of the journal");
  const auto header = pages->Valid() ? parse_page_header(view_of(pages->value())) : std::nullopt;
  return header ? header->last() : sequence{};
}

/// Opens the database; when that fails, says from which entry on the journal cannot be read.
opened_database open_or_explain(const database_settings& settings) {
  auto db = database::open(settings);
  if (!db && !settings.read_only && put_back_checkpoint(*settings.env, settings.folder, db.error().text))
    db = database::open(settings);
  if (db || db.error().code == storage_errc::no_space) return db;
  const auto from = first_unreadable_sequence(*settings.env, settings.folder);
  if (!from) return db;
  return damaged_from(*from, db.error().text);
}

/// Opening for writing keeps what the write-ahead log holds up to its first damage and drops the rest. So when there is
/// damage, look first, without changing anything, whether the rest had been synced once.
result<done, storage_error> judge_damage(const database_settings& settings, const wal_findings& findings) {
  auto looking = settings;
  looking.read_only = true;
  auto db = open_or_explain(looking);
  if (!db) return db.error();
  const auto last = last_sequence(**db);
  if (last >= findings.synced) return done{};
  return damaged_from({last.value + 1}, findings.damaged_file + " is not whole at byte " +
                                            std::to_string(findings.damaged_offset) +
                                            ", and later entries were written after it");
}

/// Each log continues the pages before it; where that is not so, a log or a file is missing in between.
result<done, storage_error> check_logs_join(const database& db, std::uint32_t tag, const wal_findings& findings) {
  const auto last = last_sequence(db);
  page_cursor cursor(db, tag, false);
  for (const auto before : findings.predecessors)
    if (before.value > 0 && before <= last) cursor.seek(before);
  if (findings.synced > last) return damaged_from({last.value + 1}, "it ends before entries that had been synced");
  return done{};
}

/// Looks through the write-ahead logs, opens the database and checks that nothing is missing between them. `cut`, if
/// given, is told what was torn.
opened_database open_checked(const database_settings& settings, std::optional<torn_tail>* cut = nullptr) {
  try {
    const auto findings = inspect_wals(*settings.env, settings.folder);
    if (!findings) return findings.error();
    if (findings->damaged())
      if (auto judged = judge_damage(settings, *findings); !judged) return judged.error();
    auto db = open_or_explain(settings);
    if (!db) return db;
    const auto record = read_folder_record(**db);
    if (!record) return record.error();
    if (*record)
      if (auto joined = check_logs_join(**db, folder_tag((*record)->key), *findings); !joined) return joined.error();
    if (findings->damaged() && cut != nullptr)
      *cut = torn_tail{last_sequence(**db), findings->damaged_file, findings->lost_bytes};
    return db;
  } catch (const storage_failure& failure) {
    return failure.error();
  }
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
  database_settings settings;
  std::unique_ptr<folder_lock> lock;
  folder_key key;
  std::uint64_t start_number = 0;
  std::optional<torn_tail> cut;
  database_gate gate;
  std::unique_ptr<rocksdb_journal> journal;
  std::unique_ptr<rocksdb_checkpoints> checkpoints;

  result<done, storage_error> open(bool was_whole, std::uint64_t request_filter_bytes);
  result<done, storage_error> check_checkpoint(const database& db, const position& end) const;
  result<done, storage_error> check_stop_mark(const database& db, const position& end);
};

rocksdb_store::rocksdb_store(std::unique_ptr<state> content) : state_(std::move(content)) {}

rocksdb_store::~rocksdb_store() {
  // Nobody uses the store any more but a thread of the checkpoints' own; so there is nothing to wait for.
  state_->checkpoints.reset();
  state_->gate.shut(std::chrono::milliseconds{0});
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

/// After an orderly stop the journal must end where it ended then. After a crash there is no mark of that start.
result<done, storage_error> rocksdb_store::state::check_stop_mark(const database& db, const position& end) {
  const auto starts = read_start_number(db);
  if (!starts) return starts.error();
  const auto mark = read_stop_mark(db);
  if (!mark) return mark.error();
  start_number = *starts + 1;
  if (!*mark || (*mark)->start_number != *starts || (*mark)->journal_end == end) return done{};
  const auto first_wrong = std::min(end.last, (*mark)->journal_end.last).value + 1;
  return damaged_from({first_wrong}, "it does not end where the last orderly stop left it, at entry " +
                                         std::to_string((*mark)->journal_end.last.value));
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
                              [this] { return open_checked(settings); }});
  checkpoints = std::make_unique<rocksdb_checkpoints>(gate, settings, request_filter_bytes);
  const auto end = journal->start(**db);
  if (!end) return end.error();
  try {
    if (auto checked = check_checkpoint(**db, *end); !checked) return checked;
  } catch (const storage_failure& failure) {
    return failure.error();
  }
  if (auto checked = check_stop_mark(**db, *end); !checked) return checked;
  if (settings.read_only)
    journal->finish();
  else if (auto counted = write_start_number(**db, start_number); !counted)
    return counted;
  gate.open(std::move(*db));
  if (!settings.read_only) checkpoints->learn_requests();
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
    // Closed for a moment after a failed write: then it holds no memory.
  }
  return figures;
}

result<backup_report, storage_error> rocksdb_store::back_up(const backup_options& options) const {
  try {
    const auto at = state_->journal->last_position().last;
    const database_gate::lease db(state_->gate);
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
  return write_stop_mark(*db, {state_->start_number, journal.last_position()});
}

} // namespace croupier::persistence
