#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace croupier::cli {

/// SIGTERM and SIGINT, taken by a thread of its own so that no work is ever done in a signal handler.
///
/// The first signal while the server starts ends the process at once: nothing has been promised yet. The first one
/// while it serves releases `wait`. Any further one ends the process at once, with exit_code::forced.
///
/// Made before all other threads, which inherit that the signals are blocked; lives as long as the process.
class stop_signal {
public:
  /// `say` is called on the thread of the signals with what is about to happen.
  explicit stop_signal(std::function<void(const char*)> say);
  ~stop_signal();
  stop_signal(const stop_signal&) = delete;
  stop_signal& operator=(const stop_signal&) = delete;

  /// The server serves: from now on a signal asks for an orderly stop.
  void serving();

  /// Blocks until the first signal. After `serving`.
  void wait();

private:
  void watch();

  std::function<void(const char*)> say_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool serving_ = false;
  bool asked_ = false;
  std::atomic<bool> ended_{false};
  std::thread watcher_;
};

/// Blocks the signals of `stop_signal` for this thread and all that it starts, and ignores SIGPIPE. First thing in
/// main.
void take_over_signals();

} // namespace croupier::cli
