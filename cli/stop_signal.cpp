#include "cli/stop_signal.hpp"

#include "cli/exit_code.hpp"

#include <csignal>
#include <pthread.h>
#include <unistd.h>

namespace croupier::cli {
namespace {

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

} // namespace

void take_over_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

stop_signal::stop_signal(std::function<void(const char*)> say) : say_(std::move(say)), watcher_([this] { watch(); }) {}

stop_signal::~stop_signal() {
  ended_ = true;
  pthread_kill(watcher_.native_handle(), SIGINT); // any of the signals that it waits for
  watcher_.join();
}

void stop_signal::serving() {
  const std::lock_guard lock(mutex_);
  serving_ = true;
}

void stop_signal::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return asked_; });
}

void stop_signal::watch() {
  const sigset_t signals = stop_signals();
  for (int number = 0; sigwait(&signals, &number) == 0 && !ended_;) {
    const std::lock_guard lock(mutex_);
    if (!serving_) {
      say_("asked to stop while starting; nothing has been taken in");
      _exit(static_cast<int>(exit_code::success));
    }
    if (asked_) {
      say_("asked to stop again: ending at once; the next start replays what was committed");
      _exit(static_cast<int>(exit_code::forced));
    }
    say_(number == SIGINT ? "stopping: SIGINT" : "stopping: SIGTERM");
    asked_ = true;
    changed_.notify_all();
  }
}

} // namespace croupier::cli
