#pragma once

#include "engine/result.hpp"
#include "http/metrics.hpp"
#include "http/wire/connection.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace croupier::http::wire {

struct lobby_options {
  std::size_t connections_max = 10'000;
  std::chrono::milliseconds handshake_timeout{10'000};
  std::chrono::milliseconds idle_timeout{60'000};
  std::shared_ptr<const tls_context> tls; ///< null: none
};

/// Where connections are while nobody serves them: one thread accepts new ones, waits for all the parked ones to become
/// readable or writable, and ends those that are too late. A thousand idle or slow clients so cost no thread.
class lobby {
public:
  /// `ready` is given a connection that has something to read or write, or has expired in the middle of a request; it
  /// owns it until it parks or closes it. Called from the lobby's thread: it must not block.
  lobby(const lobby_options& options, metrics::counters& counters,
        std::function<void(std::shared_ptr<connection>)> ready);
  ~lobby();
  lobby(const lobby&) = delete;
  lobby& operator=(const lobby&) = delete;

  /// Starts accepting on a bound, listening socket, which it owns from now on. Once.
  void open(int listening_socket);

  /// Gives a connection back until it is readable (or writable), or `deadline` of its phase has passed. The caller does
  /// not touch it afterwards.
  void park(const std::shared_ptr<connection>& guest, bool for_writing);

  /// Gives a connection up until somebody takes it back or the deadline of its phase has passed; what the client sends
  /// meanwhile stays where it is. The caller does not touch it afterwards, unless it takes it back.
  void hold(connection& guest) noexcept;

  /// Takes a connection that is parked or held; false: it is neither, or somebody else was faster. From any thread.
  bool take(connection& guest) noexcept;

  /// Ends a connection that the caller owns.
  void close(const std::shared_ptr<connection>& guest);

  /// Closes the listening socket and all connections that are owed nothing. Those that have begun a request or are
  /// being answered go on.
  void stop_accepting();
  bool stopping() const noexcept { return stopping_.load(std::memory_order_relaxed); }

  /// Waits until no connection is left, at most for `grace`; then aborts those that are, and waits for their workers.
  void finish(std::chrono::milliseconds grace);

private:
  using time_point = connection::time_point;

  void run();
  void handle_event(std::uint64_t id, time_point now);
  void accept_all(time_point now);
  bool accept_one(time_point now);
  void refuse(int socket) noexcept;
  void shed_one() noexcept;
  void sweep(time_point now);
  void expire(const std::shared_ptr<connection>& guest, time_point now);
  void wake() noexcept;
  void close_listener() noexcept;

  const lobby_options options_;
  metrics::counters& counters_;
  const std::function<void(std::shared_ptr<connection>)> ready_;

  int epoll_ = -1;
  int wake_ = -1;
  int listener_ = -1;
  int spare_ = -1; ///< given up for a moment to refuse a client when descriptors have run out
  std::uint64_t next_id_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> finished_{false};
  std::thread thread_;

  std::mutex mutex_;
  std::condition_variable emptied_;
  std::unordered_map<std::uint64_t, std::shared_ptr<connection>> guests_; ///< all connections, by id
};

} // namespace croupier::http::wire
