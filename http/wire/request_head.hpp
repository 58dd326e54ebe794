#pragma once

#include "http/errors.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The side of HTTP that faces the socket: bytes, bounds and time.
namespace croupier::http::wire {

inline constexpr std::size_t target_bytes_max = 8'000;
inline constexpr std::size_t head_bytes_max = 32 * 1024;
inline constexpr std::size_t header_count_max = 100;

/// Why a head is refused. `what` is a literal of ours.
struct head_problem {
  error_kind kind = error_kind::malformed;
  std::string_view what;
};

/// Looks for the end of a request head in what has come so far, and refuses early what can never become one.
class head_scanner {
public:
  struct finding {
    std::size_t head_bytes = 0; ///< with the blank line; 0: not there yet
    std::optional<head_problem> problem;
  };

  /// `buffer` begins where the head begins and has only grown since the last call. Every byte is looked at once.
  finding scan(std::string_view buffer) noexcept;
  void reset() noexcept { *this = head_scanner(); }

private:
  std::size_t line_begin_ = 0;
  std::size_t looked_at_ = 0;
};

struct header_field {
  std::string_view name;
  std::string_view value; ///< without white space around it, otherwise byte for byte
};

/// A request head, read to the letter of RFC 9112: where its message ends must not be a matter of opinion, because a
/// proxy with another opinion makes a request out of a body. So everything that servers are known to read differently
/// is refused: folded lines, bare line feeds, space before the colon, a length beside a transfer coding, several or
/// signed lengths, codings other than exactly `chunked`. Views point into the text that was parsed.
struct request_head {
  /// Parses one head with its blank line. When it is refused, method and path are still there if they were readable.
  std::optional<head_problem> parse(std::string_view text);

  /// The first value of that name in any case; empty when absent.
  std::string_view find(std::string_view name) const noexcept;

  std::string_view method;
  std::string_view path;  ///< raw, begins with '/', or "*"; its escapes are whole
  std::string_view query; ///< raw, without '?'; its escapes are whole
  std::vector<header_field> fields;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool http_1_0 = false;
  bool keep_alive = false;
  bool expects_continue = false;

  bool has_body() const noexcept { return chunked || content_length.value_or(0) > 0; }

private:
  std::optional<head_problem> parse_request_line(std::string_view line);
  std::optional<head_problem> parse_target(std::string_view target);
  std::optional<head_problem> parse_field(std::string_view line);
  std::optional<head_problem> interpret(const header_field& field);
  std::optional<head_problem> judge_framing();

  std::size_t hosts_ = 0;
  std::size_t transfer_encodings_ = 0;
  bool close_asked_ = false;
};

} // namespace croupier::http::wire
