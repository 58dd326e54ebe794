// From nothing to ready, with many players and movements in the folder: after kill -9 at the end of the load (the
// newest checkpoint and the tail after it), after an orderly stop, and, with --server, the whole process until it
// serves.
//
//   startup_bench [--players 1000000] [--movements 3000000] [--server PATH]

#include "benchmarks/support/arguments.hpp"
#include "benchmarks/support/bench_ledger.hpp"
#include "benchmarks/support/croupier_server.hpp"
#include "benchmarks/support/feeding.hpp"
#include "benchmarks/support/figures.hpp"
#include "benchmarks/support/machine.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>

namespace {

using namespace croupier;
using clock_type = std::chrono::steady_clock;

/// In a process of its own, which ends by SIGKILL: nothing is written after the last answer.
void load_and_be_killed(const std::filesystem::path& folder, std::uint64_t players, std::uint64_t movements) {
  const pid_t child = ::fork();
  if (child == 0) {
    bench::bench_ledger ledger(folder, {});
    ledger.register_players(0, players);
    bench::feed(ledger.gateway(), {1, movements},
                [&](std::uint64_t n) { return ledger.movement(((n * 0x9e3779b97f4a7c15U) >> 20) % players, n); });
    std::cerr << "killed with " << ledger.view().tail_entries() << " entries after the last checkpoint\n";
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
    std::cerr << "the load failed\n";
    std::exit(1);
  }
}

/// Seconds until movements can be taken. A click is one of the things that opening does.
double open_s(const std::filesystem::path& folder, std::uint64_t expected_players) {
  const auto start = clock_type::now();
  bench::bench_ledger ledger(folder, {});
  const auto took = std::chrono::duration<double>(clock_type::now() - start).count();
  if (!ledger.gateway().ready().writable || ledger.view().player_count() != expected_players) {
    std::cerr << "the ledger is not whole: " << ledger.view().player_count() << " players\n";
    std::exit(1);
  }
  return took;
}

} // namespace

int main(int argc, char** argv) {
  std::uint64_t players = 1'000'000;
  std::uint64_t movements = 3'000'000;
  std::string server;
  bench::arguments args(argc, argv);
  args.number("--players", players);
  args.number("--movements", movements);
  args.text("--server", server);
  args.done();

  const bench::scratch_folder scratch("croupier-startup");
  const auto folder = scratch.path() / "data";
  load_and_be_killed(folder, players, movements);
  bench::figures out;
  const bool cold = bench::forget_pages();
  const std::string pages = cold ? ", nothing in the page cache" : ", page cache warm";
  out.add("ready after kill -9" + pages, "s", open_s(folder, players));
  bench::forget_pages();
  out.add("ready after an orderly stop" + pages, "s", open_s(folder, players));
  out.add("ready after an orderly stop, page cache warm", "s", open_s(folder, players));
  if (!server.empty()) {
    bench::forget_pages();
    bench::croupier_server serving({server, scratch.path(), bench::workspace_text(1), {}});
    out.add("process started to serving" + pages, "s", serving.start_s());
    serving.stop();
  }
  std::printf("%s%lu players, %lu movements, %.0f MB on disk\n", out.table().c_str(), players, movements,
              static_cast<double>(bench::disk_bytes_of(folder)) / 1e6);
}
