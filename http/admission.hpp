#pragma once

#include "http/auth.hpp"
#include "http/errors.hpp"
#include "http/metrics.hpp"
#include "http/rate_limit.hpp"
#include "http/route.hpp"
#include "http/router.hpp"
#include "http/wire/request_head.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace croupier::http {

/// What is done with a request's body.
enum class body_plan : std::uint8_t {
  none,   ///< there is none, or it is not waited for and the connection ends behind the answer
  whole,  ///< gathered before the handler is called
  stream, ///< read by the handler
  discard ///< read and dropped before the refusal is sent, so that the connection can go on
};

/// What was decided about a request from its head alone.
struct ticket {
  const route* to = nullptr;                    ///< null: only with a refusal
  std::size_t route_index = metrics::unmatched; ///< for the metrics
  error_style style = error_style::plain;
  std::optional<response> refusal; ///< when set, this is the answer
  body_plan body = body_plan::none;
  std::uint64_t body_bytes_max = 0; ///< decoded
  bool gzip = false;
  bool framing_lost = false; ///< where the next request begins is unknown

  std::string request_id;
  std::string path; ///< decoded
  std::vector<std::pair<std::string, std::string>> path_parameters;
  std::shared_ptr<const workspace> ws;                      ///< null when refused before authentication
  const api_key* key = nullptr;                             ///< lives in `ws`
  std::vector<std::pair<std::string, std::string>> headers; ///< for the answer, whatever it is
};

/// Decides whether a request may come in, before a byte of its body is waited for. The order is fixed: framing, route,
/// key, scope, rate, content type, size. All members from any thread.
class admission {
public:
  static constexpr std::uint64_t json_bytes_max = 1 << 20;
  static constexpr std::uint64_t batch_bytes_max = 8 << 20;
  /// A refused body up to this size is read for the sake of the connection; a larger one costs the connection.
  static constexpr std::uint64_t discard_bytes_max = 64 << 10;

  using workspace_source = std::function<std::shared_ptr<const workspace>()>;

  /// `routes` outlives this. `current` gives the published workspace, never null.
  /// Keys of another environment are unknown.
  admission(const router& routes, workspace_source current, std::uint32_t rate_limit_per_minute,
            key_environment environment = key_environment::live);

  /// `problem` is what the parser said to the head.
  ticket admit(const wire::request_head& head, const std::optional<wire::head_problem>& problem);

private:
  void find_route(const wire::request_head& head, ticket& out) const;
  void authenticate(const wire::request_head& head, ticket& out);
  void limit_rate(ticket& out);
  void plan_body(const wire::request_head& head, ticket& out) const;

  const router& routes_;
  workspace_source current_;
  authenticator keys_;
  rate_limiter rates_;
  key_environment environment_;
};

/// The client's request id when it is 1 to 128 characters of `[A-Za-z0-9._-]`, else a new one: ids go into logs.
std::string request_id_from(std::string_view sent);

} // namespace croupier::http
