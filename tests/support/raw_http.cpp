#include "support/raw_http.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace croupier::test {

namespace {

constexpr int patience_ms = 10'000;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

} // namespace

std::string_view raw_answer::header(std::string_view name) const noexcept {
  for (const auto& [known, value] : headers)
    if (known == name) return value;
  return {};
}

raw_client::raw_client(std::uint16_t port, int receive_buffer_bytes)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer_bytes > 0)
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (socket_ >= 0 && ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
  if (socket_ >= 0) ::close(socket_);
  throw std::runtime_error("cannot connect to port " + std::to_string(port));
}

raw_client::~raw_client() {
  ::close(socket_);
}

bool raw_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

raw_answer raw_client::ask(std::string_view request) {
  return send(request) ? read_answer() : raw_answer();
}

void raw_client::end_sending() {
  ::shutdown(socket_, SHUT_WR);
}

raw_answer raw_client::read_answer(bool to_head) {
  const auto status_line = take_line();
  if (!status_line || !status_line->starts_with("HTTP/1.1 ")) return {};
  raw_answer answer;
  answer.status = std::stoi(status_line->substr(9, 3));
  for (auto line = take_line(); !line || !line->empty(); line = take_line()) {
    if (!line) return {};
    const auto colon = line->find(": ");
    if (colon == std::string::npos) return {};
    answer.headers.emplace_back(lower(line->substr(0, colon)), line->substr(colon + 2));
  }
  if (to_head || answer.status < 200) return answer;
  if (answer.header("transfer-encoding").empty()) {
    const auto length = answer.header("content-length");
    const auto body = take(length.empty() ? 0 : std::stoul(std::string(length)));
    if (!body) return {};
    answer.body = *body;
    return answer;
  }
  for (;;) {
    const auto size = take_line();
    if (!size) return {};
    const auto chunk = take(std::stoul(*size, nullptr, 16));
    if (!chunk || take_line() != std::string()) return {};
    if (chunk->empty()) return answer;
    answer.body += *chunk;
  }
}

std::optional<std::string> raw_client::read_to_end() {
  for (;;) {
    switch (receive()) {
    case got::bytes: continue;
    case got::end: return std::exchange(in_, {});
    case got::nothing: return std::nullopt;
    }
  }
}

bool raw_client::wait_readable() const {
  pollfd one{socket_, POLLIN, 0};
  return ::poll(&one, 1, patience_ms) > 0;
}

raw_client::got raw_client::receive() {
  if (!wait_readable()) return got::nothing;
  std::array<char, 64 * 1024> block{};
  const auto count = ::recv(socket_, block.data(), block.size(), 0);
  if (count <= 0) return got::end; // a reset is an end, too
  in_.append(block.data(), static_cast<std::size_t>(count));
  return got::bytes;
}

bool raw_client::fill_until(const std::function<bool()>& enough) {
  while (!enough())
    if (receive() != got::bytes) return false;
  return true;
}

std::optional<std::string> raw_client::take(std::size_t bytes) {
  if (!fill_until([&] { return in_.size() >= bytes; })) return std::nullopt;
  auto taken = in_.substr(0, bytes);
  in_.erase(0, bytes);
  return taken;
}

std::optional<std::string> raw_client::take_line() {
  if (!fill_until([&] { return in_.find("\r\n") != std::string::npos; })) return std::nullopt;
  auto line = in_.substr(0, in_.find("\r\n"));
  in_.erase(0, line.size() + 2);
  return line;
}

bool eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    ::poll(nullptr, 0, 1);
  }
  return true;
}

} // namespace croupier::test
