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
/// The one that went idle last works first, so that a quiet server keeps few threads and warm caches.
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

  /// Whether a worker may wait for its client's next request instead of giving the thread back: a quarter of the
  /// threads is kept for those who have work.
  bool may_linger() const noexcept;

  /// Ends all threads when their jobs are done, the queue included. Nothing is submitted afterwards.
  void stop();

private:
  struct idle_worker {
    std::condition_variable wake;
    job next;
  };

  bool start_thread(const job& first);
  void enqueue(job next);
  void run(job first);
  job next_job();
  void join_finished(std::vector<std::thread>& finished);

  const std::size_t threads_max_;
  const std::function<void(job)> work_;
  std::atomic<std::uint64_t>& thread_count_;
  std::atomic<std::size_t> busy_{0};    ///< threads with a job
  std::atomic<std::size_t> waiting_{0}; ///< jobs without a thread

  std::mutex mutex_;
  std::deque<job> queue_;
  std::vector<idle_worker*> idle_;
  std::vector<std::thread> threads_;
  std::vector<std::thread::id> finished_;
  bool stopping_ = false;
};

} // namespace croupier::http::wire
