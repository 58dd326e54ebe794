#pragma once

#include <string>

namespace croupier::race {

struct shim_options {
  std::string store;   ///< "postgresql" or "redis"
  std::string address; ///< for the store's client
  std::uint32_t metrics = 1;
  std::uint64_t stores_max = 64; ///< connections to the store, shared by the HTTP workers
};

/// The thin HTTP server that an application would put before its database: cpp-httplib, the movement's JSON read, one
/// call of the store, the balances answered. Same request as Croupier's movement call, same statuses. Listens on a free
/// port of 127.0.0.1, prints it, and serves until SIGTERM. Gives the exit status.
int serve_shim(const shim_options& options);

} // namespace croupier::race
