#pragma once

#include "benchmarks/race/engine.hpp"
#include "benchmarks/race/system.hpp"

#include <memory>
#include <string>
#include <vector>

namespace croupier::race {

/// SQLite in this process: a write-ahead log, synced at every commit (synchronous = FULL), one transaction for each
/// unit of work on the one connection that writes. A library: its processor time is its caller's.
class sqlite final : public system {
public:
  explicit sqlite(const workload& work);
  ~sqlite() override;

  void start(const std::filesystem::path& folder) override;
  void stop() override;
  void show(bench::balance_check& check) override;

  engine& writer() noexcept;

  static const std::vector<std::string>& settings();

private:
  class database;
  std::unique_ptr<database> database_;
};

} // namespace croupier::race
