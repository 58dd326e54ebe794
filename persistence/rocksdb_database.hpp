#pragma once

#include "engine/result.hpp"
#include "persistence/rocksdb_store.hpp"
#include "persistence/storage_error.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rocksdb {
class Cache;
class ColumnFamilyHandle;
class DB;
class Env;
class SstFileWriter;
class Status;
} // namespace rocksdb

namespace croupier::persistence {

/// Column families, in the order in which they were made. RocksDB's own "default" stays empty.
enum class family : std::uint8_t { meta, journal, players, names, requests, history };
inline constexpr std::size_t family_count = 6;
std::string_view name_of(family which) noexcept;

/// The status as an error of ours: "<doing>: <what RocksDB says>; <what to do>".
storage_error to_error(const rocksdb::Status& status, std::string_view doing, std::optional<sequence> at = {});

/// Throws the same as a storage_failure unless the status is OK.
void throw_unless_ok(const rocksdb::Status& status, std::string_view doing, std::optional<sequence> at = {});

struct database_settings {
  std::string folder;
  rocksdb::Env* env = nullptr;           ///< not null
  std::shared_ptr<rocksdb::Cache> cache; ///< survives a reopening
  bool syncs_each_write = true;
  bool read_only = false; ///< no lock, no file is made or changed
  bool merges = false;    ///< RocksDB merges files by itself, from the opening on
};

/// An open RocksDB database with our column families and options. Any thread.
class database {
public:
  /// Opens it; makes database and column families where they are missing, unless read_only.
  static result<std::unique_ptr<database>, storage_error> open(const database_settings& settings);

  ~database();
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  rocksdb::DB& engine() const noexcept { return *engine_; }
  rocksdb::ColumnFamilyHandle* handle(family which) const noexcept;

  /// The same as if it had been opened with `merges`.
  void begin_merging() const;

  /// Whether there is no writing until it is opened anew: it was opened read_only, or an error in the background (of a
  /// flush, of the catalogue) has stopped it.
  bool stopped() const noexcept { return *stopped_; }

private:
  database() = default;
  std::shared_ptr<std::atomic<bool>> stopped_ = std::make_shared<std::atomic<bool>>(false);
  std::unique_ptr<rocksdb::DB> engine_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_; ///< "default", then ours in order
};

/// Writes one sorted file with the options of a column family, to be ingested into it. One thread.
std::unique_ptr<rocksdb::SstFileWriter> new_run_writer(const database_settings& settings, family which);

/// The one place that the open database is taken from, so that another can be put in its place while readers come and
/// go. Any thread; `replace` and `wait_until_closed` by one at a time.
class database_gate {
  struct slot {
    std::unique_ptr<database> content;
    std::size_t leases = 0;
  };

public:
  database_gate();
  ~database_gate();
  database_gate(const database_gate&) = delete;
  database_gate& operator=(const database_gate&) = delete;

  /// Keeps the database open that was there when it was taken.
  class lease {
  public:
    explicit lease(database_gate& gate); ///< throws storage_failure when there is no database
    ~lease();                            ///< the last one closes a database that was replaced
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;
    const database* operator->() const noexcept { return slot_.content.get(); }
    const database& operator*() const noexcept { return *slot_.content; }
    /// Whether the database has been replaced and is to be closed: whoever has long work should give it up.
    bool recalled() const;

  private:
    database_gate& gate_;
    slot& slot_;
  };

  /// Later leases are of this one; nullptr: they are refused. The one before is closed, as soon as no lease is out.
  void replace(std::unique_ptr<database> content);

  /// Waits until every database that was replaced is closed; false when some still are open after `patience`.
  bool wait_until_closed(std::chrono::milliseconds patience);

private:
  slot& lend();
  void take_back(slot& returned);
  void close(std::unique_ptr<slot> unused);

  std::mutex mutex_;
  std::condition_variable closed_;
  std::unique_ptr<slot> current_;               ///< nullptr: there is no database
  std::vector<std::unique_ptr<slot>> replaced_; ///< with leases that are out
  std::size_t to_close_ = 0;                    ///< those, and what is being closed
};

/// A view of a rocksdb::Slice.
template<class Slice>
std::string_view view_of(const Slice& slice) noexcept {
  return {slice.data(), slice.size()};
}

} // namespace croupier::persistence
