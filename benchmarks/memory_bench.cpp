// What players cost in memory. Idle: resident memory that a million registered players add. Awake: what is given back
// when players who each hold 10 metrics and 100 request ids go to sleep. Each phase ends with a checkpoint and with
// free memory returned to the system, so that what is compared are players, not buffers.
//
//   memory_bench [--idle-players 1000000] [--awake-players 20000] [--movements-each 100] [--cycles 4]

#include "benchmarks/support/arguments.hpp"
#include "benchmarks/support/bench_ledger.hpp"
#include "benchmarks/support/child_process.hpp"
#include "benchmarks/support/feeding.hpp"
#include "benchmarks/support/figures.hpp"
#include "benchmarks/support/machine.hpp"

#include <cstdio>
#include <functional>
#include <iostream>
#include <thread>

namespace {

using namespace croupier;

constexpr auto idle_after = std::chrono::seconds(60);
constexpr auto patience = std::chrono::minutes(10);

void wait_until(const char* what, const std::function<bool()>& holds) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) {
      std::cerr << "waited in vain: " << what << '\n';
      std::exit(1);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

/// Resident bytes when nothing is left to be written.
double settled_bytes(bench::bench_ledger& ledger) {
  wait_until("a checkpoint of everything", [&] { return ledger.view().tail_entries() == 0; });
  bench::give_back_free_memory();
  return static_cast<double>(bench::own_resident_bytes());
}

struct awake_figures {
  double awake_bytes = 0;
  double asleep_bytes = 0;
};

/// Round by round over all players, so that none has been idle for long when the last round ends.
awake_figures wake_and_let_sleep(bench::bench_ledger& ledger, std::uint64_t players, std::uint64_t each,
                                 std::uint64_t first_number) {
  bench::feed(ledger.gateway(), {first_number, players * each},
              [&](std::uint64_t n) { return ledger.wide_movement((n - first_number) % players, n); });
  awake_figures found;
  found.awake_bytes = settled_bytes(ledger);
  const auto awake = ledger.gateway().figures().awake_players;
  if (awake != players) {
    std::cerr << awake << " of " << players << " players are awake: the load took longer than players stay awake\n";
    std::exit(1);
  }
  wait_until("every player to sleep", [&] { return ledger.gateway().figures().awake_players == 0; });
  found.asleep_bytes = settled_bytes(ledger);
  return found;
}

} // namespace

int main(int argc, char** argv) {
  std::uint64_t idle_players = 1'000'000;
  std::uint64_t awake_players = 20'000;
  std::uint64_t each = 100;
  std::uint64_t cycles = 4;
  bench::arguments args(argc, argv);
  args.number("--idle-players", idle_players);
  args.number("--awake-players", awake_players);
  args.number("--movements-each", each);
  args.number("--cycles", cycles);
  args.done();

  const bench::scratch_folder scratch("croupier-memory");
  bench::ledger_setup setup;
  setup.options.idle_after = idle_after;
  setup.options.checkpoint_after = std::chrono::seconds(1);
  setup.block_cache_bytes = 8ULL << 20; // the cache has a bound of its own and would fill up during the measurement
  bench::bench_ledger ledger(scratch.path(), setup);
  bench::figures out;

  const auto empty = settled_bytes(ledger);
  ledger.register_players(0, idle_players);
  wait_until("every player to sleep", [&] { return ledger.gateway().figures().awake_players == 0; });
  const auto registered = settled_bytes(ledger);
  out.add("all idle players, added", "MB", (registered - empty) / 1e6);

  // The first time fills buffers that stay; the others show what players add and give back.
  const auto count = static_cast<double>(awake_players);
  auto before = wake_and_let_sleep(ledger, awake_players, each, 1);
  for (std::uint64_t cycle = 1; cycle < cycles; ++cycle) {
    const auto now = wake_and_let_sleep(ledger, awake_players, each, 1 + cycle * awake_players * each);
    out.add("an awake player", "bytes", (now.awake_bytes - now.asleep_bytes) / count);
    out.add("a player that woke, and sleeps again", "bytes", (now.asleep_bytes - before.asleep_bytes) / count);
    out.add("resident with nobody awake", "MB", now.asleep_bytes / 1e6);
    before = now;
  }
  std::printf("%s%lu idle players; %lu awake ones with 10 metrics and %lu request ids each\n", out.table().c_str(),
              idle_players, awake_players, each);
}
