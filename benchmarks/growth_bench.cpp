// What a full folder costs: the write rate, start-up, resident memory and bytes on disk with many movements, against
// the same with few. The load runs in a process of its own, which ends by SIGKILL; then the folder is opened again and
// request ids of the oldest movements are sent once more: each must be refused as a duplicate.
//
//   growth_bench [--few 1000000] [--many 100000000] [--players 100000] [--probe 500000] [--probes 5] [--repeats 20000]

#include "benchmarks/support/arguments.hpp"
#include "benchmarks/support/bench_ledger.hpp"
#include "benchmarks/support/child_process.hpp"
#include "benchmarks/support/feeding.hpp"
#include "benchmarks/support/figures.hpp"
#include "benchmarks/support/machine.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <thread>

namespace {

using namespace croupier;
using clock_type = std::chrono::steady_clock;

struct plan {
  std::uint64_t few = 1'000'000;
  std::uint64_t many = 100'000'000;
  std::uint64_t players = 100'000;
  std::uint64_t probe = 500'000;
  std::uint64_t probes = 5;
  std::uint64_t repeats = 20'000;
};

/// What the child tells before it is killed.
struct told {
  double few_rate = 0;
  double many_rate = 0;
  double few_resident_bytes = 0;
  double many_resident_bytes = 0;
  std::uint64_t movements = 0;
};

actors::movement_request movement(const bench::bench_ledger& ledger, const plan& what, std::uint64_t number) {
  return ledger.movement(((number * 0x9e3779b97f4a7c15U) >> 20) % what.players, number);
}

double seconds_since(clock_type::time_point start) {
  return std::chrono::duration<double>(clock_type::now() - start).count();
}

/// Sends movements up to the given number, a line every few seconds.
void load_up_to(bench::bench_ledger& ledger, const plan& what, std::uint64_t& loaded, std::uint64_t number) {
  constexpr std::uint64_t step = 1'000'000;
  const auto start = clock_type::now();
  const auto first = loaded;
  while (loaded < number) {
    const auto count = std::min(step, number - loaded);
    bench::feed(ledger.gateway(), {loaded + 1, count}, [&](std::uint64_t n) { return movement(ledger, what, n); });
    loaded += count;
    std::fprintf(stderr, "%lu movements, %.0f /s\n", loaded,
                 static_cast<double>(loaded - first) / seconds_since(start));
  }
}

double median_rate(bench::bench_ledger& ledger, const plan& what, std::uint64_t& loaded) {
  bench::sample rates;
  for (std::uint64_t i = 0; i < what.probes; ++i) {
    const auto took = bench::feed(ledger.gateway(), {loaded + 1, what.probe},
                                  [&](std::uint64_t n) { return movement(ledger, what, n); });
    loaded += what.probe;
    rates.add(static_cast<double>(what.probe) / took);
  }
  return rates.median();
}

/// Resident bytes once everything is in a checkpoint and what is free was given back.
double settled_bytes(bench::bench_ledger& ledger) {
  while (ledger.view().tail_entries() != 0) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  bench::give_back_free_memory();
  return static_cast<double>(bench::own_resident_bytes());
}

[[noreturn]] void load_and_be_killed(const std::filesystem::path& folder, const plan& what, int tell) {
  bench::ledger_setup setup;
  setup.options.checkpoint_after = std::chrono::seconds(5);
  bench::bench_ledger ledger(folder, setup);
  ledger.register_players(0, what.players);
  told news;
  load_up_to(ledger, what, news.movements, what.few);
  news.few_rate = median_rate(ledger, what, news.movements);
  news.few_resident_bytes = settled_bytes(ledger);
  load_up_to(ledger, what, news.movements, what.many);
  news.many_rate = median_rate(ledger, what, news.movements);
  news.many_resident_bytes = settled_bytes(ledger);
  if (::write(tell, &news, sizeof news) != static_cast<ssize_t>(sizeof news)) std::abort();
  ::kill(::getpid(), SIGKILL);
  std::abort();
}

told loaded_by_a_child(const std::filesystem::path& folder, const plan& what) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) std::abort();
  const pid_t child = ::fork();
  if (child == 0) load_and_be_killed(folder, what, ends[1]);
  ::close(ends[1]);
  told news;
  const bool whole = ::read(ends[0], &news, sizeof news) == static_cast<ssize_t>(sizeof news);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (whole && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return news;
  std::cerr << "the load failed\n";
  std::exit(1);
}

/// Sends movements again, evenly chosen from the first `few`; ends the program unless each is refused as a duplicate.
void repeat_the_oldest(bench::bench_ledger& ledger, const plan& what) {
  const auto stride = std::max<std::uint64_t>(1, what.few / what.repeats);
  std::atomic<std::uint64_t> refused{0};
  bench::feed(
      ledger.gateway(), {0, what.repeats}, [&](std::uint64_t n) { return movement(ledger, what, 1 + n * stride); },
      [&](std::uint64_t, const actors::outcome& got) {
        const auto* no = std::get_if<actors::refusal>(&got);
        if (no != nullptr && no->why == rejection::request_duplicate) refused.fetch_add(1);
      });
  if (refused == what.repeats) return;
  std::cerr << refused << " of " << what.repeats << " repeats of the oldest movements were refused as duplicates\n";
  std::exit(1);
}

} // namespace

int main(int argc, char** argv) {
  plan what;
  bench::arguments args(argc, argv);
  args.number("--few", what.few);
  args.number("--many", what.many);
  args.number("--players", what.players);
  args.number("--probe", what.probe);
  args.number("--probes", what.probes);
  args.number("--repeats", what.repeats);
  args.done();
  if (what.repeats == 0 || what.repeats > what.few || what.probes == 0 || what.few > what.many) {
    std::cerr << "growth_bench: repeats must be 1 to `few`, `few` at most `many`, and probes at least 1\n";
    return 2;
  }

  const bench::scratch_folder scratch("croupier-growth");
  const auto folder = scratch.path() / "data";
  const auto news = loaded_by_a_child(folder, what);
  const auto disk_bytes = static_cast<double>(bench::disk_bytes_of(folder));
  bench::figures out;
  out.add("movements/s with few", "1/s", news.few_rate);
  out.add("movements/s with many", "1/s", news.many_rate);
  out.add("rate with many / with few", "", news.many_rate / news.few_rate);
  out.add("resident with few", "MB", news.few_resident_bytes / 1e6);
  out.add("resident with many", "MB", news.many_resident_bytes / 1e6);
  out.add("on disk, a movement", "bytes", disk_bytes / static_cast<double>(news.movements));
  bench::forget_pages();
  const auto start = clock_type::now();
  bench::bench_ledger ledger(folder, {});
  out.add("ready after kill -9", "s", seconds_since(start));
  const auto again = clock_type::now();
  repeat_the_oldest(ledger, what);
  out.add("repeats of the oldest, all refused", "1/s", static_cast<double>(what.repeats) / seconds_since(again));
  std::printf("%s%lu movements, then %lu, of %lu players; %.1f GB on disk\n", out.table().c_str(), what.few,
              news.movements, what.players, disk_bytes / 1e9);
}
