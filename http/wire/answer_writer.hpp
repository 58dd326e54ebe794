#pragma once

#include "engine/result.hpp"
#include "http/route.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace croupier::http::wire {

/// Binds the port and puts answers on the wire: the part that cpp-httplib does for us. All members from any thread.
///
/// Requests do not pass through it. Its own reading of them cannot be trusted with hostile clients (0.11.4 decodes
/// escapes in header values, takes any text that `strtoul` takes for a chunk size, reads to the end of the connection
/// when a length is missing, and cuts query values at their second '='), so it is only told whether an answer is owed
/// to a HEAD and whether the connection ends.
class answer_writer {
public:
  explicit answer_writer(std::chrono::seconds keep_alive_timeout);
  ~answer_writer();
  answer_writer(const answer_writer&) = delete;
  answer_writer& operator=(const answer_writer&) = delete;

  struct listening {
    int socket = -1;
    std::uint16_t port = 0;
  };

  /// Binds and listens; port 0 takes any free one. The caller owns the socket. The error is one line.
  result<listening, std::string> listen(const std::string& host, std::uint16_t port);

  struct circumstances {
    bool to_head = false;  ///< no body, but the headers of one
    bool http_1_0 = false; ///< a body of unknown length ends with the connection
    bool closing = false;  ///< `Connection: close`
  };

  /// Appends the whole answer to `out`; it is used up. A streamed body is sent on by `flush` after every piece, which
  /// tells whether the client still reads. False when a streamed body was cut short: the connection must end.
  bool write(response& answer, const circumstances& when, std::string& out, const std::function<bool()>& flush);

private:
  class library;
  std::unique_ptr<library> library_;
};

} // namespace croupier::http::wire
