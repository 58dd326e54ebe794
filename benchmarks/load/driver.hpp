#pragma once

#include "benchmarks/load/generator.hpp"

#include <sys/epoll.h>

#include <deque>
#include <memory>
#include <random>

namespace croupier::load {

/// One thread of the generator: its connections, its arrivals, its figures.
class driver {
public:
  using clock = std::chrono::steady_clock;

  /// `connections` and `rate_per_s` are this thread's share of the plan's.
  driver(const plan& what, std::size_t connections, double rate_per_s, std::uint64_t seed, const channel_maker& connect,
         caller& calls);
  ~driver();
  driver(const driver&) = delete;
  driver& operator=(const driver&) = delete;

  /// Makes the connections and waits for them, at most ten seconds; gives how many are there.
  std::size_t connect_all();
  /// Runs the load to its end, from now.
  void run();

  /// Adds the figures of the run to a report whose outcomes are those of the plan.
  void add_to(report& all) const;

private:
  enum class state : std::uint8_t { closed, connecting, ready };

  struct flight {
    request what;
    clock::time_point due;
    clock::time_point issued;
  };

  /// A connection with what it has in flight: a ring, oldest first.
  struct link {
    std::unique_ptr<channel> line;
    state now = state::closed;
    bool wants_write = false;
    std::vector<flight> ring;
    std::size_t first = 0;
    std::size_t count = 0;

    flight& at(std::size_t i) { return ring[(first + i) % ring.size()]; }
  };

  struct pause {
    clock::time_point until;
    std::size_t link;
    std::size_t slots;
  };

  class hearer; // takes the answers of one link

  void begin_connect(std::size_t index);
  void connected(std::size_t index);
  void flush(std::size_t index);
  void watch(std::size_t index, bool write);
  void on_event(std::size_t index, std::uint32_t events);
  void on_readable(std::size_t index);
  void answered(std::size_t index, const answer& got);
  void lose(std::size_t index, loss why);
  void shut(std::size_t index);

  bool something_due(clock::time_point now, clock::time_point& due);
  void pump();
  bool issue(std::size_t index, clock::time_point due, clock::time_point now);
  void make_due(clock::time_point now);
  void tick(clock::time_point now);
  bool finished(clock::time_point now) const;
  int wait_for_events(clock::time_point now);

  const plan& plan_;
  double rate_per_s_;
  std::mt19937_64 random_;
  caller& caller_;
  std::vector<link> links_;
  std::vector<epoll_event> events_;
  int epoll_ = -1;

  std::deque<std::size_t> idle_; ///< a link for each of its free places
  std::vector<pause> paused_;
  std::deque<clock::time_point> due_;
  clock::time_point next_arrival_;
  clock::time_point stop_at_ = clock::time_point::max();
  clock::time_point give_up_at_ = clock::time_point::max();
  clock::time_point next_tick_;
  clock::time_point last_progress_;
  clock::time_point last_answer_;
  std::size_t in_flight_ = 0;
  bool exhausted_ = false;

  report figures_;
};

} // namespace croupier::load
