#include "http/wire/answer_writer.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <httplib.h>

namespace croupier::http::wire {

namespace {

constexpr int backlog = 1024;

/// What the library reads its request from, and writes its answer to.
class answer_stream final : public httplib::Stream {
public:
  answer_stream(std::string_view request, std::string& out) : request_(request), out_(out) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }

  ssize_t read(char* into, std::size_t room) override {
    const auto bytes = std::min(room, request_.size());
    std::memcpy(into, request_.data(), bytes);
    request_.remove_prefix(bytes);
    return static_cast<ssize_t>(bytes);
  }

  ssize_t write(const char* bytes, std::size_t count) override {
    out_.append(bytes, count);
    return static_cast<ssize_t>(count);
  }

  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

private:
  std::string_view request_;
  std::string& out_;
};

/// A handler's view of a streamed answer.
class sink_writer final : public body_writer {
public:
  sink_writer(httplib::DataSink& sink, const std::function<bool()>& flush) : sink_(sink), flush_(flush) {}

  bool write(std::string_view piece) override {
    if (piece.empty()) return open_; // an empty chunk would end the body
    open_ = open_ && sink_.write(piece.data(), piece.size()) && flush_();
    return open_;
  }
  bool open() const noexcept { return open_; }

private:
  httplib::DataSink& sink_;
  const std::function<bool()>& flush_;
  bool open_ = true;
};

/// RFC 9110 asks for the time of an answer; it changes once a second.
const std::string& date_text() {
  static thread_local std::string text;
  static thread_local std::time_t of = 0;
  const auto now = std::time(nullptr);
  if (now != of) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 40> line{};
    const auto length = std::strftime(line.data(), line.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    text.assign(line.data(), length);
    of = now;
  }
  return text;
}

/// What one call of the library is to write.
struct order {
  response& answer;
  const answer_writer::circumstances& when;
  const std::function<bool()>& flush;
  bool cut_short = false;
};

/// The library calls back without a way to pass anything; its callback comes on the thread that called it.
thread_local order* current_order = nullptr;

void fill(httplib::Response& out, order& from) {
  auto& answer = from.answer;
  out.status = answer.status;
  out.set_header("Date", date_text());
  for (const auto& [name, value] : answer.headers) out.set_header(name, value); // drops what holds CR or LF
  // To a HEAD the library would promise byte ranges.
  if (from.when.to_head) out.set_header("Accept-Ranges", "none");
  if (!answer.stream) {
    if (!answer.body.empty()) out.set_header("Content-Type", answer.content_type);
    out.body = std::move(answer.body);
    return;
  }
  auto provider = [&from](std::size_t, httplib::DataSink& sink) {
    sink_writer writer(sink, from.flush);
    from.answer.stream(writer);
    from.cut_short = !writer.open();
    if (!from.cut_short) sink.done();
    return !from.cut_short;
  };
  if (from.when.http_1_0)
    out.set_content_provider(answer.content_type, std::move(provider));
  else
    out.set_chunked_content_provider(answer.content_type, std::move(provider));
}

std::uint16_t port_of(int socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

} // namespace

class answer_writer::library : public httplib::Server {
public:
  explicit library(std::chrono::seconds keep_alive_timeout) {
    set_keep_alive_timeout(keep_alive_timeout.count());
    set_keep_alive_max_count(1'000'000); // only told to the client: connections are not counted out
    set_pre_routing_handler([](const httplib::Request&, httplib::Response& out) {
      fill(out, *current_order);
      return HandlerResponse::Handled;
    });
    // Its default would let a second server share the port unnoticed.
    set_socket_options([](socket_t socket) {
      const int on = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
  }

  int bind(const std::string& host, std::uint16_t port) {
    const bool bound = port == 0 ? bind_to_any_port(host) > 0 : bind_to_port(host, port);
    return bound ? svr_sock_.load() : -1;
  }

  void write(httplib::Stream& stream, bool closing) {
    bool connection_closed = false;
    process_request(stream, closing, connection_closed, nullptr);
  }
};

answer_writer::answer_writer(std::chrono::seconds keep_alive_timeout)
    : library_(std::make_unique<library>(keep_alive_timeout)) {}

answer_writer::~answer_writer() = default;

result<answer_writer::listening, std::string> answer_writer::listen(const std::string& host, std::uint16_t port) {
  errno = 0;
  const int socket = library_->bind(host, port);
  // The library listens with a backlog of 5 compiled in; listening again replaces it.
  if (socket < 0 || ::listen(socket, backlog) != 0)
    return "cannot listen on " + host + ":" + std::to_string(port) + ": " +
           (errno != 0 ? std::strerror(errno) : "no such address");
  return listening{socket, port_of(socket)};
}

namespace {

/// The library gives every answer a length; one that cannot have a body must not have one (RFC 9110, 8.6).
void drop_length(std::string& out, std::size_t from) {
  constexpr std::string_view field = "\r\nContent-Length: ";
  const auto at = out.find(field, from);
  if (at != std::string::npos) out.erase(at, out.find("\r\n", at + 2) - at);
}

} // namespace

bool answer_writer::write(response& answer, const circumstances& when, std::string& out,
                          const std::function<bool()>& flush) {
  order from{answer, when, flush};
  current_order = &from;
  const auto before = out.size();
  const bool has_no_body = answer.status == 204 || answer.status == 304;
  answer_stream stream(when.to_head ? "HEAD / HTTP/1.1\r\n\r\n" : "GET / HTTP/1.1\r\n\r\n", out);
  library_->write(stream, when.closing);
  current_order = nullptr;
  if (has_no_body) drop_length(out, before);
  return !from.cut_short;
}

} // namespace croupier::http::wire
