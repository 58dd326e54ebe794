#include "http/rate_limit.hpp"

#include "engine/check.hpp"

#include <algorithm>

namespace croupier::http {

namespace {

constexpr std::chrono::nanoseconds minute = std::chrono::minutes(1);

} // namespace

rate_limiter::rate_limiter(std::uint32_t per_minute) noexcept
    : per_minute_(per_minute),
      share_(per_minute == 0 ? minute : (minute + std::chrono::nanoseconds(per_minute - 1)) / per_minute) {}

rate_limiter::verdict rate_limiter::take(std::uint32_t key_number, time_point now) {
  return judge(key_number, now, true);
}

rate_limiter::verdict rate_limiter::look(std::uint32_t key_number, time_point now) {
  return judge(key_number, now, false);
}

rate_limiter::verdict rate_limiter::judge(std::uint32_t key_number, time_point now, bool take) {
  CROUPIER_ASSERT(on(), "a rate limit that is off has no verdict");
  auto& home = shards_[key_number % shards_.size()];
  const std::scoped_lock lock(home.mutex);
  // Rounding the share up would cost the last request of a minute; a full bucket holds exactly the limit.
  const auto full = share_ * per_minute_;
  auto& held = home.buckets.try_emplace(key_number, bucket{full, now}).first->second;
  // Threads read the clock before they come here, so `now` may lie a little before the last filling.
  if (now > held.filled_at) {
    const auto passed = std::min<std::chrono::nanoseconds>(now - held.filled_at, full);
    held.level = std::min(held.level + passed, full);
    held.filled_at = now;
  }
  verdict told;
  told.limit = per_minute_;
  told.allowed = held.level >= share_;
  if (told.allowed && take) held.level -= share_;
  told.remaining = static_cast<std::uint32_t>(held.level / share_);
  if (!told.allowed)
    told.retry_after_s =
        static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(share_ - held.level).count());
  return told;
}

} // namespace croupier::http
