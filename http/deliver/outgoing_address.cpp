#include "http/deliver/outgoing_address.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace croupier::http::deliver {

namespace {

struct network {
  std::uint32_t begin;
  int bits;
};

/// IANA's special-purpose registry, with multicast and what is reserved.
constexpr network closed_networks[] = {
    {0x00000000, 8},  // "this" network
    {0x0a000000, 8},  // private
    {0x64400000, 10}, // shared by providers
    {0x7f000000, 8},  // loopback
    {0xa9fe0000, 16}, // link-local; 169.254.169.254 tells a cloud machine's secrets
    {0xac100000, 12}, // private
    {0xc0000000, 24}, // protocol assignments
    {0xc0000200, 24}, // documentation
    {0xc0586300, 24}, // relays of 6to4
    {0xc0a80000, 16}, // private
    {0xc6120000, 15}, // benchmarks
    {0xc6336400, 24}, // documentation
    {0xcb007100, 24}, // documentation
    {0xe0000000, 4},  // multicast
    {0xf0000000, 4},  // reserved, and broadcast
};

bool is_public_v4(std::uint32_t address) noexcept {
  return std::none_of(std::begin(closed_networks), std::end(closed_networks),
                      [&](const network& each) { return (address ^ each.begin) >> (32 - each.bits) == 0; });
}

bool is_public_v6(const std::array<std::uint8_t, 16>& bytes) noexcept {
  constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(mapped.begin(), mapped.end(), bytes.begin())) {
    std::uint32_t inner = 0;
    for (std::size_t i = 12; i < 16; ++i) inner = inner << 8U | bytes[i];
    return is_public_v4(inner);
  }
  const unsigned first = static_cast<unsigned>(bytes[0]) << 8U | bytes[1];
  const unsigned second = static_cast<unsigned>(bytes[2]) << 8U | bytes[3];
  if (first >> 13U != 1) return false;                  // all but 2000::/3: loopback, local, translated, multicast, ...
  if (first == 0x2001 && second < 0x0200) return false; // Teredo and other tunnels into IPv4
  if (first == 0x2001 && second == 0x0db8) return false; // documentation
  if (first == 0x2002) return false;                     // 6to4: an IPv4 address is inside
  return first != 0x3fff;                                // documentation
}

/// Of this many names at most the addresses are being asked for: a name server cannot be told to hurry, and each of
/// them takes a thread.
constexpr int lookups_max = 256;
std::atomic<int> lookups_running{0};

using address_list = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

/// The addresses of a name, or EAI_... Blocks for as long as the name server likes.
result<address_list, int> ask(const std::string& host, const std::string& port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  if (const int failed = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); failed != 0) return failed;
  return address_list(found, &::freeaddrinfo);
}

/// A look-up by another thread, shared with the caller, who may have left by the end of it. (glibc's getaddrinfo_a has
/// the same idea, but a wait with a time-out on it can leave a pointer to a stack that is gone.)
struct lookup {
  const std::string host;
  const std::string port;
  std::mutex mutex;
  std::condition_variable answered;
  std::optional<result<address_list, int>> answer;
};

/// Has another thread ask; the error says why it cannot be.
std::optional<std::string> ask_aside(const std::shared_ptr<lookup>& asked) {
  if (lookups_running.fetch_add(1) >= lookups_max) {
    lookups_running.fetch_sub(1);
    return asked->host + ": too many names are being looked up, and the name server does not answer";
  }
  try {
    std::thread([asked] {
      auto answer = ask(asked->host, asked->port, 0);
      lookups_running.fetch_sub(1);
      const std::lock_guard held(asked->mutex);
      asked->answer.emplace(std::move(answer));
      asked->answered.notify_all();
    }).detach();
  } catch (const std::system_error& refused) {
    lookups_running.fetch_sub(1);
    return asked->host + ": cannot be looked up: " + refused.what();
  }
  return std::nullopt;
}

std::string text_of(const sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = address.sa_family == AF_INET6
                          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr)
                          : static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  return ::inet_ntop(address.sa_family, bytes, text.data(), text.size()) == nullptr ? std::string() : text.data();
}

result<numeric_address, std::string> choose(const std::string& host, const addrinfo* found, const resolving& how) {
  std::string chosen;
  for (const auto* each = found; each != nullptr; each = each->ai_next) {
    if (each->ai_family != AF_INET && each->ai_family != AF_INET6) continue;
    const auto text = text_of(*each->ai_addr);
    if (!how.allow_private && !is_public_address(*each->ai_addr))
      return host + " is at " + text + ", which is not a public address (see allow_private_destinations)";
    if (chosen.empty()) chosen = text;
  }
  if (chosen.empty()) return host + " has no address";
  return numeric_address{std::move(chosen)};
}

} // namespace

std::string outgoing_url::authority() const {
  const bool bracketed = host.find(':') != std::string::npos;
  return (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<outgoing_url> parse_outgoing(std::string_view url) {
  const auto colon = url.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  outgoing_url parsed;
  parsed.scheme = url.substr(0, colon);
  url.remove_prefix(colon + 3);
  if (parsed.scheme == "http")
    parsed.port = 80;
  else if (parsed.scheme == "https")
    parsed.port = 443;
  else if (parsed.scheme == "nats" || parsed.scheme == "tls")
    parsed.port = 4222;
  else
    return std::nullopt;
  url = url.substr(0, url.find('#'));
  const auto end = std::min(url.find_first_of("/?"), url.size());
  auto authority = url.substr(0, end);
  parsed.path = url.substr(end);
  if (!parsed.path.starts_with('/')) parsed.path.insert(0, "/");
  if (authority.find_first_of("@\\{}%") != std::string_view::npos) return std::nullopt;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    parsed.host = authority.substr(1, close - 1);
    authority.remove_prefix(close + 1);
  } else {
    const auto host_end = std::min(authority.find(':'), authority.size());
    parsed.host = authority.substr(0, host_end);
    authority.remove_prefix(host_end);
  }
  if (parsed.host.empty()) return std::nullopt;
  if (authority.empty()) return parsed;
  if (!authority.starts_with(':')) return std::nullopt;
  authority.remove_prefix(1);
  const auto [rest, error] = std::from_chars(authority.data(), authority.data() + authority.size(), parsed.port);
  if (error != std::errc{} || rest != authority.data() + authority.size() || parsed.port == 0) return std::nullopt;
  return parsed;
}

bool is_public_address(const sockaddr& address) noexcept {
  if (address.sa_family == AF_INET)
    return is_public_v4(ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr));
  if (address.sa_family != AF_INET6) return false;
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, bytes.size());
  return is_public_v6(bytes);
}

result<numeric_address, std::string> resolve(const std::string& host, std::uint16_t port, const resolving& how) {
  const auto service = std::to_string(port);
  // An address as numbers needs no thread.
  if (const auto numeric = ask(host, service, AI_NUMERICHOST)) return choose(host, numeric->get(), how);
  const auto asked = std::make_shared<lookup>(host, service);
  if (auto problem = ask_aside(asked)) return *problem;
  const auto until = std::chrono::steady_clock::now() + how.timeout;
  std::unique_lock held(asked->mutex);
  while (!asked->answer) {
    const bool late = std::chrono::steady_clock::now() >= until;
    if (late || (how.stop != nullptr && *how.stop)) return host + ": the name server does not answer";
    asked->answered.wait_for(held, std::chrono::milliseconds(20));
  }
  if (!*asked->answer) return host + ": " + ::gai_strerror(asked->answer->error());
  return choose(host, (*asked->answer)->get(), how);
}

} // namespace croupier::http::deliver
