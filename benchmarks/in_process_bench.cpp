// The write path without HTTP: movements through gateway, brand shard, player, journal and checkpoints, against a bare
// RocksDB append of the same bytes (one key per movement, groups of 512, one sync per group). Both in one run, in turn.
// The processor time of a movement counts all threads, what RocksDB does in the background and making the requests too.
//
// With --books there is no bare append; instead rounds without the books beside the ledger (figures of reports,
// affiliates' accounts, audit log, traits) and with them take turns. A round with books ends when they have taken
// everything in and are saved.
//
//   in_process_bench [--movements 3000000] [--players 100000] [--feeders 2] [--window 512] [--rounds 6] [--hot]
//   [--books]

#include "actors/books.hpp"
#include "benchmarks/support/arguments.hpp"
#include "benchmarks/support/bench_ledger.hpp"
#include "benchmarks/support/feeding.hpp"
#include "benchmarks/support/machine.hpp"

#include <rocksdb/db.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

namespace {

using namespace croupier;
using clock_type = std::chrono::steady_clock;

struct plan {
  std::uint64_t movements = 3'000'000;
  std::uint64_t players = 100'000;
  std::uint64_t feeders = 2;
  std::uint64_t window = 512;
  std::uint64_t rounds = 6;
  bool hot = false;
  bool books = false;
};

std::uint64_t scatter(std::uint64_t n) {
  return (n * 0x9e3779b97f4a7c15U) >> 20;
}

/// Both sides get the same movements.
actors::movement_request movement(const bench::bench_ledger& ledger, const plan& what, std::uint64_t number) {
  return ledger.movement(what.hot ? 0 : scatter(number) % what.players, number);
}

double bare_append(rocksdb::DB& db, const bench::bench_ledger& ledger, const plan& what, std::uint64_t first,
                   std::uint64_t count) {
  constexpr std::uint64_t group_size = 512;
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const auto start = clock_type::now();
  for (auto n = first; n < first + count;) {
    rocksdb::WriteBatch group;
    for (const auto end = std::min(n + group_size, first + count); n < end; ++n) {
      char key[8];
      for (int byte = 0; byte < 8; ++byte) key[byte] = static_cast<char>(n >> (56 - 8 * byte));
      group.Put(rocksdb::Slice(key, 8), movement(ledger, what, n).payload);
    }
    if (!db.Write(synced, &group).ok()) std::abort();
  }
  return static_cast<double>(count) / std::chrono::duration<double>(clock_type::now() - start).count();
}

struct round_figures {
  double rate_per_s = 0;
  double cpu_us = 0; ///< of a movement
};

/// One round of movements, and what `after` does when all are answered.
template<class After>
round_figures measure(bench::bench_ledger& ledger, const plan& what, std::uint64_t first, std::uint64_t count,
                      After after) {
  const auto computed_before = bench::own_processor_time_us();
  const auto took = bench::feed(ledger.gateway(), {first, count, what.feeders, what.window},
                                [&](std::uint64_t n) { return movement(ledger, what, n); });
  after();
  return {static_cast<double>(count) / took,
          (bench::own_processor_time_us() - computed_before) / static_cast<double>(count)};
}

int beside_bare_append(const plan& what, bench::bench_ledger& ledger, const std::filesystem::path& folder) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::Open(options, (folder / "bare").string(), &opened).ok()) return 1;
  const std::unique_ptr<rocksdb::DB> bare(opened);

  std::printf("%-8s %16s %16s %8s %12s\n", "round", "bare append/s", "in process/s", "ratio", "CPU us each");
  bench::sample ratios;
  bench::sample costs;
  const auto per_round = what.movements / what.rounds;
  for (std::uint64_t round = 0; round < what.rounds; ++round) {
    const auto first = 1 + round * per_round;
    const auto bare_rate = bare_append(*bare, ledger, what, first, per_round);
    const auto found = measure(ledger, what, first, per_round, [] {});
    ratios.add(found.rate_per_s / bare_rate);
    costs.add(found.cpu_us);
    std::printf("%-8lu %16.0f %16.0f %8.2f %12.2f\n", round + 1, bare_rate, found.rate_per_s,
                found.rate_per_s / bare_rate, found.cpu_us);
    std::fflush(stdout);
  }
  std::printf("median: ratio %.2f, %.2f us of processor time each (fsync on, %lu movements, %lu players%s)\n",
              ratios.median(), costs.median(), what.movements, what.players, what.hot ? ", one hot" : "");
  return 0;
}

bool caught_up(actors::books& books, const bench::bench_ledger& ledger) {
  return books.feed().wait_for(ledger.view().durable(), clock_type::now() + std::chrono::minutes(10));
}

int beside_books(const plan& what, bench::bench_ledger& ledger, const std::filesystem::path& folder) {
  std::printf("%-8s %14s %14s %14s %14s %8s %8s\n", "round", "without/s", "with books/s", "CPU us without",
              "CPU us with", "rate x", "CPU x");
  bench::sample rates;
  bench::sample costs;
  const auto per_turn = what.movements / (2 * what.rounds);
  for (std::uint64_t round = 0; round < what.rounds; ++round) {
    round_figures of[2];
    for (const std::uint64_t turn : {round % 2, (round + 1) % 2}) { // who begins changes, too
      std::unique_ptr<actors::books> books;
      if (turn == 1) {
        auto opened = actors::books::open(folder, ledger.view());
        if (!opened || !caught_up(**opened, ledger)) return 1;
        books = std::move(*opened);
      }
      of[turn] = measure(ledger, what, 1 + (2 * round + turn) * per_turn, per_turn, [&] {
        if (!books) return;
        if (!caught_up(*books, ledger)) std::abort();
        books->stop();
      });
    }
    rates.add(of[1].rate_per_s / of[0].rate_per_s);
    costs.add(of[1].cpu_us / of[0].cpu_us);
    std::printf("%-8lu %14.0f %14.0f %14.2f %14.2f %8.3f %8.3f\n", round + 1, of[0].rate_per_s, of[1].rate_per_s,
                of[0].cpu_us, of[1].cpu_us, of[1].rate_per_s / of[0].rate_per_s, of[1].cpu_us / of[0].cpu_us);
    std::fflush(stdout);
  }
  std::printf(
      "median: with the books %.3f x the rate and %.3f x the processor time (fsync on, %lu movements, %lu players)\n",
      rates.median(), costs.median(), what.movements, what.players);
  return 0;
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
  args.flag("--books", what.books);
  args.done();

  const bench::scratch_folder scratch("croupier-in-process");
  bench::bench_ledger ledger(scratch.path() / "ledger", {});
  ledger.register_players(0, what.players);
  return what.books ? beside_books(what, ledger, scratch.path()) : beside_bare_append(what, ledger, scratch.path());
}
