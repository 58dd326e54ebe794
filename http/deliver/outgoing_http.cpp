#include "http/deliver/outgoing_http.hpp"

#include <httplib.h>

namespace croupier::http::deliver {

namespace {

constexpr std::size_t answer_bytes_max = 64 * 1024;
constexpr std::chrono::seconds address_valid{60};

} // namespace

outgoing_http::outgoing_http(outgoing_url server, const outlet_means& means)
    : server_(std::move(server)), means_(means) {}

outgoing_http::~outgoing_http() = default;

/// Looks the address up anew after a minute, and after every failure.
result<done, std::string> outgoing_http::connect() {
  const auto now = std::chrono::steady_clock::now();
  if (client_ && now - resolved_at_ < address_valid) return done{};
  const auto address = resolve(server_.host, server_.port, {means_.allow_private, means_.connect_timeout, means_.stop});
  if (!address) return address.error();
  auto client = std::make_shared<httplib::Client>(server_.scheme + "://" + server_.authority());
  if (!client->is_valid()) return std::string("the address is not understood");
  client->set_hostname_addr_map({{server_.host, address->text}});
  client->set_connection_timeout(means_.connect_timeout);
  client->set_read_timeout(means_.answer_timeout);
  client->set_write_timeout(means_.answer_timeout);
  client->set_keep_alive(true);
  client->set_tcp_nodelay(true);
  client->set_follow_location(false);
  client->set_decompress(false);
  client->set_url_encode(false);
  const std::scoped_lock lock(mutex_);
  client_ = std::move(client);
  resolved_at_ = now;
  return done{};
}

sent_outcome outgoing_http::send(const call& what) {
  if (const auto connected = connect(); !connected) return {false, connected.error(), {}};
  httplib::Request request;
  request.method = what.method;
  request.path = what.path;
  request.body = what.body;
  if (!what.content_type.empty()) request.set_header("Content-Type", what.content_type);
  request.set_header("User-Agent", "Croupier");
  for (const auto& [name, value] : what.headers) request.set_header(name, value);
  int status = 0;
  std::size_t received = 0;
  request.response_handler = [&status](const httplib::Response& head) {
    status = head.status;
    return true;
  };
  request.content_receiver = [&received](const char*, std::size_t count, std::uint64_t, std::uint64_t) {
    return (received += count) <= answer_bytes_max;
  };
  httplib::Response answer;
  auto error = httplib::Error::Success;
  const bool whole = client_->send(request, answer, error);
  if (whole) status = answer.status;
  const bool delivered = status >= 200 && status < 300; // whatever became of the answer's body
  if (!whole || !delivered) {
    const std::scoped_lock lock(mutex_);
    client_.reset();
  }
  return {delivered, status != 0 ? std::to_string(status) : "no answer: " + httplib::to_string(error), {}};
}

void outgoing_http::abort() noexcept {
  std::shared_ptr<httplib::Client> running;
  {
    const std::scoped_lock lock(mutex_);
    running = client_;
  }
  if (running) running->stop();
}

} // namespace croupier::http::deliver
