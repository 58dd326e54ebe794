#include "persistence/rocksdb_folder.hpp"

#include "persistence/byte_codec.hpp"
#include "persistence/checkpoint_codec.hpp"
#include "persistence/journal_page.hpp"
#include "persistence/rocksdb_database.hpp"

#include <openssl/rand.h>
#include <rocksdb/db.h>
#include <rocksdb/file_system.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table_properties.h>

#include <algorithm>
#include <charconv>

// The grammar of the folder's own records, in the words of record_codec.cpp and byte_codec.hpp:
//
//   "folder", in the column family `meta`  = version:u8 key:16 bytes
//   the file `journal.mark`                = version:u8 position sum:8      position as in checkpoint_codec.cpp
//
// `version` of "folder" is the version of the whole folder. It is 2. `sum` is the keyed_hash of what is before it, with
// a key of zeros.

namespace croupier::persistence {

namespace {

constexpr std::uint8_t folder_version = 2;
constexpr std::uint8_t mark_version = 1;
constexpr std::string_view folder_record_name = "folder";
constexpr std::string_view mark_file = "journal.mark";
constexpr std::string_view lock_file = "croupier.lock";
constexpr std::size_t probe_bytes = 64 << 10;

rocksdb::Slice slice(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

/// Files that a start leaves behind that was interrupted before the database was made, and what file systems put into
/// a fresh one.
bool is_no_content(std::string_view name) {
  return name == "." || name == ".." || name == "lost+found" || name == lock_file || name == "LOCK" ||
         name == "IDENTITY" || name == "MANIFEST-000001" || name == "checkpoint.tmp" || name.starts_with("LOG") ||
         name.ends_with(".dbtmp");
}

result<std::optional<std::string>, storage_error> read_meta(const database& db, std::string_view key) {
  std::string value;
  const auto status = db.engine().Get(rocksdb::ReadOptions(), db.handle(family::meta), slice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return to_error(status, "cannot read the folder's record '" + std::string(key) + "'");
  return std::optional(std::move(value));
}

/// The sequences of the journal that a table file holds, first and last; nothing for files of other families.
result<std::optional<std::pair<sequence, sequence>>, done> journal_range_of(rocksdb::Env& env,
                                                                            const std::string& path) {
  rocksdb::Options options;
  options.env = &env;
  rocksdb::SstFileReader reader(options);
  if (!reader.Open(path).ok()) return done{};
  using range = std::optional<std::pair<sequence, sequence>>;
  if (reader.GetTableProperties()->column_family_name != name_of(family::journal)) return range();
  const std::unique_ptr<rocksdb::Iterator> pages(reader.NewIterator(rocksdb::ReadOptions()));
  pages->SeekToFirst();
  const auto first = pages->Valid() ? sequence_of_page_key(view_of(pages->key())) : std::nullopt;
  pages->SeekToLast();
  const auto last = pages->Valid() ? parse_page_header(view_of(pages->value())) : std::nullopt;
  if (!first || !last) return done{};
  return range(std::pair(*first, last->last()));
}

} // namespace

// -- the folder -------------------------------------------------------------------------------------------------------

result<std::unique_ptr<folder_lock>, storage_error> folder_lock::take(rocksdb::Env& env, const std::string& folder) {
  const auto path = folder + "/" + std::string(lock_file);
  rocksdb::FileLock* lock = nullptr;
  const auto status = env.LockFile(path, &lock);
  if (status.ok()) return std::unique_ptr<folder_lock>(new folder_lock(env, lock));
  // Opening the lock file may fail like the opening of any file; locking it fails because somebody else has it.
  if (status.IsNoSpace() || status.ToString().find("open a file for lock") != std::string::npos)
    return to_error(status, "cannot lock the data folder " + folder);
  return storage_error{
      storage_errc::locked, "the data folder " + folder + " is in use by another process; stop that one first", {}};
}

folder_lock::~folder_lock() {
  env_.UnlockFile(lock_).PermitUncheckedError();
}

result<folder_content, storage_error> look_at_folder(rocksdb::Env& env, const std::string& folder) {
  std::vector<std::string> names;
  if (const auto status = env.GetChildren(folder, &names);
      !status.ok() && !status.IsNotFound() && !status.IsPathNotFound())
    return to_error(status, "cannot list the data folder " + folder);
  const auto has = [&names](auto&& wanted) { return std::any_of(names.begin(), names.end(), wanted); };
  const auto is_table = [](std::string_view name) { return name.ends_with(".sst"); };
  const auto is_log = [](std::string_view name) { return name.ends_with(".log"); };
  const auto is_manifest = [](std::string_view name) { return name.starts_with("MANIFEST-"); };
  const auto is_mark = [](std::string_view name) { return name == mark_file; };
  if (!has([](std::string_view name) { return name == "CURRENT"; })) {
    if (!has([](std::string_view name) { return !is_no_content(name); })) return folder_content::nothing;
    if (has(is_table) || has(is_log) || has(is_manifest) || has(is_mark))
      return storage_error{storage_errc::corrupt,
                           "parts of the ledger are missing in " + folder + " (CURRENT); restore it from a backup",
                           {}};
    return storage_error{
        storage_errc::foreign, folder + " is not empty and holds no ledger; give croupier a folder of its own", {}};
  }
  if (has(is_log)) return folder_content::database;
  return storage_error{storage_errc::corrupt,
                       "the write-ahead log (*.log) is missing in " + folder + "; restore the folder from a backup",
                       {}};
}

result<bool, storage_error> has_all_families(rocksdb::Env& env, const std::string& folder) {
  rocksdb::DBOptions options;
  options.env = &env;
  std::vector<std::string> found;
  const auto status = rocksdb::DB::ListColumnFamilies(options, folder, &found);
  if (!status.ok()) return to_error(status, "cannot read the catalogue of the data folder " + folder);
  std::size_t ours = 0;
  for (const auto& name : found) {
    if (name == rocksdb::kDefaultColumnFamilyName) continue;
    bool known = false;
    for (std::size_t i = 0; i < family_count; ++i) known = known || name == name_of(static_cast<family>(i));
    if (!known)
      return storage_error{storage_errc::foreign,
                           folder + " holds a database of something else (it has a part named '" + name + "')",
                           {}};
    ++ours;
  }
  return ours == family_count;
}

result<done, storage_error> make_folder(rocksdb::Env& env, const std::string& folder) {
  for (auto end = folder.find('/', 1); end != std::string::npos; end = folder.find('/', end + 1))
    if (const auto above = folder.substr(0, end); !env.FileExists(above).ok())
      if (const auto status = env.CreateDirIfMissing(above); !status.ok())
        return to_error(status, "cannot make " + above);
  if (const auto status = env.CreateDirIfMissing(folder); !status.ok())
    return to_error(status, "cannot make " + folder);
  return done{};
}

std::string scratch_folder(const std::string& folder) {
  return folder + "/checkpoint.tmp";
}

result<done, storage_error> clear_scratch(rocksdb::Env& env, const std::string& folder) {
  const auto scratch = scratch_folder(folder);
  std::vector<std::string> names;
  if (!env.GetChildren(scratch, &names).ok()) return done{};
  for (const auto& name : names)
    if (name != "." && name != "..")
      if (const auto status = env.DeleteFile(scratch + "/" + name); !status.ok())
        return to_error(status, "cannot remove " + scratch + "/" + name);
  if (const auto status = env.DeleteDir(scratch); !status.ok()) return to_error(status, "cannot remove " + scratch);
  return done{};
}

bool put_back_checkpoint(rocksdb::Env& env, const std::string& folder, std::string_view why_not_opened) {
  // "... /000029.ldb: No such file ...": the first file of the checkpoint that is looked for, by its old name at last.
  const auto end = why_not_opened.rfind(".ldb");
  const auto begin = why_not_opened.substr(0, end).rfind('/');
  if (end == std::string_view::npos || begin == std::string_view::npos) return false;
  const auto digits = why_not_opened.substr(begin + 1, end - begin - 1);
  std::uint64_t number = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ptr != digits.data() + digits.size())
    return false;
  // The files of one checkpoint have consecutive numbers, in the order of the families.
  bool linked = false;
  for (std::size_t i = 0; i < family_count; ++i) {
    const auto file = scratch_folder(folder) + "/" + std::string(name_of(static_cast<family>(i))) + ".sst";
    if (!env.FileExists(file).ok()) continue;
    auto name = std::to_string(number++);
    name.insert(0, name.size() < 6 ? 6 - name.size() : 0, '0');
    linked = env.LinkFile(file, folder + "/" + name + ".sst").ok() || linked;
  }
  return linked;
}

result<done, storage_error> probe_disk(rocksdb::Env& env, const std::string& folder) {
  std::vector<rocksdb::Env::FileAttributes> files;
  if (const auto status = env.GetChildrenFileAttributes(folder, &files); !status.ok())
    return to_error(status, "cannot list the data folder " + folder);
  std::uint64_t needed = probe_bytes;
  for (const auto& file : files)
    if (file.name.ends_with(".log")) needed += file.size_bytes;
  std::uint64_t free_bytes = 0;
  const auto asked = env.GetFileSystem()->GetFreeSpace(folder, rocksdb::IOOptions(), &free_bytes, nullptr);
  if (asked.ok() && free_bytes < needed)
    return storage_error{storage_errc::no_space,
                         "the disk of " + folder + " has no room for " + std::to_string(needed) +
                             " bytes; free space on it",
                         {}};
  const auto path = folder + "/probe.dbtmp";
  const auto written = rocksdb::WriteStringToFile(&env, std::string(probe_bytes, '\0'), path, true);
  const auto removed = env.DeleteFile(path);
  if (!written.ok()) return to_error(written, "the disk of " + folder + " does not take writes");
  if (!removed.ok()) return to_error(removed, "the disk of " + folder + " does not take writes");
  return done{};
}

std::optional<sequence> first_unreadable_sequence(rocksdb::Env& env, const std::string& folder) {
  std::vector<std::string> names;
  if (!env.GetChildren(folder, &names).ok()) return std::nullopt;
  std::vector<std::pair<sequence, sequence>> readable;
  bool unreadable = false;
  for (const auto& name : names) {
    if (!name.ends_with(".sst")) continue;
    const auto range = journal_range_of(env, folder + "/" + name);
    if (!range)
      unreadable = true;
    else if (*range)
      readable.push_back(**range);
  }
  std::sort(readable.begin(), readable.end());
  sequence next{1};
  for (const auto& [first, last] : readable) {
    if (first > next) return next;
    next = std::max(next, sequence{last.value + 1});
  }
  if (!unreadable) return std::nullopt;
  return next;
}

// -- the journal's mark -----------------------------------------------------------------------------------------------

namespace {

std::uint64_t sum_of(std::string_view bytes) noexcept {
  return keyed_hash(folder_key{}, bytes);
}

} // namespace

result<std::optional<position>, storage_error> read_journal_mark(rocksdb::Env& env, const std::string& folder) {
  const auto path = folder + "/" + std::string(mark_file);
  if (env.FileExists(path).IsNotFound()) return std::optional<position>();
  std::string bytes;
  if (const auto status = rocksdb::ReadFileToString(&env, path, &bytes); !status.ok())
    return to_error(status, "cannot read " + path);
  byte_reader in(bytes);
  in.require(in.byte() == mark_version, "unknown version");
  const auto at = read_position(in);
  const auto summed = std::string_view(bytes).substr(0, bytes.size() - in.remaining());
  in.require(in.fixed<std::uint64_t>() == sum_of(summed), "another sum");
  in.expect_end();
  if (!in.failed()) return std::optional(at);
  return storage_error{storage_errc::corrupt,
                       path + " is damaged: it says how far the journal once reached; restore the folder from a "
                              "backup, or, if you know that the rest is whole, remove this one file",
                       {}};
}

result<done, storage_error> write_journal_mark(rocksdb::Env& env, const std::string& folder, const position& at) {
  std::string bytes;
  put_byte(bytes, mark_version);
  put_position(bytes, at);
  put_fixed(bytes, sum_of(bytes));
  const auto path = folder + "/" + std::string(mark_file);
  const auto fresh = path + ".dbtmp";
  auto status = rocksdb::WriteStringToFile(&env, bytes, fresh, true);
  if (status.ok()) status = env.RenameFile(fresh, path);
  std::unique_ptr<rocksdb::Directory> names;
  if (status.ok()) status = env.NewDirectory(folder, &names);
  if (status.ok()) status = names->Fsync();
  if (!status.ok()) return to_error(status, "cannot write " + path);
  return done{};
}

result<done, storage_error> remove_old_mark(const database& db) {
  constexpr std::string_view old_mark_name = "stop";
  const auto found = read_meta(db, old_mark_name);
  if (!found) return found.error();
  if (!*found) return done{};
  auto status = db.engine().Delete(rocksdb::WriteOptions(), db.handle(family::meta), slice(old_mark_name));
  if (status.ok()) status = db.engine().Flush(rocksdb::FlushOptions(), db.handle(family::meta));
  if (!status.ok()) return to_error(status, "cannot remove an older build's mark");
  return done{};
}

// -- records in the database ------------------------------------------------------------------------------------------

folder_key draw_folder_key() {
  folder_key key;
  const auto ok = RAND_bytes(key.bytes.data(), static_cast<int>(key.bytes.size()));
  CROUPIER_ASSERT(ok == 1, "the operating system gives no random numbers");
  return key;
}

result<std::optional<folder_record>, storage_error> read_folder_record(const database& db) {
  auto value = read_meta(db, folder_record_name);
  if (!value) return value.error();
  if (!*value) return std::optional<folder_record>();
  byte_reader in(**value);
  if (const auto version = in.byte(); version != folder_version && !in.failed())
    return storage_error{storage_errc::version_unknown,
                         "the data folder has version " + std::to_string(version) +
                             ", this build knows version 2; use the version of croupier that wrote it",
                         {}};
  folder_record record;
  const auto key = in.raw(record.key.bytes.size());
  std::copy(key.begin(), key.end(), record.key.bytes.begin());
  in.expect_end();
  if (in.failed())
    return storage_error{
        storage_errc::corrupt, "the folder's own record is malformed; restore the folder from a backup", {}};
  return std::optional(record);
}

result<done, storage_error> write_folder_record(const database& db, const folder_record& record) {
  std::string value;
  put_byte(value, folder_version);
  value.append(record.key.bytes.begin(), record.key.bytes.end());
  rocksdb::WriteOptions options;
  options.sync = true;
  auto status = db.engine().Put(options, db.handle(family::meta), slice(folder_record_name), value);
  if (status.ok()) status = db.engine().Flush(rocksdb::FlushOptions(), db.handle(family::meta));
  if (!status.ok()) return to_error(status, "cannot make the folder's first record");
  return done{};
}

} // namespace croupier::persistence
