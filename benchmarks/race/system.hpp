#pragma once

#include "benchmarks/support/child_process.hpp"
#include "benchmarks/support/model.hpp"
#include "benchmarks/support/movement_feed.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

namespace croupier::race {

/// A ledger in the race with a data folder of its own: a server, or a library in this process. Made once per round.
class system {
public:
  explicit system(const bench::workload& work) : model_(work) {}
  virtual ~system() = default;
  system(const system&) = delete;
  system& operator=(const system&) = delete;

  /// Makes an empty ledger in the folder, starts it and registers every player of the workload.
  virtual void start(const std::filesystem::path& folder) = 0;
  /// An orderly stop. What comes after is only the destructor.
  virtual void stop() = 0;
  /// Shows every balance and the number of movements.
  virtual void show(bench::balance_check& check) = 0;

  /// Lets the others have the machine, and takes it back.
  virtual void freeze() {}
  virtual void thaw() {}
  /// Processor time used so far by what serves, in seconds; 0 for libraries, whose time is the caller's.
  virtual double cpu_s() const { return 0; }
  /// Memory of what serves; 0 for libraries.
  virtual std::uint64_t memory_bytes() const { return 0; }
  /// What it keeps on the disk, while it runs.
  virtual std::uint64_t disk_bytes(const std::filesystem::path& folder) const { return bench::disk_bytes_of(folder); }

  bench::model& model() noexcept { return model_; }
  const bench::model& model() const noexcept { return model_; }
  std::atomic<std::uint64_t>& numbers() noexcept { return numbers_; }

private:
  bench::model model_;
  std::atomic<std::uint64_t> numbers_{1};
};

} // namespace croupier::race
