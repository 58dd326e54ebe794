#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace spdlog {
class logger;
}

namespace croupier::http {

/// What is told of one answered request. Keys, bodies, queries and paths are not: they may hold secrets.
struct access_entry {
  std::string_view request_id;
  std::string_view method; ///< empty when it was not readable
  std::string_view route;  ///< the pattern; empty when none matched
  int status = 0;
  std::uint64_t bytes = 0; ///< of the answer's body
  std::chrono::microseconds duration{};
  std::string_view remote_ip;
  std::string_view key_id;    ///< of the API key, not the key; empty when none was used
  std::string_view client_id; ///< what the client calls itself (`X-Client-Id`); any bytes
};

/// Writes one line in logfmt at level info, if the logger takes that level.
void log_access(spdlog::logger& to, const access_entry& entry);

} // namespace croupier::http
