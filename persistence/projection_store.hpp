#pragma once

#include "engine/result.hpp"
#include "persistence/committed_view.hpp"
#include "persistence/storage_error.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rocksdb {
class Env;
}

namespace croupier::persistence {

/// What one save of some books writes. Later operations win.
class book_batch {
public:
  struct operation {
    std::string key;
    std::optional<std::string> value; ///< none: the key is removed
  };

  void put(std::string key, std::string value) { operations_.push_back({std::move(key), std::move(value)}); }
  void erase(std::string key) { operations_.push_back({std::move(key), std::nullopt}); }
  bool empty() const noexcept { return operations_.empty(); }
  const std::vector<operation>& operations() const noexcept { return operations_; }

private:
  std::vector<operation> operations_;
};

/// Where projections keep their books between two runs: a sorted map of bytes for each, in a database of its own.
///
/// Purpose: a start that need not read the whole journal again. Nothing in here is the truth: the folder can be thrown
///   away while the server is stopped, and the books are made again.
/// Operation: a save writes its keys and the position that they are valid for in one batch, and flushes it; there is no
///   write-ahead log. The position names the entry by sequence, time and hash, so books are taken up only beside the
///   journal that they were made from.
/// Concurrency: reads from any thread; `restore` and `save` from one thread.
/// Limitations: names and keys together have at most 64 KiB. A folder of another ledger or format is emptied. A write
///   that failed is not tried again by itself; the next one opens the database anew, if the disk is back. Visitors must
///   not write.
class projection_store {
public:
  /// Opens or makes the folder. The view is restored and outlives the store. A damaged folder is thrown away; an error
  /// means that the disk failed. `env`: the disk; nullptr is the real one.
  static result<std::unique_ptr<projection_store>, storage_error>
  open(const std::filesystem::path& folder, const committed_view& view, rocksdb::Env* env = nullptr);
  ~projection_store();
  projection_store(const projection_store&) = delete;
  projection_store& operator=(const projection_store&) = delete;

  /// The position of the last save under this name; 0 when there is none that is of this format and of this journal:
  /// then everything under the name has been removed. Throws storage_failure.
  sequence restore(std::string_view name, std::uint32_t format);

  /// Writes the batch and the position, whole or not at all; durable when this returns. `upto` is durable in the view.
  result<done, storage_error> save(std::string_view name, std::uint32_t format, const book_batch& batch, sequence upto);

  /// Throw storage_failure.
  std::optional<std::string> get(std::string_view name, std::string_view key) const;
  /// Visits keys from `from` upwards (or downwards), until the visitor answers false. Views during the visit only.
  using visitor = std::function<bool(std::string_view key, std::string_view value)>;
  void scan_up(std::string_view name, std::string_view from, const visitor& visit) const;
  void scan_down(std::string_view name, std::string_view from, const visitor& visit) const;

private:
  struct state;
  explicit projection_store(std::unique_ptr<state> content);
  std::unique_ptr<state> state_;
};

} // namespace croupier::persistence
