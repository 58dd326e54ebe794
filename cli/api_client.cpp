#include "cli/api_client.hpp"

#include "engine/check.hpp"

#include <boost/json/parse.hpp>
#include <httplib.h>

#include <charconv>

namespace croupier::cli {
namespace {

// Longer than any deadline a server is set to, so that its own 504 arrives.
constexpr std::chrono::seconds answer_timeout{660};
constexpr std::chrono::seconds connect_timeout{10};
constexpr std::size_t refusal_bytes_max = 64 * 1024;

/// Nothing was sent when the connection never came to be.
bool never_sent(httplib::Error error) {
  return error == httplib::Error::Connection || error == httplib::Error::ConnectionTimeout ||
         error == httplib::Error::SSLConnection || error == httplib::Error::SSLLoadingCerts ||
         error == httplib::Error::SSLServerVerification;
}

std::optional<std::chrono::seconds> parse_seconds(const std::string& text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds{value};
}

} // namespace

struct api_client::state {
  std::string url;
  httplib::Client client;

  explicit state(const server_access& access) : url(access.url), client(access.url) {
    client.set_keep_alive(true);
    client.set_tcp_nodelay(true);
    client.set_connection_timeout(connect_timeout);
    client.set_read_timeout(answer_timeout);
    client.set_write_timeout(answer_timeout);
    httplib::Headers headers{{"User-Agent", "croupier"}};
    if (!access.api_key.empty()) headers.emplace("X-Api-Key", access.api_key);
    client.set_default_headers(headers);
  }

  result<api_answer, no_answer> convert(const httplib::Result& given) const {
    if (!given) return no_answer{"no answer from " + url + ": " + to_string(given.error()), never_sent(given.error())};
    return api_answer{given->status, given->body, given->get_header_value("Location"),
                      parse_seconds(given->get_header_value("Retry-After"))};
  }
};

std::string api_answer::message() const {
  boost::system::error_code error;
  const auto parsed = boost::json::parse(body, error);
  const auto* object = error ? nullptr : parsed.if_object();
  // Dialects put the message at the top, the calls of our own into "error".
  if (const auto* inner = object != nullptr ? object->if_contains("error") : nullptr;
      inner != nullptr && inner->is_object())
    object = inner->if_object();
  const auto* text = object != nullptr ? object->if_contains("message") : nullptr;
  if (text != nullptr && text->is_string()) return std::string(text->get_string());
  return "HTTP status " + std::to_string(status);
}

std::optional<std::string> api_client::problem_with(const server_access& access) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!access.url.starts_with(scheme)) continue;
    const std::string_view authority = std::string_view(access.url).substr(scheme.size());
    if (authority.empty() || authority.find_first_of("/?#@ ") != std::string_view::npos) break;
    if (!httplib::Client(access.url).is_valid()) break;
    return std::nullopt;
  }
  return "'" + access.url + "' is not of the form http://HOST:PORT or https://HOST:PORT";
}

api_client::api_client(const server_access& access) : state_(std::make_unique<state>(access)) {
  CROUPIER_ASSERT(!problem_with(access), "a client is made for a checked address");
}

api_client::~api_client() = default;

result<api_answer, no_answer> api_client::get(const std::string& path, const query& parameters) {
  httplib::Params encoded;
  for (const auto& [name, value] : parameters) encoded.emplace(name, value);
  return state_->convert(state_->client.Get(path, encoded, httplib::Headers{}));
}

result<api_answer, no_answer> api_client::post(const std::string& path, const std::string& body,
                                               const std::string& content_type) {
  return state_->convert(state_->client.Post(path, body, content_type));
}

result<api_answer, no_answer> api_client::remove(const std::string& path) {
  return state_->convert(state_->client.Delete(path));
}

result<api_answer, no_answer> api_client::follow(const std::string& path, const query& parameters,
                                                 std::chrono::seconds silence_max,
                                                 const std::function<bool(std::string_view piece)>& take) {
  httplib::Params encoded;
  for (const auto& [name, value] : parameters) encoded.emplace(name, value);
  state_->client.set_read_timeout(silence_max);
  int status = 0;
  std::string refusal;
  const auto given = state_->client.Get(
      httplib::append_query_params(path, encoded), httplib::Headers{},
      [&](const httplib::Response& head) {
        status = head.status;
        return true;
      },
      [&](const char* bytes, std::size_t count) {
        if (status == 200) return take({bytes, count});
        refusal.append(bytes, count);
        return refusal.size() < refusal_bytes_max;
      });
  state_->client.set_read_timeout(answer_timeout);
  auto answer = state_->convert(given);
  if (answer && answer->status != 200) answer->body = std::move(refusal);
  return answer;
}

} // namespace croupier::cli
