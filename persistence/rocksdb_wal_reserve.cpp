#include "persistence/rocksdb_wal_reserve.hpp"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace croupier::persistence {

namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

constexpr std::size_t page_bytes = 4 << 10;
/// A reserve is to serve this many groups: from some twelve on it pays (journal_append_bench --group 52).
constexpr std::size_t groups_min = 16;

/// The lengths of the logs that are being written: what was put into them, without the zeros behind.
class open_lengths {
public:
  using length = std::shared_ptr<std::atomic<std::uint64_t>>;

  length begin(const std::string& path) {
    const std::lock_guard held(mutex_);
    return open_[path] = std::make_shared<std::atomic<std::uint64_t>>(0);
  }

  void end(const std::string& path, const length& of) {
    const std::lock_guard held(mutex_);
    if (const auto found = open_.find(path); found != open_.end() && found->second == of) open_.erase(found);
  }

  length find(const std::string& path) const {
    const std::lock_guard held(mutex_);
    const auto found = open_.find(path);
    return found == open_.end() ? nullptr : found->second;
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, length> open_;
};

/// RocksDB appends and syncs one log from one thread at a time.
class reserving_log final : public rocksdb::FSWritableFileOwnerWrapper {
public:
  reserving_log(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path, std::shared_ptr<open_lengths> lengths)
      : FSWritableFileOwnerWrapper(std::move(file)),
        path_(std::move(path)),
        lengths_(std::move(lengths)),
        length_(lengths_->begin(path_)) {}

  ~reserving_log() override { lengths_->end(path_, length_); }

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* context) override {
    // Once bytes were put at a place, the file's own idea of its end is not ours any more.
    auto status = reserved_until_ > 0 ? target()->PositionedAppend(data, end(), options, context)
                                      : target()->Append(data, options, context);
    if (status.ok()) length_->fetch_add(data.size(), std::memory_order_relaxed);
    return status;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }

  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    reserve_if_short(options, context);
    return target()->Sync(options, context);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    reserve_if_short(options, context);
    return target()->Fsync(options, context);
  }

  IOStatus Close(const IOOptions& options, IODebugContext* context) override {
    // Zeros that stay do no harm.
    if (reserved_until_ > end()) target()->Truncate(end(), options, context).PermitUncheckedError();
    lengths_->end(path_, length_);
    return target()->Close(options, context);
  }

  std::uint64_t GetFileSize(const IOOptions& /*options*/, IODebugContext* /*context*/) override { return end(); }

private:
  std::uint64_t end() const noexcept { return length_->load(std::memory_order_relaxed); }

  void reserve_if_short(const IOOptions& options, IODebugContext* context) {
    static const std::string zeros(wal_reserve_bytes, '\0');
    const auto group = end() - std::exchange(synced_, end());
    if (!reserves_ || group == 0 || group > wal_reserve_bytes / groups_min || end() + group <= reserved_until_) return;
    const auto until = (end() + wal_reserve_bytes) / page_bytes * page_bytes;
    const auto put = target()->PositionedAppend({zeros.data(), until - end()}, end(), options, context);
    if (put.ok())
      reserved_until_ = until;
    else
      reserves_ = false;
  }

  const std::string path_;
  const std::shared_ptr<open_lengths> lengths_;
  const open_lengths::length length_;
  std::uint64_t synced_ = 0;         ///< up to here the last sync was
  std::uint64_t reserved_until_ = 0; ///< 0: nothing was ever reserved
  bool reserves_ = true;
};

class reserving_disk final : public rocksdb::FileSystemWrapper {
public:
  reserving_disk(std::shared_ptr<rocksdb::FileSystem> below, std::string folder)
      : FileSystemWrapper(std::move(below)), folder_(std::move(folder)) {}
  const char* Name() const override { return "croupier.reserving_disk"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* context) override {
    auto status = FileSystemWrapper::NewWritableFile(path, options, file, context);
    if (status.ok() && path.starts_with(folder_) && path.ends_with(".log"))
      *file = std::make_unique<reserving_log>(std::move(*file), path, lengths_);
    return status;
  }

  IOStatus GetFileSize(const std::string& path, const IOOptions& options, std::uint64_t* size,
                       IODebugContext* context) override {
    const auto open = lengths_->find(path);
    if (!open) return FileSystemWrapper::GetFileSize(path, options, size, context);
    *size = open->load(std::memory_order_relaxed);
    return IOStatus::OK();
  }

private:
  const std::string folder_;
  const std::shared_ptr<open_lengths> lengths_ =
      std::make_shared<open_lengths>(); ///< shared with the logs that are open
};

class reserving_env final : public rocksdb::EnvWrapper {
public:
  reserving_env(rocksdb::Env& below, std::string folder) : EnvWrapper(&below) {
    // The wrapper's own would take a file system for one of the old kind.
    file_system_ = std::make_shared<reserving_disk>(below.GetFileSystem(), std::move(folder));
    system_clock_ = below.GetSystemClock();
  }
  const char* Name() const override { return "croupier.reserving_env"; }
};

} // namespace

std::unique_ptr<rocksdb::Env> reserve_wal_space(rocksdb::Env& below, const std::string& folder) {
  return std::make_unique<reserving_env>(below, folder + "/");
}

} // namespace croupier::persistence
