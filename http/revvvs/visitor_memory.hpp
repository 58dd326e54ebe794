#pragma once

#include "actors/gateway.hpp"
#include "engine/ids.hpp"
#include "engine/keyed_hash.hpp"
#include "engine/timestamp.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>

namespace croupier::http::revvvs {

/// Who clicked what within the last hour: a click is unique when it is the first of its link, address and user agent
/// for an hour.
///
/// Operation: keyed hashes with the time of the visitor's last unique click, in sixteen shards of two generations each;
///   a full generation drops the one before it. So memory is bounded (about 16 MB for the default), and under more
///   visitors than fit the ones that were seen longest ago are unique again.
/// Concurrency: all members from any thread.
class visitor_memory {
public:
  explicit visitor_memory(const folder_key& key, std::size_t visitors_max = 262'144);

  /// Takes up the clicks of the last hour before `now`, as far as the newest million entries reach. Throws
  /// persistence::storage_failure.
  void restore(const persistence::committed_view& view, timestamp now);

  /// A visitor's name in here.
  std::uint64_t name_of(link_number link, std::string_view ip, std::string_view user_agent) const noexcept;

  /// Notes a click, and says whether it is unique.
  bool note(std::uint64_t visitor, timestamp now);

  /// A unique click was not recorded after all: the visitor's next one is unique.
  void forget(std::uint64_t visitor);

private:
  struct shard {
    std::mutex mutex;
    std::unordered_map<std::uint64_t, timestamp> young;
    std::unordered_map<std::uint64_t, timestamp> old;
  };

  shard& shard_of(std::uint64_t visitor) noexcept { return shards_[visitor % shards_.size()]; }

  const folder_key key_;
  const std::size_t generation_max_;
  std::array<shard, 16> shards_;
};

/// Whether the user agent is a robot's that says so: crawlers, link previews, monitors, libraries.
bool is_known_bot(std::string_view user_agent) noexcept;

} // namespace croupier::http::revvvs
