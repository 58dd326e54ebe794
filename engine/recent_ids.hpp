#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace croupier {

/// The newest request ids of one player, as 64-bit keyed hashes in order of arrival, until they are forgotten, oldest
/// first. It covers the time between a look-up in the committed ledger and the decision that relies on it; everything
/// older is on disk (see player_ledger). 8 bytes an id plus, beyond 128 ids, a hash table of 11-21 bytes an id; look-up
/// is a scan up to 128 ids and O(1) beyond.
class recent_ids {
public:
  bool contains(std::uint64_t id) const noexcept;

  /// Remembers `id`, which must not be in the set (CROUPIER_ASSERT).
  void insert(std::uint64_t id);

  /// Forgets that many of the oldest, at most all, and gives back memory that is far too large for the rest. O(size).
  void forget_oldest(std::size_t count);

  std::size_t size() const noexcept { return ids_.size(); }

  /// Bytes held beyond sizeof(*this).
  std::size_t heap_bytes() const noexcept;

private:
  void rebuild_table(std::size_t slots);
  void table_insert(std::uint64_t id) noexcept;

  std::vector<std::uint64_t> ids_;   ///< in order of arrival
  std::vector<std::uint64_t> table_; ///< open addressing, 0 = empty (id 0 is stored as 1); empty up to 128 ids
};

} // namespace croupier
