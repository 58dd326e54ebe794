#include "persistence/rocksdb_backup.hpp"

#include "persistence/byte_codec.hpp"
#include "persistence/rocksdb_folder.hpp"

#include <rocksdb/db.h>
#include <rocksdb/file_system.h>
#include <rocksdb/utilities/backup_engine.h>

#include <algorithm>
#include <atomic>
#include <charconv>

// What a backup says of itself, in the words of record_codec.cpp:
//
//   version:u8 folder_tag:4 bytes last_entry:v
//
// `version` is 1.

namespace croupier::persistence {

namespace {

constexpr std::uint8_t label_version = 1;

struct label {
  std::uint32_t folder_tag = 0;
  sequence at;
};

std::string encode_label(const label& what) {
  std::string out;
  put_byte(out, label_version);
  put_fixed(out, what.folder_tag);
  put_varint(out, what.at);
  return out;
}

std::optional<label> decode_label(std::string_view bytes) {
  byte_reader in(bytes);
  in.require(in.byte() == label_version, "unknown version");
  label what;
  what.folder_tag = in.fixed<std::uint32_t>();
  what.at = in.number<sequence>();
  in.expect_end();
  if (in.failed()) return std::nullopt;
  return what;
}

storage_error foreign(const std::string& text) {
  return {storage_errc::foreign, text, {}};
}

backup_info info_of(const rocksdb::BackupInfo& from) {
  const auto what = decode_label(from.app_metadata);
  return {from.backup_id, what ? what->at : sequence{}, from.timestamp, from.size};
}

std::uint64_t bytes_in(const std::filesystem::path& folder) {
  std::uint64_t total = 0;
  std::error_code gone; // a file that goes away meanwhile has no size
  for (auto at = std::filesystem::recursive_directory_iterator(folder, gone);
       !gone && at != std::filesystem::recursive_directory_iterator(); at.increment(gone))
    if (const auto size = at->is_regular_file(gone) ? at->file_size(gone) : 0; !gone) total += size;
  return total;
}

bool is_inside(const std::filesystem::path& inner, const std::filesystem::path& outer) {
  std::error_code failed;
  const auto below = std::filesystem::weakly_canonical(inner, failed);
  const auto above = std::filesystem::weakly_canonical(outer, failed);
  return std::mismatch(above.begin(), above.end(), below.begin(), below.end()).first == above.end();
}

using opened_reader = result<std::unique_ptr<rocksdb::BackupEngineReadOnly>, storage_error>;

opened_reader open_for_reading(const std::filesystem::path& folder) {
  std::error_code unknown;
  if (!std::filesystem::is_directory(folder / "meta", unknown))
    return foreign("there are no backups in " + folder.string());
  const rocksdb::BackupEngineOptions options(folder.string());
  rocksdb::BackupEngineReadOnly* engine = nullptr;
  const auto status = rocksdb::BackupEngineReadOnly::Open(options, rocksdb::Env::Default(), &engine);
  if (!status.ok()) return to_error(status, "cannot read the backups in " + folder.string());
  return std::unique_ptr<rocksdb::BackupEngineReadOnly>(engine);
}

std::vector<backup_info> infos_of(const rocksdb::BackupEngineReadOnlyBase& engine) {
  std::vector<rocksdb::BackupInfo> infos;
  engine.GetBackupInfo(&infos);
  std::vector<backup_info> all;
  for (const auto& one : infos) all.push_back(info_of(one));
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  return all;
}

} // namespace

// -- making -----------------------------------------------------------------------------------------------------------

result<backup_report, storage_error> write_backup(const database& db, const database_settings& settings,
                                                  std::uint32_t folder_tag, sequence at, const backup_options& options,
                                                  const std::function<bool()>& recalled) {
  const auto folder = options.folder.string();
  if (is_inside(options.folder, settings.folder))
    return foreign("the backups would be inside the data folder; give them a folder of their own, on another disk");
  if (auto made = make_folder(*settings.env, folder); !made) return made.error();
  rocksdb::BackupEngineOptions how(folder);
  // Shared by content, not by name: a ledger that was restored goes on with other files of the same numbers.
  how.share_files_with_checksum = true;
  how.sync = true;
  rocksdb::BackupEngine* raw = nullptr;
  if (const auto status = rocksdb::BackupEngine::Open(how, settings.env, &raw); !status.ok())
    return to_error(status, "cannot open the backups in " + folder);
  const std::unique_ptr<rocksdb::BackupEngine> engine(raw);
  std::vector<rocksdb::BackupInfo> before;
  engine->GetBackupInfo(&before);
  for (const auto& one : before)
    if (const auto what = decode_label(one.app_metadata); !what || what->folder_tag != folder_tag)
      return foreign(folder + " has backups of another ledger; give each ledger a folder of its own");

  const auto had_bytes = bytes_in(options.folder);
  rocksdb::CreateBackupOptions making;
  // What is in memory becomes files that the next backup shares; logs would be copied again each time. The entries that
  // come while the files are copied are in the log, which is copied, too.
  making.flush_before_backup = true;
  making.progress_callback = [&] {
    if (recalled() || (options.cancelled != nullptr && *options.cancelled)) engine->StopBackup();
    if (options.progress) options.progress();
  };
  rocksdb::BackupID number = 0;
  const auto status =
      engine->CreateNewBackupWithMetadata(making, &db.engine(), encode_label({folder_tag, at}), &number);
  if (status.IsIncomplete())
    return storage_error{
        storage_errc::io_failed, "the backup was given up: the ledger is stopping or its disk fails", {}};
  if (!status.ok()) return to_error(status, "cannot write a backup into " + folder);
  rocksdb::BackupInfo info;
  if (const auto read = engine->GetBackupInfo(number, &info); !read.ok())
    return to_error(read, "cannot read the new backup in " + folder);
  const auto new_bytes = bytes_in(options.folder) - std::min(had_bytes, bytes_in(options.folder));
  if (const auto purged = engine->PurgeOldBackups(std::max<std::uint32_t>(options.keep, 1)); !purged.ok())
    return to_error(purged, "the new backup is whole, but old ones cannot be removed from " + folder);
  return backup_report{number, at, info.size, new_bytes};
}

// -- reading ----------------------------------------------------------------------------------------------------------

result<std::vector<backup_info>, storage_error> list_backups(const std::filesystem::path& folder) {
  const auto engine = open_for_reading(folder);
  if (!engine) return engine.error();
  return infos_of(**engine);
}

namespace {

/// A quiet ledger's backup has no write-ahead log, because nothing was in it. A data folder always has one: a folder
/// without it has lost it.
result<done, storage_error> add_empty_log(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  auto& env = *rocksdb::Env::Default();
  if (const auto status = env.GetChildren(folder.string(), &names); !status.ok())
    return to_error(status, "cannot list " + folder.string());
  std::uint64_t newest = 0;
  for (const auto& name : names) {
    if (name.ends_with(".log")) return done{};
    const auto digits = std::string_view(name).substr(name.starts_with("MANIFEST-") ? 9 : 0);
    std::uint64_t number = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ec == std::errc{})
      newest = std::max(newest, number);
  }
  auto name = std::to_string(newest + 1);
  name.insert(0, name.size() < 6 ? 6 - name.size() : 0, '0');
  const auto status = rocksdb::WriteStringToFile(&env, "", (folder / (name + ".log")).string(), true);
  if (!status.ok()) return to_error(status, "cannot write into " + folder.string());
  return done{};
}

/// Puts the files into `to`, every checksum compared.
result<backup_info, storage_error> restore_files(const std::filesystem::path& folder,
                                                 std::optional<std::uint32_t> number, const std::filesystem::path& to) {
  const auto engine = open_for_reading(folder);
  if (!engine) return engine.error();
  const auto all = infos_of(**engine);
  const auto chosen =
      std::find_if(all.rbegin(), all.rend(), [&](const backup_info& one) { return !number || one.number == *number; });
  if (chosen == all.rend())
    return foreign(number ? "there is no backup " + std::to_string(*number) + " in " + folder.string()
                          : "there are no backups in " + folder.string());
  const auto status = (*engine)->RestoreDBFromBackup(chosen->number, to.string(), to.string());
  if (!status.ok()) return to_error(status, "cannot restore backup " + std::to_string(chosen->number));
  if (auto added = add_empty_log(to); !added) return added.error();
  return *chosen;
}

/// So that a name that was given survives a power cut.
void sync_folder(const std::filesystem::path& folder) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  if (rocksdb::FileSystem::Default()->NewDirectory(folder.string(), rocksdb::IOOptions(), &directory, nullptr).ok())
    directory->Fsync(rocksdb::IOOptions(), nullptr).PermitUncheckedError();
}

/// The folder as an absolute path without a slash behind it.
std::filesystem::path whole_name(const std::filesystem::path& folder) {
  std::error_code failed;
  const auto name = std::filesystem::absolute(folder.lexically_normal(), failed);
  return name.has_filename() ? name : name.parent_path();
}

} // namespace

std::filesystem::path restoring_folder(const std::filesystem::path& to) {
  auto name = whole_name(to);
  return name += ".restoring";
}

result<restored_backup, storage_error> restore_backup(const std::filesystem::path& folder,
                                                      std::optional<std::uint32_t> number,
                                                      const std::filesystem::path& to, const verify_options& options,
                                                      const verify_progress& progress) {
  std::error_code failed;
  if (std::filesystem::exists(to, failed) && !std::filesystem::is_empty(to, failed))
    return foreign(to.string() + " is not empty; restore into a new folder");
  const auto target = whole_name(to);
  const auto scratch = restoring_folder(to);
  if (std::filesystem::exists(scratch, failed))
    return foreign(scratch.string() + " is left over from another restore; remove it first");
  if (auto made = make_folder(*rocksdb::Env::Default(), scratch.string()); !made) return made.error();
  auto from = restore_files(folder, number, scratch);
  if (!from) {
    std::filesystem::remove_all(scratch, failed);
    return from.error();
  }
  const auto proof = verify_folder(scratch, options, progress);
  if (!proof) {
    auto error = proof.error();
    error.text = "the restored ledger is not sound and stays in " + scratch.string() + ": " + error.text;
    return error;
  }
  std::filesystem::remove(target, failed); // when it is there it is empty
  std::filesystem::rename(scratch, target, failed);
  if (failed)
    return storage_error{storage_errc::io_failed, "cannot give the restored ledger its name: " + failed.message(), {}};
  sync_folder(target.parent_path());
  return restored_backup{*from, *proof};
}

} // namespace croupier::persistence
