#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>

namespace croupier::actors {

/// Counts to zero what one thread waits for and others bring about.
///
/// Operation: the waiting thread sleeps on the count itself (a futex), or leaves a function to be called. An arrival
///   that nobody waits for costs one atomic subtraction; only the last one makes a system call, and only if it must.
/// Concurrency: `arrive` from any thread; the others from the one thread that waits, which may be another one each time
///   that it has been told (zero was seen, or the function was called).
class countdown {
public:
  using deadline = std::chrono::steady_clock::time_point;

  /// This many more arrivals will come.
  void expect(std::uint32_t arrivals) noexcept;

  /// One of them. When it is the last, the waiting thread goes on at once: whoever calls this holds what it owns.
  void arrive() noexcept;

  /// Sleeps until there is nothing left to come (true) or the deadline has passed (false).
  bool wait(deadline until) noexcept;

  /// True when there is nothing left to come. Otherwise `wake` will be called once, by the thread of the last arrival;
  /// it must be quick and must not throw.
  bool zero_or_call(std::function<void()> wake);

private:
  static constexpr std::uint32_t is_awaited = 1U << 31;

  /// Marks the count as awaited. False when it is zero.
  bool await() noexcept;

  std::atomic<std::uint32_t> left_{0}; ///< and, in its highest bit, whether somebody waits
  std::function<void()> wake_;         ///< none: the waiting thread sleeps
};

} // namespace croupier::actors
