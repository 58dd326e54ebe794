#include "persistence/projection_store.hpp"

#include "engine/check.hpp"
#include "persistence/byte_codec.hpp"
#include "persistence/journal_page.hpp"
#include "persistence/rocksdb_database.hpp"
#include "persistence/rocksdb_folder.hpp"
#include "persistence/rocksdb_log.hpp"

#include <openssl/evp.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <mutex>
#include <shared_mutex>
#include <utility>

namespace croupier::persistence {

// Keys, with <> for concatenation; names have no zero byte:
//
//   00 "folder"          -> store format (fixed32) <> first chain value of the journal (32)
//   name 00 "p"          -> books' format (fixed32) <> sequence (fixed64) <> time (fixed64) <> SHA-256 of the record
//   name 00 "k" <> key   -> value

namespace {

constexpr std::uint32_t store_format = 1;
constexpr std::string_view doing_read = "the saved books could not be read";
constexpr std::string_view doing_write = "the books could not be saved";
const std::string folder_record_key("\0folder", 7);

std::string position_key(std::string_view name) {
  return std::string(name) + '\0' + 'p';
}

std::string prefix_of(std::string_view name) {
  return std::string(name) + '\0' + 'k';
}

std::string record_of_folder(const folder_key& key) {
  // The chain's first value is made from the folder's key and tells nothing about it.
  const auto chain = chain_origin(key);
  std::string out;
  put_fixed(out, store_format);
  out.append(chain.begin(), chain.end());
  return out;
}

std::string position_record(std::uint32_t format, const stored_entry& newest) {
  std::array<unsigned char, 32> digest{};
  const auto& bytes = newest.bytes;
  const auto ok = EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  CROUPIER_ASSERT(ok == 1, "SHA-256 is part of OpenSSL");
  std::string out;
  put_fixed(out, format);
  put_fixed(out, newest.entry.at.value);
  put_fixed(out, static_cast<std::uint64_t>(newest.entry.time.unix_us));
  out.append(digest.begin(), digest.end());
  return out;
}

rocksdb::Options options_of_books(const std::filesystem::path& folder, rocksdb::Env* env) {
  rocksdb::Options options;
  if (env != nullptr) options.env = env;
  options.create_if_missing = true;
  options.max_open_files = 64;
  options.max_background_jobs = 1;
  options.write_buffer_size = 32U << 20U;
  options.info_log = new_storage_log(folder.string());
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

bool is_damage(const rocksdb::Status& status) {
  return status.IsCorruption() || status.IsPathNotFound() || status.IsInvalidArgument() || status.IsNotSupported();
}

/// At a start a lost or damaged folder costs a replay, so it is not worth anybody's attention: it is thrown away. While
/// books run it must not be: they save what changed, and what they had saved before would be missing for good.
enum class when_damaged : std::uint8_t { thrown_away, refused };

result<std::unique_ptr<rocksdb::DB>, storage_error> open_database(const std::filesystem::path& folder,
                                                                  rocksdb::Env* env, when_damaged what) {
  auto options = options_of_books(folder, env);
  options.create_if_missing = what == when_damaged::thrown_away;
  if (auto made = make_folder(*options.env, folder.string()); !made) return made.error();
  rocksdb::DB* opened = nullptr;
  auto status = rocksdb::DB::Open(options, folder.string(), &opened);
  if (is_damage(status) && what == when_damaged::thrown_away) {
    status = rocksdb::DestroyDB(folder.string(), options);
    if (status.ok()) status = rocksdb::DB::Open(options, folder.string(), &opened);
  }
  if (!status.ok()) return to_error(status, "the folder for books cannot be opened");
  return std::unique_ptr<rocksdb::DB>(opened);
}

std::optional<std::string> value_of(rocksdb::DB& engine, const std::string& key) {
  std::string value;
  const auto status = engine.Get({}, key, &value);
  if (status.IsNotFound()) return std::nullopt;
  throw_unless_ok(status, doing_read);
  return value;
}

/// Deletes the first keys with the prefix; whether that may not have been all of them.
bool add_deletions(rocksdb::DB& engine, const std::string& prefix, rocksdb::WriteBatch& batch) {
  constexpr int keys_at_once = 100'000;
  const std::unique_ptr<rocksdb::Iterator> at(engine.NewIterator({}));
  int keys = 0;
  for (at->Seek(prefix); at->Valid() && view_of(at->key()).starts_with(prefix) && keys < keys_at_once; at->Next()) {
    batch.Delete(at->key());
    ++keys;
  }
  throw_unless_ok(at->status(), doing_read);
  return keys == keys_at_once;
}

/// Visits the keys with the prefix, from where the iterator stands on.
template<class Step>
void walk(rocksdb::Iterator& at, const std::string& prefix, const projection_store::visitor& visit, Step step) {
  for (; at.Valid(); step(at)) {
    const auto key = view_of(at.key());
    if (!key.starts_with(prefix) || !visit(key.substr(prefix.size()), view_of(at.value()))) break;
  }
  throw_unless_ok(at.status(), doing_read);
}

/// What was saved, for as long as the disk takes no writes; nullptr when it cannot be read either.
std::unique_ptr<rocksdb::DB> open_to_read(const std::filesystem::path& folder, rocksdb::Env* env) {
  auto options = options_of_books(folder, env);
  options.info_log = new_silent_log();
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::OpenForReadOnly(options, folder.string(), &opened).ok()) return nullptr;
  return std::unique_ptr<rocksdb::DB>(opened);
}

rocksdb::WriteOptions without_log() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return options;
}

} // namespace

struct projection_store::state {
  state(const committed_view& durable, std::filesystem::path place, rocksdb::Env* disk,
        std::unique_ptr<rocksdb::DB> opened)
      : view(durable), folder(std::move(place)), env(disk), engine_(std::move(opened)) {}

  /// After a failed write the database refuses everything, also when the disk is back, until it is opened anew. What is
  /// in its memory is not missed: whoever's save failed saves it again. An error when there is none to use. For whoever
  /// writes.
  rocksdb::Status recover() {
    if (failed_ && probe_disk(env != nullptr ? *env : *rocksdb::Env::Default(), folder.string())) return open_anew();
    return engine_ ? rocksdb::Status::OK() : rocksdb::Status::IOError("the database is closed until the disk is back");
  }

  rocksdb::Status write(rocksdb::WriteBatch& batch) {
    if (auto usable = recover(); !usable.ok()) return usable;
    const std::shared_lock guard(using_);
    // Batches are not split between memtables, so what a flush leaves on disk ends between two saves.
    auto status = engine_->Write(without_log(), &batch);
    if (status.ok()) status = engine_->Flush({});
    failed_ = !status.ok();
    return status;
  }

  /// Lets `read` at the database, which stays open meanwhile.
  template<class Read>
  auto read(Read read) const {
    const std::shared_lock guard(using_);
    if (!engine_) throw_unless_ok(rocksdb::Status::IOError("the disk refused it"), doing_read);
    return read(*engine_);
  }

  const committed_view& view;
  const std::filesystem::path folder;
  rocksdb::Env* const env;

private:
  /// Those who read wait for no disk: there is a database for them before the failed one is closed.
  rocksdb::Status open_anew() {
    replace(open_to_read(folder, env));
    auto opened = open_database(folder, env, when_damaged::refused);
    if (!opened) return rocksdb::Status::IOError(opened.error().text);
    replace(std::move(*opened));
    failed_ = false;
    return rocksdb::Status::OK();
  }

  /// The one before is closed when nobody waits for the lock any more.
  void replace(std::unique_ptr<rocksdb::DB> other) {
    const std::unique_lock guard(using_);
    engine_.swap(other);
  }

  mutable std::shared_mutex using_;     ///< held alone to replace the database
  std::unique_ptr<rocksdb::DB> engine_; ///< nullptr: it could not even be opened for reading
  bool failed_ = false;                 ///< the last write; the writer's own
};

projection_store::projection_store(std::unique_ptr<state> content) : state_(std::move(content)) {}
projection_store::~projection_store() = default;

result<std::unique_ptr<projection_store>, storage_error>
projection_store::open(const std::filesystem::path& folder, const committed_view& view, rocksdb::Env* env) {
  auto opened = open_database(folder, env, when_damaged::thrown_away);
  if (!opened) return opened.error();
  const auto wanted = record_of_folder(view.key());
  std::string found;
  auto status = (*opened)->Get({}, folder_record_key, &found);
  if (!status.ok() || found != wanted) {
    // Another ledger's, another format's or a new one.
    opened->reset();
    const auto destroyed = rocksdb::DestroyDB(folder.string(), options_of_books(folder, env));
    if (!destroyed.ok()) return to_error(destroyed, "the folder for books cannot be emptied");
    opened = open_database(folder, env, when_damaged::thrown_away);
    if (!opened) return opened.error();
  }
  auto content = std::make_unique<state>(view, folder, env, std::move(*opened));
  if (found != wanted) {
    rocksdb::WriteBatch batch;
    batch.Put(folder_record_key, wanted);
    if (status = content->write(batch); !status.ok()) return to_error(status, doing_write);
  }
  return std::unique_ptr<projection_store>(new projection_store(std::move(content)));
}

sequence projection_store::restore(std::string_view name, std::uint32_t format) {
  throw_unless_ok(state_->recover(), doing_read);
  if (const auto found = state_->read([&](rocksdb::DB& engine) { return value_of(engine, position_key(name)); })) {
    byte_reader in(*found);
    in.fixed<std::uint32_t>();
    const sequence at{in.fixed<std::uint64_t>()};
    const bool is_there = !in.failed() && at.value != 0 && at <= state_->view.durable();
    if (is_there && position_record(format, state_->view.entry_at(at)) == *found) return at;
  }
  // Key by key: a compaction of nothing but a deleted range ends the process when the disk refuses it.
  rocksdb::WriteBatch batch;
  batch.Delete(position_key(name));
  for (bool more = true; more;) {
    more = state_->read([&](rocksdb::DB& engine) { return add_deletions(engine, prefix_of(name), batch); });
    throw_unless_ok(state_->write(batch), doing_write);
    batch.Clear();
  }
  return {};
}

result<done, storage_error> projection_store::save(std::string_view name, std::uint32_t format, const book_batch& batch,
                                                   sequence upto) {
  rocksdb::WriteBatch written;
  const auto prefix = prefix_of(name);
  for (const auto& [key, value] : batch.operations()) {
    if (value) {
      written.Put(prefix + key, *value);
    } else {
      written.Delete(prefix + key);
    }
  }
  try {
    written.Put(position_key(name), position_record(format, state_->view.entry_at(upto)));
  } catch (const storage_failure& failure) {
    return failure.error();
  }
  const auto status = state_->write(written);
  if (!status.ok()) return to_error(status, doing_write);
  return done{};
}

std::optional<std::string> projection_store::get(std::string_view name, std::string_view key) const {
  return state_->read([&](rocksdb::DB& engine) { return value_of(engine, prefix_of(name).append(key)); });
}

void projection_store::scan_up(std::string_view name, std::string_view from, const visitor& visit) const {
  const auto prefix = prefix_of(name);
  state_->read([&](rocksdb::DB& engine) {
    const std::unique_ptr<rocksdb::Iterator> at(engine.NewIterator({}));
    at->Seek(prefix + std::string(from));
    walk(*at, prefix, visit, [](rocksdb::Iterator& each) { each.Next(); });
  });
}

void projection_store::scan_down(std::string_view name, std::string_view from, const visitor& visit) const {
  const auto prefix = prefix_of(name);
  state_->read([&](rocksdb::DB& engine) {
    const std::unique_ptr<rocksdb::Iterator> at(engine.NewIterator({}));
    at->SeekForPrev(prefix + std::string(from));
    walk(*at, prefix, visit, [](rocksdb::Iterator& each) { each.Prev(); });
  });
}

} // namespace croupier::persistence
