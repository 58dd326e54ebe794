#pragma once

#include "benchmarks/load/histogram.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::load {

/// Why no answer came.
enum class loss : std::uint8_t {
  refused,   ///< no connection could be made; the request was never sent
  closed,    ///< the connection ended before the answer was whole
  timed_out, ///< no answer within the time given
  malformed, ///< what came was not an answer
  cut        ///< the connection was cut on purpose
};

inline constexpr std::size_t loss_kinds = 5;

std::string_view name_of(loss why) noexcept;

struct outcome_figures {
  std::string name;
  histogram latency; ///< its count is the number of these answers
};

/// What a run of the generator found.
struct report {
  double elapsed_s = 0; ///< from the start to the last answer
  std::vector<outcome_figures> outcomes;
  std::array<std::uint64_t, loss_kinds> lost{}; ///< by value of `loss`
  std::uint64_t unsent = 0;                     ///< fell due in an open loop, but no connection was free in time
  std::uint64_t connects = 0;
  double generator_cpu_s = 0; ///< of all generator threads

  std::uint64_t answered() const noexcept;
  std::uint64_t lost_in_all() const noexcept;
  /// Answers per second.
  double rate() const noexcept;
  /// The latencies of all outcomes together.
  histogram latency() const;
};

/// A table for people, several lines.
std::string to_text(const report& what);
/// One JSON object on one line; latencies in whole microseconds.
std::string to_json(const report& what);

} // namespace croupier::load
