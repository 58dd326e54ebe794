#pragma once

#include "http/metrics.hpp"
#include "http/route.hpp"
#include "http/wire/connection.hpp"

#include <chrono>
#include <string>
#include <string_view>

/// Reading and writing that holds the thread, for bodies and answers that are streamed.
namespace croupier::http::wire {

/// Waits until the socket is readable (or writable) or the time has passed; false then.
bool wait_for(const transport& io, bool for_writing, std::chrono::milliseconds at_most) noexcept;

enum class fill_outcome : std::uint8_t { filled, wants_read, wants_write, ended, failed };

/// Reads what is there, at most 64 KiB, behind what is unread.
fill_outcome fill_buffer(connection& guest);

/// Writes all of `out` before the time has passed. A client that does not read is counted.
bool flush_all(connection& guest, std::chrono::milliseconds at_most, metrics::counters& counters);

/// A body that its handler reads. Its decoder has been started.
class stream_reader final : public body_reader {
public:
  stream_reader(connection& guest, std::chrono::milliseconds timeout, metrics::counters& counters)
      : guest_(guest), timeout_(timeout), counters_(counters) {}

  std::string_view next() override;
  bool failed() const noexcept override { return failed_; }

private:
  bool wait_for_more();
  void fail(std::atomic<std::uint64_t>* counter) noexcept;

  connection& guest_;
  std::chrono::milliseconds timeout_;
  metrics::counters& counters_;
  std::string piece_;
  bool failed_ = false;
};

/// The interim answer that lets a client send its body, if it waits for it and has not sent any.
void invite_body(connection& guest);

} // namespace croupier::http::wire
