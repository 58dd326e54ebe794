#pragma once

#include "persistence/record_codec.hpp"
#include "persistence/rocksdb_store.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::persistence {

/// A folder on the real disk that is made anew and goes with the object, and what accidents do to its files.
class disk_folder {
public:
  disk_folder();
  ~disk_folder();
  disk_folder(const disk_folder&) = delete;
  disk_folder& operator=(const disk_folder&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

  /// Replaces the content by a copy of another folder's.
  void copy_from(const std::filesystem::path& other);
  /// The folder's files whose names end so, ascending.
  std::vector<std::filesystem::path> files(std::string_view ending) const;

private:
  std::filesystem::path path_;
};

std::string bytes_of(const std::filesystem::path& file);
void write_bytes(const std::filesystem::path& file, std::string_view bytes);
void flip_byte(const std::filesystem::path& file, std::uint64_t offset);

/// A movement's record of about `payload_bytes` more than 60 bytes, different for each number.
std::string movement_record(std::uint64_t number, std::size_t payload_bytes = 20);
/// A click's record.
std::string click_record(std::uint64_t number);

std::vector<std::string_view> views_of(const std::vector<std::string>& records);

/// One entry as the test remembers it.
struct remembered {
  timestamp time;
  std::string record;
};

/// A store and everything that it has acknowledged.
class store_world {
public:
  explicit store_world(store_options options) : options_(std::move(options)) {}

  /// Opens the store; the error otherwise.
  std::optional<storage_error> open();
  void close() { store_.reset(); }
  /// Stops in order and closes.
  std::optional<storage_error> stop();

  /// Appends a group and remembers it when that succeeds.
  std::optional<storage_error> append(const std::vector<std::string>& records, timestamp time);
  /// Groups of `size` movements, one millisecond apart.
  void append_groups(std::size_t groups, std::size_t size, std::size_t payload_bytes = 20);

  /// Checks every read of the journal against what was acknowledged; throws when something differs.
  void expect_journal_as_acknowledged() const;

  rocksdb_store& store() { return *store_; }
  persistence::journal& journal() { return store_->journal(); }
  persistence::checkpoint_store& checkpoints() { return store_->checkpoints(); }
  store_options& options() noexcept { return options_; }
  const std::vector<remembered>& acknowledged() const noexcept { return acknowledged_; }
  std::vector<remembered>& acknowledged() noexcept { return acknowledged_; }

private:
  store_options options_;
  std::unique_ptr<rocksdb_store> store_;
  std::vector<remembered> acknowledged_;
};

/// The records of a journal from its first to its last entry.
std::vector<remembered> content_of(const journal& log);

} // namespace croupier::persistence
