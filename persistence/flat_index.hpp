#pragma once

#include "engine/check.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace croupier::persistence {

/// Finds places in an array by hash: open addressing over 8-byte slots of (upper half of the hash, place), at most half
/// full. The array's owner compares the keys, so any key type will do, and growing needs no key. Not synchronised. O(1)
/// as long as the hashes are not aimed at it: hash what clients choose with a secret.
class flat_index {
public:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  explicit flat_index(std::size_t expected = 0) : slots_(std::bit_ceil(expected * 2 + 16)) {}

  /// The place with this hash for which `is(place)` holds, or `none`.
  template<class Is>
  std::uint32_t find(std::uint64_t hash, Is&& is) const {
    const auto tag = tag_of(hash);
    for (std::size_t at = home_of(tag);; at = next(at)) {
      const auto& here = slots_[at];
      if (here.place_plus_one == 0) return none;
      if (here.tag == tag && is(here.place_plus_one - 1)) return here.place_plus_one - 1;
    }
  }

  /// Adds a place, which must not be there yet.
  void insert(std::uint64_t hash, std::size_t place) {
    CROUPIER_ASSERT(place < none, "a flat index is full");
    if ((count_ + 1) * 2 > slots_.size()) grow();
    put({tag_of(hash), static_cast<std::uint32_t>(place) + 1});
    ++count_;
  }

  /// Takes a place out, which must be there.
  void erase(std::uint64_t hash, std::uint32_t place) {
    std::size_t hole = home_of(tag_of(hash));
    while (slots_[hole].place_plus_one != place + 1) {
      CROUPIER_ASSERT(slots_[hole].place_plus_one != 0, "a place that a flat index does not have is taken out");
      hole = next(hole);
    }
    // Pulls back what had stepped over the hole, so that no search stops short of it.
    for (std::size_t at = next(hole); slots_[at].place_plus_one != 0; at = next(at)) {
      const auto mask = slots_.size() - 1;
      if (((at - home_of(slots_[at].tag)) & mask) < ((at - hole) & mask)) continue;
      slots_[hole] = slots_[at];
      hole = at;
    }
    slots_[hole] = {};
    --count_;
  }

  /// Asks the processor to bring the slot of a hash closer.
  void prefetch(std::uint64_t hash) const noexcept { __builtin_prefetch(&slots_[home_of(tag_of(hash))]); }

private:
  struct slot {
    std::uint32_t tag = 0;
    std::uint32_t place_plus_one = 0; // 0: empty
  };

  static std::uint32_t tag_of(std::uint64_t hash) noexcept { return static_cast<std::uint32_t>(hash >> 32); }
  std::size_t home_of(std::uint32_t tag) const noexcept {
    return static_cast<std::size_t>((static_cast<std::uint64_t>(tag) * slots_.size()) >> 32);
  }
  std::size_t next(std::size_t at) const noexcept { return (at + 1) & (slots_.size() - 1); }

  void put(slot value) noexcept {
    std::size_t at = home_of(value.tag);
    while (slots_[at].place_plus_one != 0) at = next(at);
    slots_[at] = value;
  }

  void grow() {
    std::vector<slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const auto& kept : old)
      if (kept.place_plus_one != 0) put(kept);
  }

  std::vector<slot> slots_;
  std::size_t count_ = 0;
};

} // namespace croupier::persistence
