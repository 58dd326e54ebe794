#include "http/wire/worker_pool.hpp"

#include "engine/check.hpp"
#include "http/wire/connection.hpp"

#include <algorithm>
#include <system_error>

namespace croupier::http::wire {

namespace {

constexpr std::chrono::seconds idle_thread_ends_after{10};

} // namespace

worker_pool::worker_pool(std::size_t threads_max, std::function<void(job)> work,
                         std::atomic<std::uint64_t>& thread_count)
    : threads_max_(threads_max),
      running_max_(std::max(2U, std::thread::hardware_concurrency())),
      work_(std::move(work)),
      thread_count_(thread_count) {
  CROUPIER_ASSERT(threads_max_ > 0, "a pool has at least one thread");
}

worker_pool::~worker_pool() {
  stop();
}

void worker_pool::submit(job next) {
  std::vector<std::thread> finished;
  {
    const std::scoped_lock lock(mutex_);
    queue_.push_back(std::move(next));
    waiting_.fetch_add(1, std::memory_order_relaxed);
    join_finished(finished);
    call_one();
  }
  for (auto& thread : finished) thread.join();
}

/// Lets one more thread look into the queue, if there is something in it and not enough of them run already.
void worker_pool::call_one() {
  if (queue_.empty() || running_ >= running_max_) return;
  if (!idle_.empty()) {
    auto* worker = idle_.back();
    idle_.pop_back();
    worker->called = true;
    worker->wake.notify_one(); // under the lock: the worker's place ends with its thread
    ++running_;
  } else if (threads_.size() - finished_.size() < threads_max_ && start_thread()) {
    ++running_;
  }
}

/// False when the system gives no more threads; those that run will come to the job.
bool worker_pool::start_thread() {
  try {
    threads_.emplace_back([this] { run(); });
    thread_count_.fetch_add(1, std::memory_order_relaxed);
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

worker_pool::blocking_section::blocking_section(worker_pool& pool) : pool_(pool) {
  const std::scoped_lock lock(pool_.mutex_);
  --pool_.running_;
  pool_.call_one();
}

worker_pool::blocking_section::~blocking_section() {
  const std::scoped_lock lock(pool_.mutex_);
  ++pool_.running_; // for a moment one too many may run
}

bool worker_pool::may_linger() const noexcept {
  return waiting_.load(std::memory_order_relaxed) == 0 && engaged_.load(std::memory_order_relaxed) <= running_max_;
}

void worker_pool::stop() {
  std::vector<std::thread> all;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    for (auto* worker : idle_) worker->wake.notify_one();
    all.swap(threads_);
    finished_.clear();
  }
  for (auto& thread : all) thread.join();
}

void worker_pool::run() {
  engaged_.fetch_add(1, std::memory_order_relaxed);
  while (auto now = next_job()) work_(std::move(now));
  engaged_.fetch_sub(1, std::memory_order_relaxed);
  thread_count_.fetch_sub(1, std::memory_order_relaxed);
}

/// Null: the thread ends.
worker_pool::job worker_pool::next_job() {
  std::unique_lock lock(mutex_);
  while (queue_.empty()) {
    --running_;
    idle_worker self;
    if (!stopping_) {
      engaged_.fetch_sub(1, std::memory_order_relaxed);
      idle_.push_back(&self);
      self.wake.wait_for(lock, idle_thread_ends_after, [&] { return self.called || stopping_; });
      engaged_.fetch_add(1, std::memory_order_relaxed);
    }
    if (self.called) continue; // whoever called it has counted it as running
    std::erase(idle_, &self);
    if (!stopping_) finished_.push_back(std::this_thread::get_id());
    return nullptr;
  }
  auto next = std::move(queue_.front());
  queue_.pop_front();
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  return next;
}

/// Takes out the threads that are done or about to be, for joining outside the lock.
void worker_pool::join_finished(std::vector<std::thread>& finished) {
  for (const auto id : finished_) {
    const auto found = std::find_if(threads_.begin(), threads_.end(), [&](const auto& t) { return t.get_id() == id; });
    finished.push_back(std::move(*found));
    threads_.erase(found);
  }
  finished_.clear();
}

} // namespace croupier::http::wire
