#pragma once

#include "actors/gateway.hpp"
#include "http/route.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace croupier::http::deliver {

struct stream_options {
  std::size_t streams_max = 32; ///< each holds a thread of the server; further ones are answered 503
  std::chrono::milliseconds heartbeat{15'000};
  /// A reader that takes longer than this for one piece (some 32 KiB) is told its position and dropped.
  std::chrono::milliseconds slow_after{10'000};
};

/// Committed entries as server-sent events: each has its sequence as `id`, its kind as `event`, and its JSON
/// (entry_json.hpp) as `data`. A reader resumes with `from`, or with the `Last-Event-ID` that browsers send by
/// themselves.
///
/// Operation: a stream keeps no entries: it reads the journal from its position, a piece at a time, so however far a
///   reader is behind costs disk reads and no memory. While it has nothing to say it waits for the next commit.
///   The key is asked again at each piece, so a key that is revoked ends its streams.
/// Concurrency: all members from any thread.
class entry_streams {
public:
  /// The ledger outlives this.
  entry_streams(const actors::gateway& ledger, const stream_options& options);
  ~entry_streams();
  entry_streams(const entry_streams&) = delete;
  entry_streams& operator=(const entry_streams&) = delete;

  /// Answers `GET /admin/v1/stream`.
  response open(const request& req);

  /// Ends all streams with a last event that tells each its position. Before the server is stopped, which would
  /// otherwise wait for them. New ones are refused from then on.
  void stop();

  void write_prometheus(std::string& out) const;

private:
  struct place;
  struct reader;

  enum class step : std::uint8_t { sent, idle, gone, slow };

  void run(body_writer& out, reader from);
  const char* serve(body_writer& out, reader& from);
  step send(body_writer& out, reader& from, const std::string& piece);
  std::string collect(reader& from);
  bool key_holds(const reader& from) const;
  void wait(const reader& from);

  const actors::gateway& ledger_;
  const stream_options options_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable stopped_;
  std::atomic<std::uint64_t> open_{0};
  std::atomic<std::uint64_t> opened_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> entries_{0};
};

/// Appends the stream's route. The service outlives it.
void add_stream_route(std::vector<route>& table, entry_streams& streams);

} // namespace croupier::http::deliver
