#include "http/admission.hpp"

#include "actors/wall_clock.hpp"
#include "engine/check.hpp"
#include "http/ascii.hpp"

#include <algorithm>
#include <array>
#include <random>

namespace croupier::http {

namespace {

constexpr std::size_t request_id_characters_max = 128;

using actors::wall_clock;

void refuse(ticket& out, error_kind kind, std::string_view message = {}) {
  out.refusal = error_response(out.style, kind, message);
}

/// "application/json" of "Application/JSON ; charset=utf-8".
bool is_media_type(std::string_view header, std::string_view wanted) noexcept {
  return ascii::same_ignoring_case(ascii::trimmed(header.substr(0, header.find(';'))), wanted);
}

std::uint64_t bytes_max_of(body_policy policy) {
  switch (policy) {
  case body_policy::none: return 0;
  case body_policy::json: return admission::json_bytes_max;
  case body_policy::batch:
  case body_policy::streamed: return admission::batch_bytes_max;
  }
  ::croupier::detail::invariant_failed("policy in body_policy", __FILE__, __LINE__, "a policy is not one of its names");
}

std::string new_request_id() {
  static thread_local std::mt19937_64 numbers = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id;
  auto number = numbers();
  for (int i = 0; i < 16; ++i, number >>= 4U) id += digits[number & 15U];
  return id;
}

} // namespace

std::string request_id_from(std::string_view sent) {
  const bool sane = !sent.empty() && sent.size() <= request_id_characters_max &&
                    std::all_of(sent.begin(), sent.end(),
                                [](char c) { return ascii::is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
  return sane ? std::string(sent) : new_request_id();
}

admission::admission(const router& routes, workspace_source current, std::uint32_t rate_limit_per_minute,
                     key_environment environment)
    : routes_(routes), current_(std::move(current)), rates_(rate_limit_per_minute), environment_(environment) {}

ticket admission::admit(const wire::request_head& head, const std::optional<wire::head_problem>& problem) {
  ticket out;
  out.request_id = request_id_from(head.find("x-request-id"));
  if (problem) {
    if (!head.path.empty()) out.style = routes_.find(head.method, head.path).style;
    out.framing_lost = true;
    refuse(out, problem->kind, problem->what);
    return out;
  }
  find_route(head, out);
  if (!out.refusal && out.to->needs) authenticate(head, out);
  if (out.key != nullptr) limit_rate(out);
  plan_body(head, out);
  return out;
}

void admission::find_route(const wire::request_head& head, ticket& out) const {
  auto found = routes_.find(head.method, head.path);
  out.style = found.style;
  out.path = std::move(found.path);
  out.path_parameters = std::move(found.parameters);
  if (std::any_of(out.path.begin(), out.path.end(), ascii::is_control))
    return refuse(out, error_kind::malformed, "control character in the path");
  if (head.method == "OPTIONS" && (head.path == "*" || !found.allow.empty())) {
    auto& answer = out.refusal.emplace();
    answer.status = 204;
    answer.content_type.clear();
    answer.headers.emplace_back("Allow", head.path == "*" ? routes_.all_methods() : found.allow);
    return;
  }
  if (found.allow.empty()) return refuse(out, error_kind::not_found);
  if (!found.route_index) {
    refuse(out, error_kind::method_not_allowed);
    out.refusal->headers.emplace_back("Allow", found.allow);
    return;
  }
  out.to = &routes_.table()[*found.route_index];
  out.route_index = *found.route_index + 1;
}

void admission::authenticate(const wire::request_head& head, ticket& out) {
  out.ws = current_();
  const auto presented = presented_key(head.find("x-api-key"), head.find("authorization"));
  const auto known = keys_.check(out.ws, presented, wall_clock());
  if (known.outcome == auth_outcome::missing) return refuse(out, error_kind::credentials_missing);
  if (known.outcome == auth_outcome::invalid || known.key->environment != environment_)
    return refuse(out, error_kind::credentials_invalid);
  out.key = known.key;
  if (!known.key->may(*out.to->needs)) return refuse(out, error_kind::forbidden);
  // What is configured is everybody's, so a key that is limited to some brands administers nothing.
  if (*out.to->needs == scope::admin && !known.key->brands.empty())
    refuse(out, error_kind::forbidden, "a key that is limited to some brands does not administer");
}

void admission::limit_rate(ticket& out) {
  if (!rates_.on()) return;
  const auto now = std::chrono::steady_clock::now();
  // What is forbidden costs nothing, but is told where the key stands.
  const auto verdict = out.refusal ? rates_.look(out.key->number, now) : rates_.take(out.key->number, now);
  out.headers.emplace_back("X-RateLimit-Limit", std::to_string(verdict.limit));
  out.headers.emplace_back("X-RateLimit-Remaining", std::to_string(verdict.remaining));
  if (verdict.allowed || out.refusal) return;
  refuse(out, error_kind::rate_limited);
  out.refusal->headers.emplace_back("Retry-After", std::to_string(verdict.retry_after_s));
}

void admission::plan_body(const wire::request_head& head, ticket& out) const {
  if (!out.refusal && !out.ws) out.ws = current_(); // a public route
  if (!head.has_body()) return;
  if (!out.refusal) {
    const auto policy = out.to->body;
    const auto type = head.find("content-type");
    const auto coding = head.find("content-encoding");
    out.body = body_plan::whole;
    out.body_bytes_max = bytes_max_of(policy);
    out.gzip = ascii::same_ignoring_case(coding, "gzip") || ascii::same_ignoring_case(coding, "x-gzip");
    if (policy == body_policy::streamed && is_media_type(type, "application/x-ndjson")) {
      out.body = body_plan::stream;
      out.body_bytes_max = UINT64_MAX;
    }
    if (policy == body_policy::none)
      refuse(out, error_kind::malformed, "this call takes no body");
    else if (out.body != body_plan::stream && !type.empty() && !is_media_type(type, "application/json"))
      refuse(out, error_kind::media_type_unknown);
    else if (!out.gzip && !coding.empty() && !ascii::same_ignoring_case(coding, "identity"))
      refuse(out, error_kind::media_type_unknown, "unsupported content encoding");
    else if (head.content_length.value_or(0) > out.body_bytes_max)
      refuse(out, error_kind::body_too_large);
  }
  if (!out.refusal) return;
  // Somebody who asked whether to send the body learns at once that he need not; he may send it all the same.
  const bool read_it = !head.expects_continue && head.content_length.value_or(0) <= discard_bytes_max;
  out.body = read_it ? body_plan::discard : body_plan::none;
  out.body_bytes_max = discard_bytes_max;
  out.gzip = false;
  out.framing_lost = !read_it;
}

} // namespace croupier::http
