#pragma once

#include "benchmarks/race/entrants.hpp"
#include "benchmarks/support/workload.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace croupier::race {

struct race_options {
  bench::workload_options work;
  field_options field;
  std::uint64_t rounds = 5;
  extent size;
  std::filesystem::path folder; ///< for everyone's data
};

/// One entrant in one cell of one round.
struct result_row {
  std::uint64_t round = 0;
  std::string entrant;
  std::size_t cell = 0;
  measured found;
};

/// What a system had used when a round ended.
struct system_row {
  std::string system;
  std::uint64_t movements = 0;
  std::uint64_t disk_bytes = 0;
  std::uint64_t memory_bytes = 0;
};

struct results {
  std::vector<cell> cells;
  std::vector<std::string> entrants; ///< in order
  std::vector<result_row> rows;
  std::vector<system_row> systems;

  /// Whether any run was voided.
  bool any_void() const;
};

/// The cells, each of which changes one thing of the first: uniform players, 64 connections, no retries, closed loop.
std::vector<cell> all_cells();

/// Runs all rounds. In a round every system starts with an empty folder; in each cell the entrants take turns, in
/// another order each round, while every other server is frozen; after each turn every balance of the system is held
/// against the model, and a turn with a difference is void, as are the system's later ones in that round. `progress`
/// gets a line for each turn.
results run_race(const race_options& options, const std::function<void(const std::string&)>& progress);

} // namespace croupier::race
