#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace croupier::http {

/// A token bucket per key: as many requests as a minute allows may come at once, then they come back evenly over the
/// minute. The clock comes in. All members from any thread; memory is bounded by the number of keys.
class rate_limiter {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `per_minute`: 1 to 1,000,000,000; 0 turns the limit off.
  explicit rate_limiter(std::uint32_t per_minute) noexcept;

  bool on() const noexcept { return per_minute_ != 0; }

  struct verdict {
    bool allowed = true;
    std::uint32_t limit = 0;
    std::uint32_t remaining = 0;
    std::uint32_t retry_after_s = 0; ///< when not allowed: seconds until one request is, at least 1
  };

  /// Takes one request from the key's bucket, if there is one in it. The limit is on (CROUPIER_ASSERT).
  verdict take(std::uint32_t key_number, time_point now);

  /// The same without taking.
  verdict look(std::uint32_t key_number, time_point now);

private:
  /// Filled to at most one minute; a request takes its share of it.
  struct bucket {
    std::chrono::nanoseconds level{};
    time_point filled_at;
  };
  struct shard {
    std::mutex mutex;
    std::unordered_map<std::uint32_t, bucket> buckets;
  };

  verdict judge(std::uint32_t key_number, time_point now, bool take);

  std::uint32_t per_minute_;
  std::chrono::nanoseconds share_; ///< of a minute, for one request, rounded up
  std::array<shard, 16> shards_;
};

} // namespace croupier::http
