#pragma once

#include "benchmarks/load/channel.hpp"
#include "benchmarks/load/report.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace croupier::load {

/// Makes the requests of one generator thread and judges their answers. Each thread has its own, so nothing in it needs
/// a lock.
class caller {
public:
  virtual ~caller() = default;

  /// Fills in the next request; false: there are no more. `next` still holds what it was filled with the last time.
  virtual bool next(request& to_fill) = 0;
  /// The index in `plan::outcomes` of what this answer is.
  virtual std::size_t judge(const request& sent, const answer& got) = 0;
  /// No answer came; whether the request was carried out is unknown, except after loss::refused.
  virtual void lost(const request& sent, loss why) = 0;
};

enum class arrivals : std::uint8_t {
  closed, ///< each connection sends its next request as soon as the answer is in
  fixed,  ///< requests fall due at equal intervals, whether or not answers come
  poisson ///< requests fall due at random, independent of each other and of the answers
};

struct plan {
  std::size_t connections = 64;
  std::size_t in_flight_per_connection = 1; ///< more than 1 only for channels that can pipeline
  arrivals pace = arrivals::closed;
  double rate_per_s = 0;               ///< of all threads together; unless closed
  std::chrono::nanoseconds duration{}; ///< 0: until the callers have no more requests
  std::chrono::milliseconds answer_timeout{10'000};
  bool connection_per_request = false; ///< connect anew for every request; the latency includes it
  std::vector<std::string> outcomes{"answered"};
  std::uint64_t seed = 1; ///< of Poisson arrivals
};

/// Runs the load and blocks until every request that was sent is answered or lost.
///
/// Connections are made before the clock starts, unless each request makes its own. Latency counts from the moment that
/// the request was due: in an open loop that is the arrival, however long it then waited for a free connection, so a
/// server that stalls cannot hide it. An open loop stops arrivals after `duration`, then has `answer_timeout` to work
/// off what is due; the rest is reported as unsent. A connection that is lost is made again for its next request; one
/// that is refused waits 20 ms. Each caller gets a thread and its share of connections and arrivals. Throws
/// std::runtime_error when no connection can be made at the start.
report run(const plan& what, const channel_maker& connect, std::span<caller* const> callers);
/// The same with one thread.
report run(const plan& what, const channel_maker& connect, caller& calls);

} // namespace croupier::load
