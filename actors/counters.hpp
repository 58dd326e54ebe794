#pragma once

#include "actors/gateway.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace croupier::actors {

struct posting;

/// What the actors count, for ledger_figures. Relaxed atomics: any thread, no order between them.
struct counters {
  using counter = std::atomic<std::uint64_t>;

  counter movements_accepted{0};
  counter movements_duplicate{0};
  std::array<counter, 16> movements_rejected{};
  std::array<counter, 8> failures{};
  counter registrations{0};
  counter clicks{0};
  counter in_flight{0}; ///< requests counted in and not yet finally answered
  counter awake_players{0};
  counter players_woken{0};
  counter players_passivated{0};
  counter commits{0};
  counter entries_committed{0};
  std::array<counter, 17> sync_latency{};
  counter sync_latency_sum_us{0};
  counter checkpoints_written{0};
  counter checkpoint_errors{0};
  counter journal_errors{0};
  counter read_errors{0};

  /// Counts an answer that is about to be delivered; a final one takes its request out of flight. `Answer` is
  /// posting.hpp's answer.
  template<class Answer>
  void count(const posting& to, const Answer& reply) noexcept;

  /// One request less is on its way.
  void take_out_of_flight() noexcept { in_flight.fetch_sub(1, std::memory_order_acq_rel); }

  /// Counts one group's write and sync.
  void count_sync(std::uint64_t latency_us) noexcept;

  /// Adds this to `out`.
  void read(ledger_figures& out) const noexcept;
};

} // namespace croupier::actors
