#include "engine/recent_ids.hpp"

#include "engine/check.hpp"

#include <algorithm>

namespace croupier {
namespace {

/// Up to here a scan of the ring is as fast as a table and needs no memory of its own.
constexpr std::size_t scanned_max = 128;

/// Small rings grow by this many: doubling would leave a usual player with half its ring unused.
constexpr std::size_t growth_step = 16;

/// 0 marks an empty slot. Two of 2^64 keyed hashes share a value for it.
constexpr std::uint64_t stored_form(std::uint64_t id) noexcept {
  return id == 0 ? 1 : id;
}

} // namespace

recent_ids::recent_ids(std::size_t capacity) : capacity_(capacity) {
  CROUPIER_ASSERT(capacity > 0, "a memory of no ids");
}

bool recent_ids::contains(std::uint64_t id) const noexcept {
  id = stored_form(id);
  if (table_.empty()) return std::find(ring_.begin(), ring_.end(), id) != ring_.end();
  const auto mask = table_.size() - 1;
  for (auto slot = id & mask; table_[slot] != 0; slot = (slot + 1) & mask)
    if (table_[slot] == id) return true;
  return false;
}

bool recent_ids::insert(std::uint64_t id) {
  CROUPIER_ASSERT(!contains(id), "a request id is accepted twice");
  id = stored_form(id);
  if (ring_.size() == capacity_) {
    if (!table_.empty()) {
      table_erase(ring_[oldest_]);
      table_insert(id);
    }
    ring_[oldest_] = id;
    oldest_ = oldest_ + 1 == capacity_ ? 0 : oldest_ + 1;
    return true;
  }
  if (ring_.size() == ring_.capacity()) {
    const auto step = ring_.size() < scanned_max ? growth_step : ring_.size() / 2;
    ring_.reserve(std::min(capacity_, ring_.size() + step));
  }
  ring_.push_back(id);
  if (ring_.size() <= scanned_max) return false;
  if (table_.empty()) {
    rebuild_table(scanned_max * 2);
  } else if (ring_.size() > table_.size() / 4 * 3) {
    rebuild_table(table_.size() * 2);
  } else {
    table_insert(id);
  }
  return false;
}

std::size_t recent_ids::heap_bytes() const noexcept {
  return (ring_.capacity() + table_.capacity()) * sizeof(std::uint64_t);
}

void recent_ids::rebuild_table(std::size_t slots) {
  std::vector<std::uint64_t> empty(slots, 0);
  table_.swap(empty);
  for (const auto id : ring_) table_insert(id);
}

void recent_ids::table_insert(std::uint64_t id) noexcept {
  const auto mask = table_.size() - 1;
  auto slot = id & mask;
  while (table_[slot] != 0) slot = (slot + 1) & mask;
  table_[slot] = id;
}

void recent_ids::table_erase(std::uint64_t id) noexcept {
  const auto mask = table_.size() - 1;
  auto hole = id & mask;
  while (table_[hole] != id) hole = (hole + 1) & mask;
  // Pull back what had stepped over the hole, so that no search stops short of it and no tombstone is left behind.
  for (auto slot = (hole + 1) & mask; table_[slot] != 0; slot = (slot + 1) & mask) {
    const auto home = table_[slot] & mask;
    if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
    table_[hole] = table_[slot];
    hole = slot;
  }
  table_[hole] = 0;
}

} // namespace croupier
