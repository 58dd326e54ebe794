#pragma once

#include "engine/timestamp.hpp"

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace croupier::http {

/// When each API key was last let in. In memory: a start begins with nothing. All members from any thread; a few dozen
/// nanoseconds.
class key_usage {
public:
  void note(std::uint32_t key_number, std::chrono::system_clock::time_point now);
  std::optional<timestamp> last_used(std::uint32_t key_number) const;

private:
  mutable std::mutex mutex_;
  std::vector<std::int64_t> last_us_; ///< by key number; 0: never
};

} // namespace croupier::http
