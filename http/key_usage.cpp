#include "http/key_usage.hpp"

namespace croupier::http {

void key_usage::note(std::uint32_t key_number, std::chrono::system_clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  if (key_number >= last_us_.size()) last_us_.resize(key_number + 1U);
  last_us_[key_number] = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
}

std::optional<timestamp> key_usage::last_used(std::uint32_t key_number) const {
  const std::scoped_lock lock(mutex_);
  if (key_number >= last_us_.size() || last_us_[key_number] == 0) return std::nullopt;
  return timestamp{last_us_[key_number]};
}

} // namespace croupier::http
