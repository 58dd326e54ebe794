#pragma once

#include "benchmarks/support/movement_feed.hpp"
#include "benchmarks/support/workload.hpp"

#include <string>

namespace croupier::race {

using bench::movement;
using bench::verdict;
using bench::workload;

/// One connection to a store, called and waited for: what the thin HTTP server puts behind its calls, and how SQLite is
/// used. One thread at a time.
class engine {
public:
  virtual ~engine() = default;

  /// The unit of work that everyone in the race does: find the player, apply the movement once per (player, request
  /// id), keep the payload, change the balances, all in one step and durable before this returns. `balances` receives
  /// the new balances as the store gives them, when it was applied. Throws std::runtime_error when the store fails.
  virtual verdict apply(const movement& what, std::string& balances) = 0;
};

} // namespace croupier::race
