#pragma once

#include "engine/result.hpp"
#include "engine/workspace.hpp"
#include "http/metrics.hpp"
#include "http/route.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace spdlog {
class logger;
}

namespace croupier::http {

struct server_options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;                              ///< 0: any free one
  std::string tls_certificate_path;                    ///< PEM, the whole chain; empty: no TLS
  std::string tls_key_path;                            ///< PEM
  std::size_t worker_threads_max = 256;                ///< at least 4; a quarter of them may be held by streams
  std::size_t connections_max = 10'000;                ///< further clients are answered 503 and closed
  std::uint32_t rate_limit_per_minute = 0;             ///< requests of one key; 0: no limit
  key_environment environment = key_environment::live; ///< keys of another one are unknown

  std::chrono::milliseconds keep_alive_timeout{60'000}; ///< for the next (or first) request of a connection
  std::chrono::milliseconds header_timeout{10'000};     ///< from the first byte of a head to its last; TLS handshakes
  std::chrono::milliseconds body_timeout{30'000};       ///< for a whole body; for a streamed one between two pieces
  std::chrono::milliseconds write_timeout{30'000};      ///< for a whole answer; for a streamed one for each piece
  std::chrono::milliseconds request_deadline{10'000};   ///< what handlers are given to answer
  std::chrono::milliseconds linger{100};        ///< a thread stays with its client for this long, if others are free
  std::chrono::milliseconds stop_grace{10'000}; ///< `stop` waits this long for requests that have begun

  std::shared_ptr<spdlog::logger> access_log; ///< one line a request, at level info; null: none
};

/// The HTTP/1.1 server: connections, framing, TLS, time limits, routing, keys, rate limits, access log. Handlers come
/// with the route table and are called from many threads at once.
///
/// Operation: clients that are silent or slow wait in one thread's epoll; a request whose head (and body, unless the
///   route streams) is complete gets a thread. See README.md in this folder.
/// Limitations: HTTP/1.1 and 1.0 (always closed); no trailers, no upgrade, no byte ranges.
class server {
public:
  /// `current_workspace` gives the published configuration, never null, from any thread. `counters` belong to this
  /// server alone and may be read by its own handlers.
  server(server_options options, std::vector<route> routes,
         std::function<std::shared_ptr<const workspace>()> current_workspace, std::shared_ptr<metrics> counters);
  /// Stops.
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Binds, listens and serves; gives the port. The error is one line. Once. SIGPIPE is ignored from then on.
  result<std::uint16_t, std::string> start();

  /// Takes no more clients, lets requests that have begun finish for up to `stop_grace`, then ends all connections.
  /// Returns when no handler runs any more. Once; not from a handler.
  void stop();

  server_figures figures() const noexcept;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace croupier::http
