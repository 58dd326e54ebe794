#include "tests/support/fault_env.hpp"

#include "tests/support/folder_copy.hpp"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

namespace croupier::test {

namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

constexpr std::size_t sector_bytes = 512;

/// The bytes of one file, whatever its names are.
struct file_bytes {
  std::uint64_t written = 0;
  std::uint64_t synced = 0; ///< up to here they are durable
  std::uint64_t kept = 0;   ///< so long the file is at least: zeros were durable here, and were written over

  void put(std::uint64_t offset, std::uint64_t size) {
    written = std::max(written, offset + size);
    synced = std::min(synced, offset);
  }
  void cut(std::uint64_t size) {
    written = std::min(written, size);
    synced = std::min(synced, size);
    kept = std::min(kept, size);
  }
};

} // namespace

struct fault_env::state {
  /// Held shared by every operation while it runs, so that a copy is of one moment.
  mutable std::shared_mutex world;
  mutable std::mutex mutex;
  bool failing = false;
  plan how;
  std::uint64_t failed = 0;
  std::array<std::uint64_t, 7> counts{};
  std::map<std::string, std::shared_ptr<file_bytes>> files;

  /// OK, or the error that the plan has for this operation.
  IOStatus allow(unsigned operation, const std::string& path) {
    const std::lock_guard guard(mutex);
    ++counts[static_cast<std::size_t>(std::countr_zero(operation))];
    if (!failing || (how.operations & operation) == 0) return IOStatus::OK();
    if (how.after > 0) {
      --how.after;
      return IOStatus::OK();
    }
    if (how.times == 0) return IOStatus::OK();
    --how.times;
    ++failed;
    auto status = how.fault == disk_fault::no_space ? IOStatus::NoSpace("no space left on device", path)
                                                    : IOStatus::IOError("input/output error", path);
    status.SetRetryable(how.fault == disk_fault::no_space); // as RocksDB's own file system has it
    return status;
  }

  std::uint64_t part_written(std::uint64_t bytes) const {
    const std::lock_guard guard(mutex);
    return bytes * how.percent_written / 100;
  }
};

namespace {

class faulty_writer final : public rocksdb::FSWritableFileOwnerWrapper {
public:
  faulty_writer(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path,
                std::shared_ptr<fault_env::state> state, std::shared_ptr<file_bytes> bytes)
      : FSWritableFileOwnerWrapper(std::move(file)),
        path_(std::move(path)),
        state_(std::move(state)),
        bytes_(std::move(bytes)),
        appended_(bytes_->written) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* context) override {
    return put(data, appended_, [&](const rocksdb::Slice& part) {
      auto status = FSWritableFileOwnerWrapper::Append(part, options, context);
      if (status.ok()) appended_ += part.size();
      return status;
    });
  }
  IOStatus PositionedAppend(const rocksdb::Slice& data, std::uint64_t offset, const IOOptions& options,
                            IODebugContext* context) override {
    return put(data, offset, [&](const rocksdb::Slice& part) {
      return FSWritableFileOwnerWrapper::PositionedAppend(part, offset, options, context);
    });
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }
  /// Nothing is set aside for what may be written later: in a file system in memory that is as slow as writing it.
  void PrepareWrite(std::size_t /*offset*/, std::size_t /*size*/, const IOOptions&, IODebugContext*) override {}

  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    return synced([&] { return FSWritableFileOwnerWrapper::Sync(options, context); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return synced([&] { return FSWritableFileOwnerWrapper::Fsync(options, context); });
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* context) override {
    const std::shared_lock running(state_->world);
    auto status = FSWritableFileOwnerWrapper::Truncate(size, options, context);
    const std::lock_guard guard(state_->mutex);
    bytes_->cut(size);
    return status;
  }

private:
  template<class Write>
  IOStatus put(const rocksdb::Slice& data, std::uint64_t offset, Write write) {
    const std::shared_lock running(state_->world);
    const auto allowed = state_->allow(disk::append, path_);
    const auto size = allowed.ok() ? data.size() : state_->part_written(data.size());
    auto written = write(rocksdb::Slice(data.data(), size));
    if (written.ok()) {
      const std::lock_guard guard(state_->mutex);
      bytes_->put(offset, size);
    }
    return allowed.ok() ? written : allowed;
  }

  template<class Sync>
  IOStatus synced(Sync sync) {
    const std::shared_lock running(state_->world);
    if (auto allowed = state_->allow(disk::sync, path_); !allowed.ok()) return allowed;
    auto status = sync();
    const std::lock_guard guard(state_->mutex);
    if (status.ok()) bytes_->kept = bytes_->synced = bytes_->written;
    return status;
  }

  std::string path_;
  std::shared_ptr<fault_env::state> state_;
  std::shared_ptr<file_bytes> bytes_;
  std::uint64_t appended_; ///< where the next Append puts its bytes
};

class faulty_reader final : public rocksdb::FSRandomAccessFileOwnerWrapper {
public:
  faulty_reader(std::unique_ptr<rocksdb::FSRandomAccessFile> file, std::string path,
                std::shared_ptr<fault_env::state> state)
      : FSRandomAccessFileOwnerWrapper(std::move(file)), path_(std::move(path)), state_(std::move(state)) {}

  IOStatus Read(std::uint64_t offset, std::size_t size, const IOOptions& options, rocksdb::Slice* result, char* scratch,
                IODebugContext* context) const override {
    if (auto allowed = state_->allow(disk::read, path_); !allowed.ok()) return allowed;
    return FSRandomAccessFileOwnerWrapper::Read(offset, size, options, result, scratch, context);
  }

private:
  std::string path_;
  std::shared_ptr<fault_env::state> state_;
};

class faulty_folder final : public rocksdb::FSDirectoryWrapper {
public:
  faulty_folder(std::unique_ptr<rocksdb::FSDirectory> folder, std::string path, std::shared_ptr<fault_env::state> state)
      : FSDirectoryWrapper(std::move(folder)), path_(std::move(path)), state_(std::move(state)) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    if (auto allowed = state_->allow(disk::folder_sync, path_); !allowed.ok()) return allowed;
    return FSDirectoryWrapper::Fsync(options, context);
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* context,
                               const rocksdb::DirFsyncOptions& how) override {
    if (auto allowed = state_->allow(disk::folder_sync, path_); !allowed.ok()) return allowed;
    return FSDirectoryWrapper::FsyncWithDirOptions(options, context, how);
  }

private:
  std::string path_;
  std::shared_ptr<fault_env::state> state_;
};

class faulty_disk final : public rocksdb::FileSystemWrapper {
public:
  faulty_disk(std::shared_ptr<rocksdb::FileSystem> disk, std::shared_ptr<fault_env::state> state)
      : FileSystemWrapper(std::move(disk)), state_(std::move(state)) {}

  const char* Name() const override { return "faulty_disk"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* context) override {
    const std::shared_lock running(state_->world);
    if (auto allowed = state_->allow(disk::create, path); !allowed.ok()) return allowed;
    auto status = FileSystemWrapper::NewWritableFile(path, options, file, context);
    if (status.ok()) *file = wrap(std::move(*file), path, std::make_shared<file_bytes>());
    return status;
  }
  IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* context) override {
    const std::shared_lock running(state_->world);
    if (auto allowed = state_->allow(disk::create, path); !allowed.ok()) return allowed;
    auto status = FileSystemWrapper::ReopenWritableFile(path, options, file, context);
    if (status.ok()) *file = wrap(std::move(*file), path, bytes_of(path));
    return status;
  }
  IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file, IODebugContext* context) override {
    auto status = FileSystemWrapper::NewRandomAccessFile(path, options, file, context);
    if (status.ok()) *file = std::make_unique<faulty_reader>(std::move(*file), path, state_);
    return status;
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* folder, IODebugContext* context) override {
    auto status = FileSystemWrapper::NewDirectory(path, options, folder, context);
    if (status.ok()) *folder = std::make_unique<faulty_folder>(std::move(*folder), path, state_);
    return status;
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* context) override {
    const std::shared_lock running(state_->world);
    if (auto allowed = state_->allow(disk::rename, from); !allowed.ok()) return allowed;
    auto status = FileSystemWrapper::RenameFile(from, to, options, context);
    if (status.ok()) move_name(from, to, true);
    return status;
  }
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                    IODebugContext* context) override {
    const std::shared_lock running(state_->world);
    if (auto allowed = state_->allow(disk::rename, from); !allowed.ok()) return allowed;
    auto status = FileSystemWrapper::LinkFile(from, to, options, context);
    if (status.ok()) move_name(from, to, false);
    return status;
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* context) override {
    const std::shared_lock running(state_->world);
    if (auto allowed = state_->allow(disk::remove, path); !allowed.ok()) return allowed;
    auto status = FileSystemWrapper::DeleteFile(path, options, context);
    const std::lock_guard guard(state_->mutex);
    if (status.ok()) state_->files.erase(path);
    return status;
  }

private:
  std::unique_ptr<rocksdb::FSWritableFile> wrap(std::unique_ptr<rocksdb::FSWritableFile> file, const std::string& path,
                                                std::shared_ptr<file_bytes> bytes) {
    const std::lock_guard guard(state_->mutex);
    state_->files[path] = bytes;
    return std::make_unique<faulty_writer>(std::move(file), path, state_, std::move(bytes));
  }

  std::shared_ptr<file_bytes> bytes_of(const std::string& path) {
    const std::lock_guard guard(state_->mutex);
    const auto known = state_->files.find(path);
    if (known != state_->files.end()) return known->second;
    std::uint64_t size = 0;
    if (!target()->GetFileSize(path, IOOptions(), &size, nullptr).ok()) size = 0;
    return std::make_shared<file_bytes>(file_bytes{size, size, size});
  }

  void move_name(const std::string& from, const std::string& to, bool away) {
    const std::lock_guard guard(state_->mutex);
    const auto known = state_->files.find(from);
    if (known == state_->files.end()) return;
    state_->files[to] = known->second;
    if (away) state_->files.erase(from);
  }

  std::shared_ptr<fault_env::state> state_;
};

/// The unsynced bytes as they may be found: a front part, a stretch of whole sectors in it never written. What was
/// written over zeros may be zeros again; other bytes may not be there.
void tear(std::string& bytes, const file_bytes& durable, std::mt19937_64& random) {
  const auto synced = durable.synced;
  // Zeros behind the last byte are many and tell little: the tear is mostly before it.
  const auto data_end = std::max<std::size_t>(synced, bytes.find_last_not_of('\0') + 1);
  const auto end = random() % 4 == 0 ? bytes.size() : data_end;
  bytes.resize(synced + random() % (end - synced + 1));
  if (bytes.size() > synced && random() % 2 != 0) {
    const auto from = (synced + random() % (bytes.size() - synced)) / sector_bytes * sector_bytes;
    const auto until = std::min(bytes.size(), from + (1 + random() % 8) * sector_bytes);
    for (auto at = std::max<std::size_t>(synced, from); at < until; ++at) bytes[at] = '\0';
  }
  bytes.resize(std::max(bytes.size(), durable.kept), '\0');
}

} // namespace

/// Counts what RocksDB has its threads do.
class fault_env::counting_env final : public rocksdb::EnvWrapper {
public:
  explicit counting_env(std::unique_ptr<rocksdb::Env> below) : EnvWrapper(std::move(below)) {
    // The wrapper's own would take a file system for one of the old kind.
    file_system_ = target()->GetFileSystem();
    system_clock_ = target()->GetSystemClock();
  }
  ~counting_env() override {
    std::unique_lock guard(mutex_);
    idle_.wait(guard, [this] { return under_way_ == 0; });
  }

  /// Whether nothing is under way, at the latest after `patience`.
  bool is_idle_within(std::chrono::milliseconds patience) {
    std::unique_lock guard(mutex_);
    return idle_.wait_for(guard, patience, [this] { return under_way_ == 0; });
  }

  void Schedule(void (*function)(void*), void* argument, Priority priority, void* tag,
                void (*when_dropped)(void*)) override {
    {
      const std::lock_guard guard(mutex_);
      ++under_way_;
    }
    auto made = std::make_unique<job>(job{function, when_dropped, argument, this});
    target()->Schedule(&run, made.release(), priority, tag, &drop);
  }

private:
  struct job {
    void (*function)(void*);
    void (*when_dropped)(void*);
    void* argument;
    counting_env* from;
  };

  static void run(void* counted) {
    const std::unique_ptr<job> made(static_cast<job*>(counted));
    made->function(made->argument);
    made->from->count_out();
  }
  static void drop(void* counted) {
    const std::unique_ptr<job> made(static_cast<job*>(counted));
    if (made->when_dropped != nullptr) made->when_dropped(made->argument);
    made->from->count_out();
  }
  void count_out() {
    const std::lock_guard guard(mutex_);
    if (--under_way_ == 0) idle_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable idle_;
  std::uint64_t under_way_ = 0;
};

fault_env::fault_env() : fault_env(rocksdb::FileSystem::Default()) {}

fault_env::fault_env(std::shared_ptr<rocksdb::FileSystem> disk)
    : disk_(std::move(disk)),
      state_(std::make_shared<state>()),
      env_(std::make_unique<counting_env>(rocksdb::NewCompositeEnv(std::make_shared<faulty_disk>(disk_, state_)))) {}

fault_env::~fault_env() = default;

rocksdb::Env* fault_env::env() noexcept {
  return env_.get();
}

void fault_env::wait_until_idle() {
  constexpr std::uint64_t failures_max = 30;
  const auto before = failures();
  while (!env_->is_idle_within(std::chrono::milliseconds(20)))
    if (failures() > before + failures_max) heal();
}

void fault_env::fail(const plan& how) {
  const std::lock_guard guard(state_->mutex);
  state_->failing = true;
  state_->how = how;
  state_->failed = 0;
}

void fault_env::heal() {
  const std::lock_guard guard(state_->mutex);
  state_->failing = false;
}

std::uint64_t fault_env::failures() const {
  const std::lock_guard guard(state_->mutex);
  return state_->failed;
}

std::uint64_t fault_env::count(unsigned operations) const {
  const std::lock_guard guard(state_->mutex);
  std::uint64_t total = 0;
  for (std::size_t bit = 0; bit < state_->counts.size(); ++bit)
    if ((operations >> bit & 1U) != 0) total += state_->counts[bit];
  return total;
}

void fault_env::copy_after_kill(const std::filesystem::path& from, const std::filesystem::path& to) const {
  const std::unique_lock nobody_runs(state_->world);
  copy_folder(*disk_, from, to, [](const std::string& /*path*/, std::string& /*bytes*/) {});
}

void fault_env::copy_after_power_loss(const std::filesystem::path& from, const std::filesystem::path& to,
                                      std::mt19937_64& random) const {
  const std::unique_lock nobody_runs(state_->world);
  const std::lock_guard guard(state_->mutex);
  const auto luck = random(); // one draw, however many files RocksDB's threads have just then
  copy_folder(*disk_, from, to, [&](const std::string& path, std::string& bytes) {
    const auto known = state_->files.find(path);
    if (known == state_->files.end() || known->second->synced >= bytes.size()) return;
    std::mt19937_64 of_file(luck ^ std::hash<std::string>()(path));
    tear(bytes, *known->second, of_file);
  });
}

void fault_env::remove_folder(const std::filesystem::path& folder) const {
  test::remove_folder(*disk_, folder);
}

} // namespace croupier::test
