#include "persistence/request_filter.hpp"

#include <algorithm>

namespace croupier::persistence {

namespace {

constexpr std::uint64_t bits_per_id = 12;
constexpr std::uint64_t first_part_ids = 1 << 20;

} // namespace

request_filter::request_filter(std::uint64_t bytes_max) noexcept : bytes_max_(bytes_max) {}
request_filter::~request_filter() = default;

/// The upper half of the hash chooses the block, in all parts alike.
request_filter::block& request_filter::part::of(std::uint64_t hash) const noexcept {
  return blocks[static_cast<std::size_t>(((hash >> 32) * count) >> 32)];
}

/// Two bits in each of the four words, by six bits of the lower half each, which is stretched for that.
request_filter::bits request_filter::bits_of(std::uint64_t hash) noexcept {
  auto left = (hash & 0xffffffffU) * 0x9e3779b97f4a7c15U;
  bits chosen{};
  for (auto& word : chosen) {
    word = std::uint64_t{1} << (left >> 58);
    left <<= 6;
    word |= std::uint64_t{1} << (left >> 58);
    left <<= 6;
  }
  return chosen;
}

bool request_filter::add_part(std::uint64_t ids) {
  const auto made = part_count_.load(std::memory_order_relaxed);
  const auto count = ids * bits_per_id / (8 * sizeof(block)) + 1;
  const auto size = count * sizeof(block);
  if (made == parts_max) return false;
  auto& fresh = parts_[made];
  fresh.blocks = std::make_unique<block[]>(count);
  fresh.count = count;
  fresh.room = ids;
  bytes_.fetch_add(size, std::memory_order_relaxed);
  part_count_.store(made + 1, std::memory_order_release);
  return true;
}

std::uint64_t request_filter::first_part(std::uint64_t ids) const noexcept {
  return std::min(std::max(ids, first_part_ids), bytes_max_ * 8 / bits_per_id);
}

void request_filter::expect(std::uint64_t ids) {
  const std::lock_guard held(adding_);
  if (part_count_.load(std::memory_order_relaxed) == 0) add_part(first_part(ids));
}

request_filter::part& request_filter::part_with_room() {
  if (part_count_.load(std::memory_order_relaxed) == 0) add_part(first_part(0));
  auto* last = &parts_[part_count_.load(std::memory_order_relaxed) - 1];
  if (last->room > 0) return *last;
  const auto more = std::min(bytes(), bytes_max_ - std::min(bytes(), bytes_max_));
  const bool worth_a_look = more >= bytes() / 8; // each part is one more place to look at
  if (worth_a_look && add_part(more * 8 / bits_per_id)) ++last;
  return *last;
}

void request_filter::add(const request_key& key) {
  const std::lock_guard held(adding_);
  const auto hash = hash_of(key);
  if (contains(hash)) return;
  auto& into = part_with_room();
  if (into.room > 0) --into.room;
  const auto chosen = bits_of(hash);
  auto& words = into.of(hash).words;
  // Only one thread at a time writes, so that no bit gets lost between reading a word and writing it.
  for (std::size_t i = 0; i < words.size(); ++i)
    words[i].store(words[i].load(std::memory_order_relaxed) | chosen[i], std::memory_order_relaxed);
}

void request_filter::prefetch(const request_key& key) const noexcept {
  const auto hash = hash_of(key);
  const auto made = part_count_.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < made; ++i) __builtin_prefetch(&parts_[i].of(hash));
}

bool request_filter::may_contain(const request_key& key) const noexcept {
  return !is_complete() || contains(hash_of(key));
}

bool request_filter::contains(std::uint64_t hash) const noexcept {
  const auto chosen = bits_of(hash);
  const auto made = part_count_.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < made; ++i) {
    const auto& words = parts_[i].of(hash).words;
    bool all = true;
    for (std::size_t word = 0; word < words.size(); ++word)
      all = all && (words[word].load(std::memory_order_relaxed) & chosen[word]) == chosen[word];
    if (all) return true;
  }
  return false;
}

} // namespace croupier::persistence
