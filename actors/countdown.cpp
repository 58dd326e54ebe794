#include "actors/countdown.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace croupier::actors {

namespace {

// std::atomic::wait spins and yields before it sleeps, which steals time from the very threads that are to answer;
// with a sleep per request and few cores that is measurable. So the system call itself, which also knows deadlines.
static_assert(sizeof(std::atomic<std::uint32_t>) == 4, "a futex is four bytes");

void futex_wake_one(std::atomic<std::uint32_t>& word) noexcept {
  ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t seen, std::chrono::nanoseconds timeout) noexcept {
  timespec relative{};
  relative.tv_sec = static_cast<time_t>(timeout.count() / 1'000'000'000);
  relative.tv_nsec = static_cast<long>(timeout.count() % 1'000'000'000);
  ::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, seen, &relative, nullptr, 0);
}

} // namespace

void countdown::expect(std::uint32_t arrivals) noexcept {
  left_.fetch_add(arrivals, std::memory_order_acq_rel);
}

void countdown::arrive() noexcept {
  if (left_.fetch_sub(1, std::memory_order_acq_rel) != (is_awaited | 1)) return;
  // Taken out first: whoever is called may wait for the next round with this very object before the call returns.
  if (const auto wake = std::exchange(wake_, nullptr))
    wake();
  else
    futex_wake_one(left_);
}

bool countdown::await() noexcept {
  auto seen = left_.load(std::memory_order_acquire);
  while ((seen & ~is_awaited) != 0)
    if (left_.compare_exchange_weak(seen, seen | is_awaited, std::memory_order_acq_rel)) return true;
  left_.store(0, std::memory_order_relaxed);
  return false;
}

bool countdown::wait(deadline until) noexcept {
  while (await()) {
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= std::chrono::nanoseconds::zero()) return false;
    const auto seen = left_.load(std::memory_order_acquire);
    if ((seen & is_awaited) != 0 && seen != is_awaited)
      futex_wait(left_, seen, std::chrono::duration_cast<std::chrono::nanoseconds>(left));
  }
  return true;
}

bool countdown::zero_or_call(std::function<void()> wake) {
  wake_ = std::move(wake);
  if (await()) return false;
  wake_ = nullptr;
  return true;
}

} // namespace croupier::actors
