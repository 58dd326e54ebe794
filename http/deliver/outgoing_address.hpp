#pragma once

#include "engine/result.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

/// Where requests of ours may go. Whoever configures a destination must not reach what only this machine and its
/// network can: a host is resolved first, every address is looked at, and the connection is made to the address that
/// was looked at, so that a second answer of the name server changes nothing.
namespace croupier::http::deliver {

/// An outgoing URL in its parts.
struct outgoing_url {
  std::string scheme; ///< "http", "https", "nats" or "tls"
  std::string host;   ///< without the brackets of an IPv6 address
  std::uint16_t port = 0;
  std::string path; ///< with the query, without the fragment; begins with '/'

  /// "host:port", with brackets where they belong.
  std::string authority() const;
};

/// Nothing: not an absolute URL of one of these schemes, or one with user and password in it, or with a macro in its
/// host or port.
std::optional<outgoing_url> parse_outgoing(std::string_view url);

/// Whether everyone may be sent there: not a private, loopback, link-local, multicast, documentation or otherwise
/// reserved address, neither as IPv4 nor as IPv6 nor as one inside the other.
bool is_public_address(const sockaddr& address) noexcept;

struct resolving {
  bool allow_private = false;
  std::chrono::milliseconds timeout{5'000};
  const std::atomic<bool>* stop = nullptr; ///< ends it early
};

/// An address as numbers: "192.0.2.1", "2001:db8::1".
struct numeric_address {
  std::string text;
};

/// The address to connect to; or why there is none. Blocks for `timeout` at most.
result<numeric_address, std::string> resolve(const std::string& host, std::uint16_t port, const resolving& how);

} // namespace croupier::http::deliver
