#include "tests/http/receiver.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>
#include <utility>

namespace croupier::test {

namespace {

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

} // namespace

std::string receiver::received::header(std::string_view name) const {
  const auto lower = [](std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
  };
  const auto found = lower(head).find("\r\n" + lower(std::string(name)) + ": ");
  if (found == std::string::npos) return {};
  const auto begin = found + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

receiver::receiver() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
    throw std::runtime_error("the receiver cannot listen");
  port_ = ntohs(address.sin_port);
}

receiver::~receiver() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
    changed_.notify_all();
  }
  ::shutdown(listener_, SHUT_RDWR);
  if (acceptor_.joinable()) acceptor_.join();
  for (auto& each : threads_) each.join();
  for (const int socket : sockets_) ::close(socket);
  ::close(listener_);
}

void receiver::serve() {
  acceptor_ = std::thread([this] { accept_all(); });
}

std::string receiver::url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

void receiver::behave(manner how) {
  const std::scoped_lock lock(mutex_);
  manner_ = how;
  changed_.notify_all();
}

std::vector<receiver::received> receiver::taken() const {
  const std::scoped_lock lock(mutex_);
  return taken_;
}

void receiver::accept_all() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const std::scoped_lock lock(mutex_);
    sockets_.push_back(socket);
    if (ending_) ::shutdown(socket, SHUT_RDWR);
    threads_.emplace_back([this, socket] {
      converse(socket);
      ::shutdown(socket, SHUT_RDWR);
    });
  }
}

void receiver::converse(int socket) {
  std::string in;
  std::array<char, 16'384> block{};
  for (;;) {
    const auto end = in.find("\r\n\r\n");
    if (end != std::string::npos) {
      received what;
      what.head = in.substr(0, end + 2);
      what.method = in.substr(0, in.find(' '));
      what.path = in.substr(what.method.size() + 1, in.find(' ', what.method.size() + 1) - what.method.size() - 1);
      const auto length = what.header("Content-Length");
      const std::size_t bytes = length.empty() ? 0 : std::stoul(length);
      if (in.size() >= end + 4 + bytes) {
        what.body = in.substr(end + 4, bytes);
        in.erase(0, end + 4 + bytes);
        ++asked_;
        if (!answer(socket, std::move(what))) return;
        continue;
      }
    }
    const auto count = ::recv(socket, block.data(), block.size(), 0);
    if (count <= 0) return;
    in.append(block.data(), static_cast<std::size_t>(count));
  }
}

bool receiver::answer(int socket, received what) {
  std::unique_lock lock(mutex_);
  const auto now = manner_;
  switch (now) {
  case manner::take:
    taken_.push_back(std::move(what));
    lock.unlock();
    return send_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  case manner::fail: lock.unlock(); return send_all(socket, "HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n");
  case manner::hang: changed_.wait(lock, [&] { return manner_ != now || ending_; }); return false;
  case manner::close: return false;
  case manner::redirect:
    lock.unlock();
    return send_all(socket, "HTTP/1.1 302 Found\r\nLocation: " + url("/elsewhere") + "\r\nContent-Length: 0\r\n\r\n");
  case manner::chatter:
    taken_.push_back(std::move(what));
    lock.unlock();
    if (!send_all(socket, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")) return false;
    while (send_all(socket, std::string(4'096, 'x'))) {
    }
    return false;
  }
  return false;
}

} // namespace croupier::test
