#include "http/server/served.hpp"

#include "http/errors.hpp"

#include <array>
#include <openssl/evp.h>
#include <stdexcept>
#include <zlib.h>

namespace croupier::test {

namespace {

using http::body_policy;
using http::error_style;
using http::request;
using http::response;

api_key key_of(std::uint32_t number, std::string_view secret, scope may) {
  api_key key;
  key.number = number;
  key.id = uuid::from_halves(1, number);
  key.name = secret;
  key.scopes = static_cast<std::uint8_t>(may);
  EVP_Digest(secret.data(), secret.size(), key.secret_sha256.data(), nullptr, EVP_sha256(), nullptr);
  return key;
}

response text_response(std::string body) {
  response answer;
  answer.content_type = "text/plain";
  answer.body = std::move(body);
  return answer;
}

/// What a handler was given, as lines.
response tell(const request& req) {
  std::string told = std::string(req.method) + " " + std::string(req.path) + "\n";
  for (const auto& [name, value] : req.path_parameters) told += name + "=" + value + "\n";
  if (const auto query = req.query("q")) told += "q=" + *query + "\n";
  told += "x-test=" + std::string(req.header("X-TEST")) + "\n";
  return text_response(told);
}

response count_stream(const request& req) {
  std::size_t bytes = 0;
  if (req.stream == nullptr) return text_response("whole " + std::to_string(req.body.size()));
  for (auto piece = req.stream->next(); !piece.empty(); piece = req.stream->next()) bytes += piece.size();
  auto answer = text_response((req.stream->failed() ? "failed " : "read ") + std::to_string(bytes));
  if (req.stream->failed()) answer.status = 400;
  return answer;
}

/// Pieces for as long as the client reads, at most `q` of them; -1 fails in the middle.
response many_pieces(const request& req) {
  const auto count = std::stol(req.query("q").value_or("3"));
  response answer;
  answer.content_type = "text/plain";
  answer.stream = [count](http::body_writer& out) {
    const std::string piece(64 * 1024, 'p');
    if (count < 0) {
      out.write("begun");
      throw std::runtime_error("the handler fails in the middle of its answer");
    }
    for (long i = 0; i < count && out.write(piece); ++i) continue;
  };
  return answer;
}

} // namespace

workspace workspace_with_keys() {
  workspace ws;
  ws.put(key_of(1, writer, scope::movements_write));
  ws.put(key_of(2, reader, scope::read));
  ws.put(key_of(3, boss, scope::admin));
  auto old = key_of(4, expired, scope::read);
  old.expires_at = timestamp::parse("2020-01-01T00:00:00Z");
  ws.put(old);
  auto withdrawn = key_of(5, revoked, scope::read);
  withdrawn.revoked = true;
  ws.put(withdrawn);
  return ws;
}

std::optional<http::response> promised::take(const std::function<void()>& wake) {
  ++asked;
  const std::scoped_lock lock(mutex_);
  if (broken_) throw std::runtime_error("the answer is broken");
  if (kept_) return text_response(body_);
  wake_ = wake;
  return std::nullopt;
}

http::response promised::give_up() {
  ++given_up;
  return http::error_response(error_style::trackdesk, http::error_kind::deadline_passed);
}

void promised::keep(std::string body) {
  {
    const std::scoped_lock lock(mutex_);
    body_ = std::move(body);
    kept_ = true;
  }
  disturb();
}

void promised::disturb() {
  std::function<void()> wake;
  {
    const std::scoped_lock lock(mutex_);
    wake.swap(wake_);
  }
  if (wake) wake();
}

void promised::break_it() {
  {
    const std::scoped_lock lock(mutex_);
    broken_ = true;
  }
  disturb();
}

http::server_options quick_options() {
  http::server_options options;
  options.worker_threads_max = 16;
  options.linger = std::chrono::milliseconds(20);
  options.stop_grace = std::chrono::milliseconds(5'000);
  return options;
}

served::served(http::server_options options) : ws(std::make_shared<const workspace>(workspace_with_keys())) {
  auto routes = table();
  routes_ = routes.size();
  server_ = std::make_unique<http::server>(
      std::move(options), std::move(routes), [this] { return ws; }, counters);
  const auto started = server_->start();
  if (!started) throw std::runtime_error(started.error());
  port = *started;
}

std::uint64_t served::answered(int status) const {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i <= routes_; ++i) total += counters->answered(i, status);
  return total;
}

std::vector<http::route> served::table() {
  std::vector<http::route> routes;
  const auto add = [&](std::string_view method, std::string_view pattern, std::optional<scope> needs, body_policy body,
                       error_style errors, std::function<response(const request&)> handle) {
    http::route one;
    one.method = method;
    one.pattern = pattern;
    one.needs = needs;
    one.body = body;
    one.errors = errors;
    one.handle = [this, handle = std::move(handle)](const request& req) {
      ++handled;
      return handle(req);
    };
    routes.push_back(std::move(one));
  };
  const auto echo = [](const request& req) { return text_response(req.body); };
  const auto none = body_policy::none;
  add("GET", "/healthz", {}, none, error_style::plain, [](const request&) { return text_response("well"); });
  add("GET", "/tell/{one}/and/{two}", {}, none, error_style::plain, tell);
  add("GET", "/tell/this/and/that", {}, none, error_style::plain,
      [](const request&) { return text_response("literal"); });
  add("GET", "/pieces", {}, none, error_style::plain, many_pieces);
  add("GET", "/large", {}, none, error_style::plain,
      [](const request&) { return text_response(std::string(16 << 20, 'l')); });
  add("GET", "/moved", {}, none, error_style::plain, [](const request& req) {
    response answer;
    answer.status = 302;
    answer.headers.emplace_back("Location", req.query("q").value_or("/"));
    return answer;
  });
  add("GET", "/fault", {}, none, error_style::trackdesk,
      [](const request&) -> response { throw std::logic_error("a fault"); });
  add("GET", "/hold", {}, none, error_style::plain, [this](const request&) {
    ++held;
    let_go.wait(false);
    return text_response("held");
  });
  routes.back().holds_thread = true;
  add("GET", "/later", {}, none, error_style::trackdesk, [this](const request&) {
    response answer;
    answer.pending = promise;
    return answer;
  });
  add("POST", "/echo", {}, body_policy::json, error_style::plain, echo);
  add("POST", "/stream", {}, body_policy::streamed, error_style::plain, count_stream);
  add("POST", "/batch", {}, body_policy::batch, error_style::plain,
      [](const request& req) { return text_response(std::to_string(req.body.size())); });
  add("POST", "/tracking/client/v1", scope::movements_write, body_policy::json, error_style::trackdesk, echo);
  add("GET", "/tracking/list", scope::read, none, error_style::trackdesk, tell);
  add("POST", "/api/v1/events", scope::events_write, body_policy::json, error_style::revvvs, echo);
  add("POST", "/v1/events/track", scope::events_write, body_policy::json, error_style::wynta, echo);
  add("DELETE", "/admin/v1/things/{id}", scope::admin, none, error_style::plain, tell);
  return routes;
}

std::string get(std::string_view target, std::string_view key) {
  return with_headers("GET", target, key.empty() ? std::string() : "X-Api-Key: " + std::string(key) + "\r\n");
}

std::string post(std::string_view target, std::string_view body, std::string_view key) {
  std::string headers = "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  if (!key.empty()) headers += "X-Api-Key: " + std::string(key) + "\r\n";
  return with_headers("POST", target, headers, body);
}

std::string with_headers(std::string_view method, std::string_view target, std::string_view headers,
                         std::string_view body) {
  std::string text(method);
  text.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n").append(headers).append("\r\n");
  return text.append(body);
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib cannot compress");
  std::string out(deflateBound(&stream, text.size()), '\0');
  std::string input(text);
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string chunked(std::string_view body, std::size_t piece_bytes) {
  std::string out;
  constexpr std::string_view digits = "0123456789abcdef";
  while (!body.empty()) {
    const auto piece = body.substr(0, piece_bytes);
    std::string size;
    for (auto left = piece.size(); left > 0; left /= 16) size.insert(size.begin(), digits[left % 16]);
    out.append(size).append("\r\n").append(piece).append("\r\n");
    body.remove_prefix(piece.size());
  }
  return out + "0\r\n\r\n";
}

} // namespace croupier::test
