#pragma once

#include "benchmarks/load/channel.hpp"

#include <cstdint>
#include <string>

namespace croupier::load {

/// HTTP/1.1 over TCP without TLS, one request at a time, kept alive for as long as the server does. A name is looked up
/// here, once. Throws std::runtime_error when the address cannot be resolved.
channel_maker http_channels(const std::string& host, std::uint16_t port);

} // namespace croupier::load
