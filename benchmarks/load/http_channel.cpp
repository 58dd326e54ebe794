#include "benchmarks/load/http_channel.hpp"

#include "benchmarks/load/answer_parser.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <stdexcept>

namespace croupier::load {

namespace {

struct address {
  sockaddr_storage bytes{};
  socklen_t length = 0;
};

address resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) throw std::runtime_error(host + ": " + ::gai_strerror(error));
  address result;
  result.length = found->ai_addrlen;
  std::memcpy(&result.bytes, found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  return result;
}

class http_channel final : public channel {
public:
  explicit http_channel(const address& to) : to_(to) {}
  ~http_channel() override { close(); }

  io connect() override {
    close();
    socket_ = ::socket(to_.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ < 0) return io::closed;
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to_.bytes), to_.length) == 0) return io::done;
    return errno == EINPROGRESS ? io::pending : io::closed;
  }

  io continue_connect() override {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0 ? io::done : io::closed;
  }

  int descriptor() const noexcept override { return socket_; }

  void queue(const request& next) override {
    sending_ = next.wire;
    cut_after_ = next.cut_after;
    got_ = 0;
  }

  io flush() override {
    while (!sending_.empty()) {
      const auto sent = ::send(socket_, sending_.data(), sending_.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return errno == EAGAIN ? io::pending : io::closed;
      sending_.remove_prefix(static_cast<std::size_t>(sent));
    }
    return cut_after_ == std::size_t{0} ? io::cut : io::done;
  }

  io receive(answer_sink& sink) override {
    for (;;) {
      const std::size_t most = cut_after_ ? std::min(piece, *cut_after_ - got_) : piece;
      const auto got = ::recv(socket_, parser_.room(most), most, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return errno == EAGAIN ? io::done : io::closed;
      if (got == 0) return ended(sink);
      const auto size = static_cast<std::size_t>(got);
      got_ += size;
      parser_.received(size);
      const auto outcome = parser_.next();
      if (outcome == answer_parser::progress::malformed) return io::malformed;
      if (outcome == answer_parser::progress::complete) return deliver(sink);
      if (cut_after_ && got_ >= *cut_after_) return io::cut;
      if (size < most) return io::done; // the socket is empty; a further look would cost a system call
    }
  }

  void close() noexcept override {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
    sending_ = {};
    cut_after_.reset();
    parser_.reset();
  }

private:
  static constexpr std::size_t piece = 16 * 1024;

  io deliver(answer_sink& sink) {
    const auto& got = parser_.answer();
    const bool keep = got.keep_alive && parser_.pending() == 0 && sending_.empty();
    sink.answered({got.status, got.body});
    return keep ? io::done : io::closed;
  }

  io ended(answer_sink& sink) {
    if (parser_.pending() == 0 || parser_.ended() != answer_parser::progress::complete) return io::closed;
    sink.answered({parser_.answer().status, parser_.answer().body});
    return io::closed;
  }

  address to_;
  int socket_ = -1;
  std::string_view sending_;
  std::optional<std::size_t> cut_after_;
  std::size_t got_ = 0;
  answer_parser parser_;
};

} // namespace

channel_maker http_channels(const std::string& host, std::uint16_t port) {
  return [to = resolve(host, port)] { return std::make_unique<http_channel>(to); };
}

} // namespace croupier::load
