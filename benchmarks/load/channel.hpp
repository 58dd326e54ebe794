#pragma once

#include "benchmarks/load/request.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace croupier::load {

/// Hears of every whole answer, in the order of the requests of its channel.
class answer_sink {
public:
  virtual ~answer_sink() = default;
  virtual void answered(const answer& got) = 0;
};

/// One connection to a server, without blocking: what the generator drives. HTTP is one kind; a database's own protocol
/// can be another, so that both are measured by the same clock and loop. Used by one thread.
class channel {
public:
  enum class io : std::uint8_t {
    done,      ///< all that was asked for is done
    pending,   ///< the socket is full, or still connecting: to be continued when it is writable
    closed,    ///< the connection is gone, or closes after the answer that was handed over last
    malformed, ///< what came is not the protocol
    cut        ///< the request asked for its connection to be cut now
  };

  virtual ~channel() = default;

  /// Starts to connect. After `done` and `pending`, `descriptor()` can be waited for.
  virtual io connect() = 0;
  virtual io continue_connect() = 0;
  virtual int descriptor() const noexcept = 0;
  /// Takes a request to be sent by the next `flush`. The request stays where it is until it is answered or lost.
  virtual void queue(const request& next) = 0;
  /// Sends what is queued, or as much of it as the socket takes.
  virtual io flush() = 0;
  /// Reads what is there without waiting and hands over every answer that is whole. Never `pending`.
  virtual io receive(answer_sink& sink) = 0;
  /// Closes the connection, if there is one; `connect` may be called again.
  virtual void close() noexcept = 0;
};

/// Makes the channels of a run; called once for each connection, before the run starts.
using channel_maker = std::function<std::unique_ptr<channel>()>;

} // namespace croupier::load
