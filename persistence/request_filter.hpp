#pragma once

#include "persistence/checkpoint_store.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

namespace croupier::persistence {

/// Tells request ids that no checkpoint has from those that one may have, in memory.
///
/// Purpose: nearly every movement brings a new id. Asking the index on the disk for each, with a filter and a cached
///   block for every file of it, cost more than deciding the movement, and grew with the number of files.
/// Operation: blocked Bloom filters, 12 bits an id, one cache line for each look: 8 bits in a block of 32 bytes. When
///   one is full, another of the size of all before it is added, until `bytes_max` is reached; from then on the last
///   one takes what comes and is wrong more often. It is wrong in one direction only.
/// Concurrency: any thread. Those that add wait for each other; those that ask wait for nobody. Who learned of a
///   checkpoint after its ids were added finds them.
/// Limitations: forgets nothing, is not saved: after a start it must be given every id that the checkpoints have.
class request_filter {
public:
  explicit request_filter(std::uint64_t bytes_max) noexcept;
  ~request_filter();
  request_filter(const request_filter&) = delete;
  request_filter& operator=(const request_filter&) = delete;

  /// Makes room for so many ids in one filter, where none is yet.
  void expect(std::uint64_t ids);

  /// An id that it has takes no room again.
  void add(const request_key& key);

  /// Every id of every checkpoint has been added: from now on it is believed.
  void complete() noexcept { complete_.store(true, std::memory_order_release); }
  bool is_complete() const noexcept { return complete_.load(std::memory_order_acquire); }

  /// Asks the processor to bring closer what `may_contain` will look at.
  void prefetch(const request_key& key) const noexcept;

  /// False: no checkpoint has the id. True: one may have it; always so until it is complete.
  bool may_contain(const request_key& key) const noexcept;

  std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

private:
  /// 256 bits.
  struct alignas(32) block {
    std::array<std::atomic<std::uint64_t>, 4> words{};
  };
  using bits = std::array<std::uint64_t, 4>;
  struct part {
    std::unique_ptr<block[]> blocks;
    std::uint64_t count = 0; ///< of blocks
    std::uint64_t room = 0;  ///< ids that it may still take

    block& of(std::uint64_t hash) const noexcept;
  };
  /// Each part is as large as all before it, as long as the limit allows.
  static constexpr std::size_t parts_max = 40;

  static bits bits_of(std::uint64_t hash) noexcept;
  std::uint64_t first_part(std::uint64_t ids) const noexcept;
  bool add_part(std::uint64_t ids);
  part& part_with_room();
  bool contains(std::uint64_t hash) const noexcept;

  const std::uint64_t bytes_max_;
  std::mutex adding_;
  std::array<part, parts_max> parts_;
  std::atomic<std::size_t> part_count_{0}; ///< parts below it do not move
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<bool> complete_{false};
};

} // namespace croupier::persistence
