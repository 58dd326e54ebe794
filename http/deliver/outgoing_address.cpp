#include "http/deliver/outgoing_address.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>
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

/// A look-up that may outlive its caller: the name server cannot be told to hurry.
struct lookup {
  std::string host;
  std::string port;
  addrinfo hints{};
  gaicb request{};
  ~lookup() {
    if (request.ar_result != nullptr) ::freeaddrinfo(request.ar_result);
  }
};

std::string text_of(const sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = address.sa_family == AF_INET6
                          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr)
                          : static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  return ::inet_ntop(address.sa_family, bytes, text.data(), text.size()) == nullptr ? std::string() : text.data();
}

result<numeric_address, std::string> choose(const lookup& found, const resolving& how) {
  std::string chosen;
  for (const auto* each = found.request.ar_result; each != nullptr; each = each->ai_next) {
    if (each->ai_family != AF_INET && each->ai_family != AF_INET6) continue;
    const auto text = text_of(*each->ai_addr);
    if (!how.allow_private && !is_public_address(*each->ai_addr))
      return found.host + " is at " + text + ", which is not a public address (see allow_private_destinations)";
    if (chosen.empty()) chosen = text;
  }
  if (chosen.empty()) return found.host + " has no address";
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
  auto asked = std::make_unique<lookup>();
  asked->host = host;
  asked->port = std::to_string(port);
  asked->hints.ai_socktype = SOCK_STREAM;
  asked->request.ar_name = asked->host.c_str();
  asked->request.ar_service = asked->port.c_str();
  asked->request.ar_request = &asked->hints;
  gaicb* list[] = {&asked->request};
  if (const int failed = ::getaddrinfo_a(GAI_NOWAIT, list, 1, nullptr); failed != 0)
    return host + ": " + ::gai_strerror(failed);
  const auto until = std::chrono::steady_clock::now() + how.timeout;
  int state = EAI_INPROGRESS;
  while ((state = ::gai_error(&asked->request)) == EAI_INPROGRESS) {
    const bool late = std::chrono::steady_clock::now() >= until;
    if (late || (how.stop != nullptr && *how.stop)) {
      // Cancelled or finished by now, or else the system still writes into it: then it is given up for good.
      if (::gai_cancel(&asked->request) == EAI_NOTCANCELED) asked.release();
      return host + ": the name server does not answer";
    }
    const timespec slice{0, 20'000'000};
    const gaicb* const waited[] = {&asked->request};
    ::gai_suspend(waited, 1, &slice);
  }
  if (state != 0) return host + ": " + ::gai_strerror(state);
  return choose(*asked, how);
}

} // namespace croupier::http::deliver
