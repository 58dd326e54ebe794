#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace croupier::load {

/// Latencies, counted in log-linear buckets: exact below 256 ns, within 1/128 of the true value up to about 18 minutes,
/// where everything longer is counted too. The largest value is kept exactly. 36 KB; adding is a few instructions.
/// Not thread-safe: each thread has its own, and they are merged afterwards.
class histogram {
public:
  using duration = std::chrono::nanoseconds;

  histogram();
  /// A negative duration counts as zero.
  void add(duration value) noexcept;
  void merge(const histogram& other) noexcept;

  std::uint64_t count() const noexcept { return count_; }
  duration max() const noexcept { return duration(max_ns_); }
  duration mean() const noexcept;
  /// The value that this share (0 to 1) of the values does not exceed: the upper end of its bucket, never more than
  /// max(). Zero when nothing was added.
  duration quantile(double share) const noexcept;

private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ns_ = 0;
  std::uint64_t max_ns_ = 0;
};

} // namespace croupier::load
