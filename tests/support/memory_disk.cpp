#include "tests/support/memory_disk.hpp"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace croupier::test {

namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class held_lock final : public rocksdb::FileLock {
public:
  explicit held_lock(std::string path) : path_(std::move(path)) {}
  const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
};

/// Bytes can be put at a place, which RocksDB's own file in memory cannot do; as on a real disk, that does not move the
/// place where the next bytes are appended.
class memory_writer final : public rocksdb::FSWritableFileOwnerWrapper {
public:
  memory_writer(std::unique_ptr<rocksdb::FSWritableFile> file, std::unique_ptr<rocksdb::FSRandomRWFile> places)
      : FSWritableFileOwnerWrapper(std::move(file)), places_(std::move(places)) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* context) override {
    auto status = places_->Write(appended_, data, options, context);
    if (status.ok()) appended_ += data.size();
    return status;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }
  IOStatus PositionedAppend(const rocksdb::Slice& data, std::uint64_t offset, const IOOptions& options,
                            IODebugContext* context) override {
    return places_->Write(offset, data, options, context);
  }

private:
  std::unique_ptr<rocksdb::FSRandomRWFile> places_;
  std::uint64_t appended_ = 0;
};

/// RocksDB's own file system in memory, which does not know which of its names are folders, and whose locks are files
/// that cannot be read.
class memory_disk final : public rocksdb::FileSystemWrapper {
public:
  explicit memory_disk(std::shared_ptr<rocksdb::FileSystem> bytes) : FileSystemWrapper(std::move(bytes)) {}

  const char* Name() const override { return "memory_disk"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* context) override {
    if (path.find("/OPTIONS-") != std::string::npos) return IOStatus::NotSupported("nobody reads it", path);
    auto status = FileSystemWrapper::NewWritableFile(path, options, file, context);
    if (!status.ok() || !path.ends_with(".log")) return status;
    std::unique_ptr<rocksdb::FSRandomRWFile> places;
    status = FileSystemWrapper::NewRandomRWFile(path, options, &places, context);
    if (status.ok()) *file = std::make_unique<memory_writer>(std::move(*file), std::move(places));
    return status;
  }

  IOStatus CreateDir(const std::string& path, const IOOptions& options, IODebugContext* context) override {
    return made(path, FileSystemWrapper::CreateDir(path, options, context));
  }
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions& options, IODebugContext* context) override {
    return made(path, FileSystemWrapper::CreateDirIfMissing(path, options, context));
  }
  IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* is_folder, IODebugContext*) override {
    const std::lock_guard guard(mutex_);
    *is_folder = folders_.contains(path);
    return IOStatus::OK();
  }
  IOStatus DeleteDir(const std::string& path, const IOOptions& options, IODebugContext* context) override {
    auto status = FileSystemWrapper::DeleteDir(path, options, context);
    const std::lock_guard guard(mutex_);
    if (status.ok()) folders_.erase(path);
    return status;
  }

  IOStatus LockFile(const std::string& path, const IOOptions&, rocksdb::FileLock** lock, IODebugContext*) override {
    if (auto status = rocksdb::status_to_io_status(rocksdb::WriteStringToFile(target(), "", path)); !status.ok())
      return status;
    const std::lock_guard guard(mutex_);
    if (!locked_.insert(path).second) return IOStatus::IOError("locked by somebody else", path);
    *lock = std::make_unique<held_lock>(path).release();
    return IOStatus::OK();
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    const std::unique_ptr<held_lock> held(dynamic_cast<held_lock*>(lock));
    const std::lock_guard guard(mutex_);
    locked_.erase(held->path());
    return IOStatus::OK();
  }

private:
  IOStatus made(const std::string& path, IOStatus status) {
    const std::lock_guard guard(mutex_);
    if (status.ok()) folders_.insert(path);
    return status;
  }

  std::mutex mutex_;
  std::set<std::string> folders_;
  std::set<std::string> locked_;
};

} // namespace

std::shared_ptr<rocksdb::FileSystem> new_memory_disk() {
  const std::unique_ptr<rocksdb::Env> made(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  return std::make_shared<memory_disk>(made->GetFileSystem());
}

} // namespace croupier::test
