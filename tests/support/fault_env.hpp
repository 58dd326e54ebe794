#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>

namespace rocksdb {
class Env;
class FileSystem;
} // namespace rocksdb

namespace croupier::test {

/// What a disk does that can fail. Bits, to be combined.
namespace disk {
inline constexpr unsigned append = 1;       ///< writing bytes to a file
inline constexpr unsigned sync = 2;         ///< making a file's bytes durable
inline constexpr unsigned create = 4;       ///< making a file for writing
inline constexpr unsigned rename = 8;       ///< renaming and linking
inline constexpr unsigned remove = 16;      ///< removing a file
inline constexpr unsigned folder_sync = 32; ///< making names durable
inline constexpr unsigned read = 64;        ///< reading at a place in a file
/// Everything that a disk without room, or one gone read-only, refuses.
inline constexpr unsigned all_writes = append | sync | create | rename | folder_sync;
} // namespace disk

enum class disk_fault : std::uint8_t { io_error, no_space };

/// A disk as a RocksDB environment that fails on demand, and that knows which bytes a power loss would leave.
/// Thread-safe.
class fault_env {
public:
  fault_env(); ///< of the real disk
  /// Of a disk of one's own; what is on it already counts as synced.
  explicit fault_env(std::shared_ptr<rocksdb::FileSystem> disk);
  ~fault_env();
  fault_env(const fault_env&) = delete;
  fault_env& operator=(const fault_env&) = delete;

  /// For store_options::env; lives as long as this object.
  rocksdb::Env* env() noexcept;

  /// Waits until RocksDB's threads have nothing to do here, so that what happens next does not depend on how fast they
  /// are. Nobody else uses the databases meanwhile. RocksDB tries a compaction without room again until there is some:
  /// after many failures in a row that wait would never end, so the disk heals.
  void wait_until_idle();

  /// How the operations of a kind fail, from now on.
  struct plan {
    disk_fault fault = disk_fault::io_error;
    unsigned operations = disk::all_writes;
    std::uint64_t after = 0;          ///< this many of them still succeed
    std::uint64_t times = UINT64_MAX; ///< this many fail; then all succeed again
    /// A failing append still writes this share of its bytes, in percent: 100 is a lie about success, 50 a torn write.
    unsigned percent_written = 0;
  };
  void fail(const plan& how);

  /// Everything succeeds again. What failed before stays failed.
  void heal();

  /// Operations that failed since the last `fail`.
  std::uint64_t failures() const;

  /// Operations of the kinds in `operations` since the object was made.
  std::uint64_t count(unsigned operations) const;

  /// Replaces `to` by a copy of `from` as it is at this moment, between two operations: what a kill would leave.
  void copy_after_kill(const std::filesystem::path& from, const std::filesystem::path& to) const;

  /// Replaces `to` by a copy of `from` as a power loss at this moment would leave it: of each file written through this
  /// environment what was synced, and of the rest a random part from its front, of which a random stretch may be zeros.
  /// Names are taken to be durable at once.
  void copy_after_power_loss(const std::filesystem::path& from, const std::filesystem::path& to,
                             std::mt19937_64& random) const;

  /// Removes the folder with all that is in it, whatever fails at the time.
  void remove_folder(const std::filesystem::path& folder) const;

  struct state; ///< shared with the files that are open

private:
  std::shared_ptr<rocksdb::FileSystem> disk_;
  std::shared_ptr<state> state_;
  class counting_env;
  std::unique_ptr<counting_env> env_;
};

} // namespace croupier::test
