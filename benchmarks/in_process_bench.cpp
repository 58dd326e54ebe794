// The write path without HTTP: movements through gateway, brand shard, player, journal and checkpoints, against a bare
// RocksDB append of the same bytes (one key per movement, groups of 512, one sync per group). Both in one run, in turn.
//
//   in_process_bench [--movements 3000000] [--players 100000] [--feeders 2] [--window 512] [--rounds 6] [--hot]

#include "benchmarks/support/arguments.hpp"
#include "benchmarks/support/bench_ledger.hpp"

#include <rocksdb/db.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <thread>

namespace {

using namespace croupier;
using clock_type = std::chrono::steady_clock;

double seconds_since(clock_type::time_point start) {
  return std::chrono::duration<double>(clock_type::now() - start).count();
}

struct plan {
  std::uint64_t movements = 3'000'000;
  std::uint64_t players = 100'000;
  std::uint64_t feeders = 2;
  std::uint64_t window = 512;
  std::uint64_t rounds = 6;
  bool hot = false;
};

std::uint64_t scatter(std::uint64_t n) { return (n * 0x9e3779b97f4a7c15U) >> 20; }

/// Movements per second of one round; each feeder keeps two windows on their way.
double feed(bench::bench_ledger& ledger, const plan& what, std::uint64_t first, std::uint64_t count) {
  std::atomic<std::uint64_t> next{first};
  std::atomic<std::uint64_t> accepted{0};
  const auto settle = [&](actors::submission& sent) {
    for (const auto& each : sent.wait(clock_type::now() + std::chrono::minutes(5)))
      if (std::holds_alternative<actors::receipt>(each)) accepted.fetch_add(1, std::memory_order_relaxed);
  };
  const auto start = clock_type::now();
  std::vector<std::thread> feeders;
  for (std::uint64_t f = 0; f < what.feeders; ++f)
    feeders.emplace_back([&] {
      std::deque<actors::submission> on_their_way;
      for (;;) {
        const auto from = next.fetch_add(what.window);
        if (from >= first + count) break;
        std::vector<actors::movement_request> group;
        group.reserve(what.window);
        for (auto n = from; n < std::min(from + what.window, first + count); ++n)
          group.push_back(ledger.movement(what.hot ? 0 : scatter(n) % what.players, n));
        on_their_way.push_back(ledger.gateway().submit(std::move(group)));
        if (on_their_way.size() > 2) {
          settle(on_their_way.front());
          on_their_way.pop_front();
        }
      }
      for (auto& sent : on_their_way) settle(sent);
    });
  for (auto& each : feeders) each.join();
  const auto took = seconds_since(start);
  if (accepted.load() != count) std::printf("!! accepted %lu of %lu\n", accepted.load(), count);
  return static_cast<double>(count) / took;
}

double bare_append(rocksdb::DB& db, const bench::bench_ledger& ledger, const plan& what, std::uint64_t first, std::uint64_t count) {
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const auto start = clock_type::now();
  for (std::uint64_t n = first; n < first + count;) {
    rocksdb::WriteBatch group;
    for (int i = 0; i < 512 && n < first + count; ++i, ++n) {
      char key[8];
      for (int byte = 0; byte < 8; ++byte) key[byte] = static_cast<char>(n >> (56 - 8 * byte));
      group.Put(rocksdb::Slice(key, 8), ledger.movement(scatter(n) % what.players, n).payload);
    }
    if (!db.Write(synced, &group).ok()) std::abort();
  }
  return static_cast<double>(count) / seconds_since(start);
}

} // namespace

int main(int argc, char** argv) {
  plan what;
  bench::arguments args(argc, argv);
  args.number("--movements", what.movements);
  args.number("--players", what.players);
  args.number("--feeders", what.feeders);
  args.number("--window", what.window);
  args.number("--rounds", what.rounds);
  args.flag("--hot", what.hot);
  args.done();

  const bench::scratch_folder scratch("croupier-in-process");
  bench::bench_ledger ledger(scratch.path() / "ledger", {});
  ledger.register_players(0, what.players);
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::Open(options, (scratch.path() / "bare").string(), &opened).ok()) return 1;
  const std::unique_ptr<rocksdb::DB> bare(opened);

  std::printf("%-8s %16s %16s %8s\n", "round", "bare append/s", "in process/s", "ratio");
  bench::sample ratios;
  const auto per_round = what.movements / what.rounds;
  for (std::uint64_t round = 0; round < what.rounds; ++round) {
    const auto first = 1 + round * per_round;
    const auto bare_rate = bare_append(*bare, ledger, what, first, per_round);
    const auto rate = feed(ledger, what, first, per_round);
    ratios.add(rate / bare_rate);
    std::printf("%-8lu %16.0f %16.0f %8.2f\n", round + 1, bare_rate, rate, rate / bare_rate);
    std::fflush(stdout);
  }
  std::printf("median ratio: %.2f (fsync on, %lu movements, %lu players%s)\n", ratios.median(), what.movements,
              what.players, what.hot ? ", one hot" : "");
}
