#pragma once

#include "benchmarks/race/entrant.hpp"
#include "benchmarks/race/postgres.hpp"

namespace croupier::race {

/// PostgreSQL driven by its own benchmark program instead of ours, as a check of our client: the same function, a
/// payload of the same size, in a database of its own in the same cluster. Every movement is a deposit of 12.50, so
/// that each balance must be 12.50 times the player's movements, and the movements must be as many as pgbench counted;
/// that is checked after each run.
class pgbench_entrant final : public entrant {
public:
  pgbench_entrant(std::string name, postgres& home) : entrant(std::move(name), home), postgres_(home) {}

  void start() override;
  bool takes(const cell& what) const override;
  measured run(const cell& what, const extent& size, double rate_per_s) override;

private:
  postgres& postgres_;
  std::filesystem::path script_;
  std::uint64_t movements_ = 0; ///< that pgbench counted in all runs
};

} // namespace croupier::race
