#pragma once

#include "benchmarks/load/histogram.hpp"
#include "benchmarks/race/system.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace croupier::race {

/// What one cell of the race asks of everyone.
struct cell {
  std::string group; ///< the table that it belongs to
  std::string name;
  bench::shape whom = bench::shape::uniform;
  std::size_t connections = 64;
  std::uint32_t retry_percent = 0;
  double load_share = 0; ///< open loop at this share of the entrant's own full rate; 0: closed loop
};

/// How long a cell takes: whichever ends first.
struct extent {
  std::chrono::nanoseconds duration{};
  std::uint64_t movements_max = 0;
};

struct measured {
  double movements_per_s = 0;
  double calls_per_s = 0;
  load::histogram latency; ///< of calls; empty where there are none
  std::uint64_t movements = 0;
  std::uint64_t wrong = 0; ///< answers that were not the right one, and calls without an answer
  std::string evidence;    ///< the first of them
  std::uint64_t unsent = 0;
  double server_cpu_s = 0;
  double caller_cpu_s = 0;
  std::string voided; ///< why it does not count; empty: every balance is right
};

/// One way of calling one system.
class entrant {
public:
  entrant(std::string name, system& home) : name_(std::move(name)), home_(home) {}
  virtual ~entrant() = default;
  entrant(const entrant&) = delete;
  entrant& operator=(const entrant&) = delete;

  const std::string& name() const noexcept { return name_; }
  system& home() noexcept { return home_; }
  const system& home() const noexcept { return home_; }

  /// Starts what it needs beside its system, which runs.
  virtual void start() {}
  virtual void stop() {}
  /// Processor time of what it started.
  virtual double helper_cpu_s() const { return 0; }
  /// Whether the cell means anything to it.
  virtual bool takes(const cell& what) const = 0;
  /// `rate_per_s`: calls per second in an open loop; 0: closed.
  virtual measured run(const cell& what, const extent& size, double rate_per_s) = 0;

private:
  std::string name_;
  system& home_;
};

} // namespace croupier::race
