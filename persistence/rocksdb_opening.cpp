#include "persistence/rocksdb_opening.hpp"

#include "persistence/rocksdb_folder.hpp"
#include "persistence/rocksdb_journal.hpp"
#include "persistence/rocksdb_wal.hpp"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>

namespace croupier::persistence {

namespace {

using opened_database = result<std::unique_ptr<database>, storage_error>;

/// A disk on which there are no write-ahead logs: what the tables alone hold is read in milliseconds.
class without_logs final : public rocksdb::FileSystemWrapper {
public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "croupier.without_logs"; }

  rocksdb::IOStatus GetChildren(const std::string& folder, const rocksdb::IOOptions& options,
                                std::vector<std::string>* names, rocksdb::IODebugContext* debug) override {
    auto status = FileSystemWrapper::GetChildren(folder, options, names, debug);
    std::erase_if(*names, [](const std::string& name) { return name.ends_with(".log"); });
    return status;
  }
};

/// What is known of the journal before RocksDB opens it.
struct foreknowledge {
  wal_findings logs;
  std::optional<position> mark; ///< how far it once reached, says the folder

  /// Whether that and how far the tables reach show that everything is there: the logs are whole and go on where the
  /// tables end, or before, and behind the mark. Otherwise it may be there all the same, as when a table was being
  /// written.
  bool shows_all(sequence in_tables) const noexcept {
    const auto joins = [in_tables](sequence before) { return before <= in_tables; };
    return !logs.damaged() && std::all_of(logs.predecessors.begin(), logs.predecessors.end(), joins) &&
           (!mark || mark->last <= std::max(in_tables, logs.synced));
  }
};

/// Opens the database; when that fails, says from which entry on the journal cannot be read. `mends`: puts a checkpoint
/// back that the catalogue knows and the folder does not.
opened_database open_or_explain(const database_settings& settings, bool mends) {
  auto db = database::open(settings);
  if (!db && mends && put_back_checkpoint(*settings.env, settings.folder, db.error().text))
    db = database::open(settings);
  if (db || db.error().code == storage_errc::no_space) return db;
  const auto from = first_unreadable_sequence(*settings.env, settings.folder);
  if (!from) return db;
  return damaged_from(*from, db.error().text);
}

/// How far the journal reaches without the logs; 0 when the tables alone do not open, which a later opening explains.
sequence end_of_tables(database_settings settings) {
  const auto env = rocksdb::NewCompositeEnv(std::make_shared<without_logs>(settings.env->GetFileSystem()));
  settings.env = env.get();
  settings.read_only = true;
  const auto db = database::open(settings);
  return db ? last_sequence(**db) : sequence{};
}

result<foreknowledge, storage_error> inspect_folder(const database_settings& settings) {
  // The mark first: somebody may be writing to a folder that is only read here.
  const auto mark = read_journal_mark(*settings.env, settings.folder);
  if (!mark) return mark.error();
  const auto logs = inspect_wals(*settings.env, settings.folder);
  if (!logs) return logs.error();
  return foreknowledge{*logs, *mark};
}

/// The mark was made of this journal, which has its entry.
result<done, storage_error> check_mark(const database& db, std::uint32_t tag, const position& mark) {
  if (mark.last.value == 0) return done{};
  page_cursor cursor(db, tag, false);
  cursor.seek(mark.last);
  if (cursor.page().end() == mark) return done{};
  return storage_error{storage_errc::foreign,
                       "the journal is not the one that journal.mark was written for, which tells of another entry " +
                           std::to_string(mark.last.value) + "; restore the folder from a backup",
                       mark.last};
}

/// Each log continues the pages before it, up to the last entry; where that is not so, a log or a file is missing in
/// between.
void check_logs_join(const database& db, std::uint32_t tag, const wal_findings& logs, sequence last) {
  page_cursor cursor(db, tag, false);
  for (const auto before : logs.predecessors)
    if (before.value > 0 && before <= last) cursor.seek(before);
}

/// The checks of an open database, whether it was opened to look or for good. Throws storage_failure, too.
result<done, storage_error> check_nothing_missing(const database& db, const foreknowledge& known) {
  const auto& logs = known.logs;
  const auto last = last_sequence(db);
  const sequence next{last.value + 1};
  if (logs.damaged() && last < logs.synced)
    return damaged_from(next, logs.damaged_file + " is not whole at byte " + std::to_string(logs.damaged_offset) +
                                  ", and later entries were written after it");
  if (known.mark && last < known.mark->last)
    return damaged_from(next, "it ends there, but has once reached entry " + std::to_string(known.mark->last.value));
  const auto record = read_folder_record(db);
  if (!record) return record.error();
  if (!*record) return done{};
  const auto tag = folder_tag((*record)->key);
  check_logs_join(db, tag, logs, last);
  if (last < logs.synced) return damaged_from(next, "it ends before entries that had been synced");
  return known.mark ? check_mark(db, tag, *known.mark) : done{};
}

/// Opens the database only for reading, to see whether all that had been durable once is there.
result<done, storage_error> look_first(database_settings settings, const foreknowledge& known) {
  settings.read_only = true;
  auto db = open_or_explain(settings, true);
  if (!db) return db.error();
  return check_nothing_missing(**db, known);
}

} // namespace

storage_error damaged_from(sequence at, const std::string& why) {
  return {storage_errc::corrupt,
          "the journal is damaged from entry " + std::to_string(at.value) + " on: " + why +
              "; restore the folder from a backup",
          at};
}

sequence last_sequence(const database& db) {
  const std::unique_ptr<rocksdb::Iterator> pages(
      db.engine().NewIterator(rocksdb::ReadOptions(), db.handle(family::journal)));
  pages->SeekToLast();
  throw_unless_ok(pages->status(), "cannot read the end of the journal");
  const auto header = pages->Valid() ? parse_page_header(view_of(pages->value())) : std::nullopt;
  return header ? header->last() : sequence{};
}

opened_database open_checked(const database_settings& settings, std::optional<torn_tail>* cut) {
  try {
    const auto known = inspect_folder(settings);
    if (!known) return known.error();
    if (!settings.read_only && !known->shows_all(end_of_tables(settings)))
      if (auto looked = look_first(settings, *known); !looked) return looked.error();
    auto db = open_or_explain(settings, !settings.read_only);
    if (!db) return db;
    if (auto checked = check_nothing_missing(**db, *known); !checked) return checked.error();
    if (known->logs.damaged() && cut != nullptr)
      *cut = torn_tail{last_sequence(**db), known->logs.damaged_file, known->logs.lost_bytes};
    return db;
  } catch (const storage_failure& failure) {
    return failure.error();
  }
}

} // namespace croupier::persistence
