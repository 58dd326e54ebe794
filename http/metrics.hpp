#pragma once

#include "http/key_usage.hpp"
#include "http/route.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace croupier::http {

/// What the server counts beside its requests. Each one is exact; together they are not one instant.
struct server_figures {
  std::uint64_t connections_open = 0;   ///< now
  std::uint64_t connections_parked = 0; ///< of these, waiting without a thread
  std::uint64_t workers = 0;            ///< threads that serve, now
  std::uint64_t streams_open = 0;       ///< requests and answers of unknown length that hold a thread, now
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0; ///< too many were open, or the process was out of descriptors
  std::uint64_t requests = 0;            ///< answered, refusals included
  std::uint64_t header_timeouts = 0;     ///< a request head (or TLS handshake) that came too slowly
  std::uint64_t body_timeouts = 0;
  std::uint64_t write_timeouts = 0; ///< a client that did not read its answer
  std::uint64_t idle_timeouts = 0;  ///< kept-alive connections without a request: not an error
  std::uint64_t framing_errors = 0; ///< requests whose bounds could not be trusted
  std::uint64_t tls_failures = 0;   ///< handshakes that failed
};

/// The counters of the HTTP side. The server writes them, `/metrics` reads them. All members from any thread; recording
/// costs a few relaxed atomic additions.
class metrics {
public:
  /// The route index of requests that matched none.
  static constexpr std::size_t unmatched = 0;

  static constexpr std::array<std::uint32_t, 14> latency_bounds_us{
      100, 250, 500, 1'000, 2'500, 5'000, 10'000, 25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 5'000'000};

  metrics();

  /// Makes room for a table's routes: route i is recorded as i + 1. Called once, before anything is recorded.
  void expect_routes(const std::vector<route>& routes);

  /// One answer: `took` is from the complete request to the answer handed to the socket.
  void record(std::size_t route_index, int status, std::chrono::microseconds took) noexcept;

  /// How often the route answered with the status (0 for a status that is not told apart).
  std::uint64_t answered(std::size_t route_index, int status) const noexcept;

  server_figures figures() const noexcept;

  /// Appends every `croupier_http_...` metric in Prometheus' text format.
  void write_prometheus(std::string& out) const;

  /// Live counters of the connection machinery; `figures()` reads them.
  struct counters {
    std::atomic<std::uint64_t> connections_open{0};
    std::atomic<std::uint64_t> connections_parked{0};
    std::atomic<std::uint64_t> workers{0};
    std::atomic<std::uint64_t> streams_open{0};
    std::atomic<std::uint64_t> connections_accepted{0};
    std::atomic<std::uint64_t> connections_refused{0};
    std::atomic<std::uint64_t> header_timeouts{0};
    std::atomic<std::uint64_t> body_timeouts{0};
    std::atomic<std::uint64_t> write_timeouts{0};
    std::atomic<std::uint64_t> idle_timeouts{0};
    std::atomic<std::uint64_t> framing_errors{0};
    std::atomic<std::uint64_t> tls_failures{0};
  };
  counters live;

  key_usage keys; ///< when each API key was last let in

private:
  /// Statuses that are told apart; every other one is counted as 0.
  static constexpr std::array<std::uint16_t, 28> statuses_{200, 201, 202, 204, 302, 304, 400, 401, 403, 404,
                                                           405, 408, 409, 410, 412, 413, 414, 415, 417, 422,
                                                           429, 431, 500, 501, 502, 503, 504, 505};
  static std::size_t status_index(int status) noexcept;

  struct of_route {
    std::string method;
    std::string pattern;
    std::array<std::atomic<std::uint64_t>, statuses_.size() + 1> by_status{};
    std::array<std::atomic<std::uint64_t>, latency_bounds_us.size() + 1> by_latency{};
    std::atomic<std::uint64_t> latency_sum_us{0};
  };
  std::vector<std::unique_ptr<of_route>> routes_;
};

} // namespace croupier::http
