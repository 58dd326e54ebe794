#pragma once

#include "engine/timestamp.hpp"

#include <chrono>

namespace croupier::actors {

/// The time of this machine, in UTC. Everyone outside of the engine reads the clock here; whoever shares what it
/// decides with the ledger takes the ledger's time instead (`gateway_options::now`).
inline timestamp wall_clock() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count()};
}

} // namespace croupier::actors
