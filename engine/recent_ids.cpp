#include "engine/recent_ids.hpp"

#include "engine/check.hpp"

#include <algorithm>
#include <bit>

namespace croupier {
namespace {

/// Up to here a scan of the ids is as fast as a table and needs no memory of its own.
constexpr std::size_t scanned_max = 128;

/// Few ids grow by this many: doubling would leave a usual player with half of its memory unused.
constexpr std::size_t growth_step = 16;

/// 0 marks an empty slot. Two of 2^64 keyed hashes share a value for it.
constexpr std::uint64_t stored_form(std::uint64_t id) noexcept {
  return id == 0 ? 1 : id;
}

} // namespace

bool recent_ids::contains(std::uint64_t id) const noexcept {
  id = stored_form(id);
  if (table_.empty()) return std::find(ids_.begin(), ids_.end(), id) != ids_.end();
  const auto mask = table_.size() - 1;
  for (auto slot = id & mask; table_[slot] != 0; slot = (slot + 1) & mask)
    if (table_[slot] == id) return true;
  return false;
}

void recent_ids::insert(std::uint64_t id) {
  CROUPIER_ASSERT(!contains(id), "a request id is accepted twice");
  if (ids_.size() == ids_.capacity())
    ids_.reserve(ids_.size() + (ids_.size() < scanned_max ? growth_step : ids_.size() / 2));
  ids_.push_back(stored_form(id));
  if (ids_.size() <= scanned_max) return;
  if (table_.empty()) {
    rebuild_table(scanned_max * 2);
  } else if (ids_.size() > table_.size() / 4 * 3) {
    rebuild_table(table_.size() * 2);
  } else {
    table_insert(ids_.back());
  }
}

void recent_ids::forget_oldest(std::size_t count) {
  if (count == 0) return;
  ids_.erase(ids_.begin(), ids_.begin() + static_cast<std::ptrdiff_t>(std::min(count, ids_.size())));
  if (ids_.capacity() > 2 * ids_.size() + growth_step) std::vector<std::uint64_t>(ids_).swap(ids_);
  if (ids_.size() > scanned_max)
    rebuild_table(std::bit_ceil(ids_.size() / 3 * 4 + 4));
  else
    std::vector<std::uint64_t>().swap(table_);
}

std::size_t recent_ids::heap_bytes() const noexcept {
  return (ids_.capacity() + table_.capacity()) * sizeof(std::uint64_t);
}

void recent_ids::rebuild_table(std::size_t slots) {
  std::vector<std::uint64_t> empty(slots, 0);
  table_.swap(empty);
  for (const auto id : ids_) table_insert(id);
}

void recent_ids::table_insert(std::uint64_t id) noexcept {
  const auto mask = table_.size() - 1;
  auto slot = id & mask;
  while (table_[slot] != 0) slot = (slot + 1) & mask;
  table_[slot] = id;
}

} // namespace croupier
