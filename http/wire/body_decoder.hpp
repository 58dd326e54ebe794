#pragma once

#include "http/wire/request_head.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace croupier::http::wire {

/// Takes a body's payload out of its transfer framing (a length, or chunks), strictly: a chunk size is hex digits and
/// nothing else, lines end in CRLF, extensions and trailers are bounded and dropped.
class body_framing {
public:
  void start_length(std::uint64_t bytes) noexcept;
  void start_chunked() noexcept;

  /// Skips framing at the front of `raw` and gives the payload that follows there, empty when none has come.
  std::string_view payload(std::string_view& raw) noexcept;
  /// The first `bytes` of what `payload` gave are used up.
  void take(std::string_view& raw, std::size_t bytes) noexcept;

  bool complete() const noexcept { return state_ == state::complete; }
  bool broken() const noexcept { return state_ == state::broken; }

private:
  enum class state : std::uint8_t {
    data,    ///< of a length, or of one chunk
    data_cr, ///< the CRLF behind a chunk
    data_lf,
    size_begin, ///< at the first digit
    size,
    extension,
    size_lf,
    trailer_begin, ///< at the start of a line
    trailer,
    trailer_lf,
    end_lf, ///< of the blank line
    complete,
    broken
  };

  state step(char c) noexcept;
  state step_size(char c) noexcept;
  state after_size() const noexcept { return remaining_ == 0 ? state::trailer_begin : state::data; }

  std::uint64_t remaining_ = 0;   ///< payload bytes of the length or the chunk
  std::size_t digits_ = 0;        ///< of the chunk size so far
  std::size_t overhead_left_ = 0; ///< bytes that extensions and trailers may still take
  bool chunked_ = false;
  state state_ = state::complete;
};

/// Decodes a body as it comes: framing, then gzip if it has that, within a limit on what comes out.
class body_decoder {
public:
  enum class state : std::uint8_t {
    more,        ///< give more, or call again for more room
    done,        ///< the whole body has come out
    bad_framing, ///< where the body ends is unknown: the connection cannot go on
    bad_gzip,    ///< or something behind it
    too_large    ///< more than the limit comes out
  };

  body_decoder();
  ~body_decoder();

  /// Begins the body of a head that has been accepted; `limit_bytes` bounds what comes out in all.
  void start(const request_head& head, bool gzip, std::uint64_t limit_bytes);

  /// Decodes from the front of `raw`, which it shortens by what it used, and appends at most `room` bytes to `out`.
  /// Nothing behind the body is touched.
  state feed(std::string_view& raw, std::string& out, std::size_t room);

  state now() const noexcept { return state_; }
  bool is_broken() const noexcept { return state_ != state::more && state_ != state::done; }

private:
  state decode_plain(std::string_view& raw, std::string& out, std::size_t room);
  state decode_gzip(std::string_view& raw, std::string& out, std::size_t room);

  struct inflate_end {
    void operator()(z_stream_s* stream) const noexcept;
  };
  body_framing framing_;
  std::unique_ptr<z_stream_s, inflate_end> gzip_; ///< null: the body is not compressed
  bool member_ended_ = false;                     ///< of gzip; another one may follow
  bool has_more_ = false;  ///< gzip may have more to give out of what it took; framing is read on only after that
  std::uint64_t left_ = 0; ///< bytes that may still come out
  state state_ = state::done;
};

} // namespace croupier::http::wire
