#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace croupier::load {

/// One HTTP/1.1 answer, whole. The views are valid until the parser is fed or asked again.
struct http_answer {
  int status = 0;
  std::string_view head; ///< status line and header lines, without the empty line
  std::string_view body;
  bool keep_alive = true;

  /// The value of a header, without blanks around it; empty when it is absent. `name` is given in lower case.
  std::string_view header(std::string_view name) const noexcept;
};

/// Cuts a stream of bytes into HTTP/1.1 answers: Content-Length, chunked, bodiless (1xx is skipped, 204, 304) and
/// until-the-end bodies. One per connection; not thread-safe. Parsing is linear in the bytes.
class answer_parser {
public:
  enum class progress : std::uint8_t {
    incomplete, ///< more bytes are needed
    complete,   ///< `answer()` holds one
    malformed   ///< not HTTP/1.1; the connection is of no more use
  };

  /// Room for at least `bytes` at the end of what was received; to be followed by `received`.
  char* room(std::size_t bytes);
  void received(std::size_t bytes) noexcept { filled_ += bytes; }

  /// Looks for the next answer in what was received. After `complete` the next call goes on behind it.
  progress next();
  /// The peer has closed: a body that ends with the connection is complete now.
  progress ended();

  const http_answer& answer() const noexcept { return answer_; }
  /// Bytes received and not yet part of a complete answer.
  std::size_t pending() const noexcept { return filled_ - start_; }
  void reset() noexcept;

private:
  enum class framing : std::uint8_t { none, length, chunked, until_end };

  progress read_head();
  bool read_fields(std::string_view fields);
  progress read_body();
  progress read_chunks();
  progress finish(std::string_view body, std::size_t end);

  std::string buffer_;
  std::string joined_;         ///< the body of a chunked answer
  std::size_t filled_ = 0;     ///< bytes of buffer_ that were received
  std::size_t start_ = 0;      ///< where the current answer begins
  std::size_t searched_ = 0;   ///< no end of head before this
  std::size_t body_start_ = 0; ///< 0: the head is not complete
  std::size_t chunk_at_ = 0;   ///< the next chunk's size line
  std::size_t length_ = 0;
  std::size_t head_size_ = 0;
  framing framing_ = framing::none;
  http_answer answer_;
};

} // namespace croupier::load
