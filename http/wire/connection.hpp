#pragma once

#include "http/admission.hpp"
#include "http/wire/body_decoder.hpp"
#include "http/wire/request_head.hpp"
#include "http/wire/transport.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace croupier::http::wire {

/// What a connection is waiting for, or doing.
enum class phase : std::uint8_t {
  handshake, ///< of TLS
  idle,      ///< between requests: nothing is owed
  head,      ///< a request has begun
  body,
  waiting, ///< for an answer that others are working on
  writing, ///< an answer is going out
  draining ///< the last answer is out; what the client still sends is dropped, so that it can read the answer
};

/// One client's connection. It belongs to one thread at a time: the worker that serves it, or the lobby while it is
/// parked. Only `io.abort()` may be called by others.
struct connection {
  connection(std::uint64_t number, int socket, const tls_context* tls, std::string peer)
      : id(number), remote_ip(std::move(peer)), io(socket, tls), at(tls == nullptr ? phase::idle : phase::handshake) {}

  using time_point = std::chrono::steady_clock::time_point;

  const std::uint64_t id;
  const std::string remote_ip;
  transport io;
  phase at;
  time_point deadline; ///< of the phase

  std::string in; ///< what was read; what is not used yet begins at `in_begin`
  std::size_t in_begin = 0;
  std::string out; ///< what is to be written; what is not written yet begins at `out_begin`
  std::size_t out_begin = 0;
  bool input_ended = false; ///< the client has closed its side; it may still read

  head_scanner scanner;
  std::string head_text; ///< what `head` points into
  request_head head;
  ticket admitted;
  body_decoder decoder;
  std::string body;
  std::shared_ptr<pending_answer> pending; ///< while waiting; under `pending_mutex`
  std::mutex pending_mutex;                ///< whoever is woken may be faster than the thread that asked to be woken
  time_point answer_began;                 ///< when the handler was called
  std::uint64_t sent_bytes = 0;            ///< of streamed answers
  std::uint64_t drained_bytes = 0;         ///< read and dropped behind the last answer
  bool close_after_answer = false;
  bool drain_before_close = false; ///< the client may still be sending

  /// The hand-over: while it is parked, whoever brings it to "not parked" owns it. Each parking has a number of its
  /// own, and its deadline and phase are told beside it, so that the lobby can judge it without owning it.
  struct parking {
    std::atomic<std::uint64_t> number{0}; ///< 0: not parked
    std::atomic<time_point::rep> deadline{0};
    std::atomic<phase> at{phase::idle};
    std::uint64_t last_number = 0; ///< of the owner
  };
  parking parked;
  bool expired = false; ///< the lobby found the deadline passed

  std::string_view unread() const noexcept { return std::string_view(in).substr(in_begin); }
  void consume(std::size_t bytes) noexcept {
    in_begin += bytes;
    if (in_begin < in.size()) return;
    in.clear();
    in_begin = 0;
  }
};

} // namespace croupier::http::wire
