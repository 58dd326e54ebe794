#pragma once

#include "http/admission.hpp"
#include "http/metrics.hpp"
#include "http/server.hpp"
#include "http/wire/answer_writer.hpp"
#include "http/wire/connection.hpp"
#include "http/wire/lobby.hpp"
#include "http/wire/worker_pool.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

namespace croupier::http::wire {

/// Counts a thread that is held by a stream for as long as it is; not more than so many may be.
class stream_place {
public:
  stream_place(std::atomic<std::uint64_t>& open, std::size_t most) : open_(open), taken_(open.fetch_add(1) < most) {
    if (!taken_) open_.fetch_sub(1);
  }
  ~stream_place() {
    if (taken_) open_.fetch_sub(1);
  }
  stream_place(const stream_place&) = delete;
  stream_place& operator=(const stream_place&) = delete;
  bool taken() const noexcept { return taken_; }

private:
  std::atomic<std::uint64_t>& open_;
  bool taken_;
};

/// Lets a connection go on that waits for its answer. It outlives the driver in the hands of those who work on answers,
/// some of which nobody waits for any more.
class resumer {
public:
  explicit resumer(lobby& home, worker_pool& pool) : lobby_(&home), pool_(&pool) {}
  /// From any thread.
  void resume(const std::shared_ptr<connection>& guest);
  /// The server ends: nothing goes on any more.
  void end() noexcept;

private:
  std::mutex mutex_;
  lobby* lobby_;
  worker_pool* pool_;
};

/// Takes a connection from step to step: handshake, head, body, handler, answer, next head. A step that would have to
/// wait gives the thread back; only streamed bodies and answers hold it. All members from any thread, one connection in
/// one thread at a time.
class driver {
public:
  /// Everything is held by the server and outlives this.
  driver(const server_options& options, admission& gate, answer_writer& writer, metrics& counters);

  /// Set before the first connection is served.
  void belong_to(lobby& home, worker_pool& pool);

  /// No connection is left, and those who still work on answers are not listened to.
  void end() noexcept { resumer_->end(); }

  /// Goes on with a connection until it has to wait, then parks it; or until it ends. Does not throw.
  void serve(const std::shared_ptr<connection>& guest) noexcept;

private:
  using clock = std::chrono::steady_clock;

  /// What a step needs to go on.
  enum class need : std::uint8_t { nothing, input, output, end };

  need advance(connection& guest);
  need shake_hands(connection& guest);
  need read_head(connection& guest);
  need begin_request(connection& guest, std::size_t head_bytes, const std::optional<head_problem>& problem);
  need begin_body(connection& guest);
  need read_body(connection& guest);
  void refuse_body(connection& guest);
  need expire(connection& guest);
  need answer(connection& guest);
  /// Puts the answer that the connection waits for, or leaves the connection to whoever brings it (nothing).
  std::optional<need> collect(const std::shared_ptr<connection>& guest);
  need give_up(connection& guest);
  need put(connection& guest, response& out);
  response respond(connection& guest, std::optional<stream_place>& place);
  bool send(connection& guest, response& out);
  void tell(const connection& guest, int status, std::uint64_t bytes, clock::time_point began);
  need write_out(connection& guest);
  need after_answer(connection& guest);
  need drain(connection& guest);

  need fill(connection& guest);
  need flush(connection& guest);
  bool linger(connection& guest, need what) const;

  const server_options& options_;
  admission& gate_;
  answer_writer& writer_;
  metrics& counters_;
  const std::size_t streams_max_;
  lobby* lobby_ = nullptr;
  worker_pool* pool_ = nullptr;
  std::shared_ptr<resumer> resumer_;
};

} // namespace croupier::http::wire
