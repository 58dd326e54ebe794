#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace croupier::http::wire {

struct connection;

/// Threads that serve connections: started when there is work and none is free, ended when they had none for a while.
///
/// Operation: as many threads as there are processors work through the queue; waking one more for each job would cost
///   more than most jobs. A thread that is about to wait for something says so (`blocking_section`), and another takes
///   its place. The one that went idle last works first, so that a quiet server keeps few threads and warm caches.
class worker_pool {
public:
  using job = std::shared_ptr<connection>;

  /// `work` is called by the pool's threads and does not throw. `threads_max` is at least 1.
  worker_pool(std::size_t threads_max, std::function<void(job)> work, std::atomic<std::uint64_t>& thread_count);
  ~worker_pool();
  worker_pool(const worker_pool&) = delete;
  worker_pool& operator=(const worker_pool&) = delete;

  /// Never blocks for long: a job that finds no free thread waits in a queue. From any thread.
  void submit(job next);

  /// While it lives, its thread, one of the pool's, may wait: others run in its place.
  class blocking_section {
  public:
    explicit blocking_section(worker_pool& pool);
    ~blocking_section();
    blocking_section(const blocking_section&) = delete;
    blocking_section& operator=(const blocking_section&) = delete;

  private:
    worker_pool& pool_;
  };

  /// Whether a worker may wait for its client's next request instead of giving the thread back: when so few clients are
  /// busy that each can have a processor.
  bool may_linger() const noexcept;

  /// Ends all threads when their jobs are done, the queue included. Nothing is submitted afterwards.
  void stop();

private:
  struct idle_worker {
    std::condition_variable wake;
    bool called = false;
  };

  // All with the mutex held.
  void call_one();
  bool start_thread();
  void join_finished(std::vector<std::thread>& finished);

  void run();
  job next_job();

  const std::size_t threads_max_;
  const std::size_t running_max_;
  const std::function<void(job)> work_;
  std::atomic<std::uint64_t>& thread_count_;
  std::atomic<std::size_t> engaged_{0}; ///< threads that are not idle, waiting ones included
  std::atomic<std::size_t> waiting_{0}; ///< jobs in the queue

  std::mutex mutex_;
  std::size_t running_ = 0; ///< threads that are called or working, and not in a blocking section
  std::deque<job> queue_;
  std::vector<idle_worker*> idle_;
  std::vector<std::thread> threads_;
  std::vector<std::thread::id> finished_;
  bool stopping_ = false;
};

} // namespace croupier::http::wire
