#pragma once

#include "engine/workspace.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace croupier::http {

/// Reads a request's body piece by piece, decompressed and de-chunked. Gives an empty view at the end.
class body_reader {
public:
  virtual ~body_reader() = default;
  /// The next piece, valid until the next call. Blocks until there is one.
  virtual std::string_view next() = 0;
  /// Whether the body ended early: the client went away, was too slow, or the encoding was broken.
  virtual bool failed() const noexcept = 0;
};

/// Writes an answer whose length is not known beforehand (HTTP chunked).
class body_writer {
public:
  virtual ~body_writer() = default;
  /// False when the client is gone or too slow: stop.
  virtual bool write(std::string_view piece) = 0;
};

/// A request as a handler sees it: framed, authenticated, allowed. Views are valid during the call.
struct request {
  std::string_view method;
  std::string_view path;                                            ///< decoded, without the query
  std::vector<std::pair<std::string, std::string>> path_parameters; ///< by name, in order
  std::string body;                                                 ///< whole, unless the route streams
  body_reader* stream = nullptr;                                    ///< for routes with body_policy::streamed
  std::string remote_ip;
  std::string request_id;                         ///< for the log and `X-Request-Id`
  std::shared_ptr<const workspace> ws;            ///< the configuration of this moment
  const api_key* key = nullptr;                   ///< nullptr on public routes; lives in `ws`
  std::chrono::steady_clock::time_point deadline; ///< answer 504 beyond it

  /// The header's value by name in any case; empty when absent.
  std::function<std::string_view(std::string_view name)> header;
  /// A query parameter, decoded; nothing when absent.
  std::function<std::optional<std::string>(std::string_view name)> query;

  std::string_view path_parameter(std::string_view name) const noexcept;
};

struct response;

/// An answer that others are still working on. It belongs to one thread at a time.
class pending_answer {
public:
  virtual ~pending_answer() = default;
  /// The answer; or nothing, and then `wake` is called once, by any thread, when it is worth asking again.
  virtual std::optional<response> take(const std::function<void()>& wake) = 0;
  /// What the client is told when the request's deadline has passed. Nothing else is called afterwards.
  virtual response give_up() = 0;
};

struct response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  /// When set, the body is what this writes; `body` is ignored.
  std::function<void(body_writer&)> stream;
  /// When set, this will give the answer, and the thread need not wait for it; everything else is ignored.
  std::shared_ptr<pending_answer> pending;
};

enum class body_policy : std::uint8_t {
  none,    ///< GET, HEAD, DELETE: a body is refused
  json,    ///< read whole, at most 1 MiB, `application/json` or 415
  batch,   ///< read whole, at most 8 MiB, `application/json` or 415
  streamed ///< handed over as a reader when the type is `application/x-ndjson`, else like `batch`
};

/// How a dialect words the refusals that happen before a handler is reached (401, 403, 404, 405, 413, 415, 429, ...).
enum class error_style : std::uint8_t { trackdesk, revvvs, wynta, plain };

/// One line of the route table: all that is known of a call. The table is the only place that lists routes; the
/// router, `/openapi.json` and the tests read it.
struct route {
  std::string_view method;    ///< GET also answers HEAD
  std::string_view pattern;   ///< segments in braces match one segment: "/track/click/{linkId}"
  std::optional<scope> needs; ///< nothing: public
  body_policy body = body_policy::none;
  error_style errors = error_style::plain;
  std::string_view summary; ///< one sentence, for /openapi.json
  std::function<response(const request&)> handle;
  /// What else /openapi.json says of the call: a JSON object with `parameters` (beside those of the path),
  /// `requestBody` and `responses` as OpenAPI has them.
  std::string_view schema = {};
  /// Whether the handler may hold its thread for long: it waits for commits, or reads much. Others get to run
  /// meanwhile.
  bool holds_thread = false;
};

} // namespace croupier::http
