#include "tests/simulation/simulation.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

/// The seeds of a file, one a line; what follows a '#' is for people.
std::vector<std::uint64_t> seeds_of(const char* path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(std::string(path) + " cannot be read");
  std::vector<std::uint64_t> seeds;
  for (std::string line; std::getline(file, line);)
    if (const auto text = line.substr(0, line.find('#')); text.find_first_of("0123456789") != std::string::npos)
      seeds.push_back(std::stoull(text));
  return seeds;
}

} // namespace

/// simulation_test [--always FILE] [--seeds N] [--first SEED] [--step N] [--threads N]
/// Runs the simulation for the seeds of the file and for N more (default 2,000; every one from the first on, or every
/// step-th), and prints those that fail with what was different. `--first 12 --step 12`: only worlds in which
/// affiliates are paid. N worlds run at a time (default: four a processor).
int main(int argc, char** argv) {
  std::uint64_t seeds = 2'000;
  std::uint64_t first = 1;
  std::uint64_t step = 1;
  // A world often waits for RocksDB's threads, which on a busy machine takes longer than its own work.
  std::uint64_t threads = 4 * std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::uint64_t> always;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--always") == 0) always = seeds_of(argv[i + 1]);
    if (std::strcmp(argv[i], "--seeds") == 0) seeds = std::stoull(argv[i + 1]);
    if (std::strcmp(argv[i], "--first") == 0) first = std::stoull(argv[i + 1]);
    if (std::strcmp(argv[i], "--step") == 0) step = std::stoull(argv[i + 1]);
    if (std::strcmp(argv[i], "--threads") == 0) threads = std::stoull(argv[i + 1]);
  }
  const std::uint64_t all = always.size() + seeds;
  std::atomic<std::uint64_t> next{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> crashes{0};
  std::atomic<std::uint64_t> faults{0};
  std::atomic<std::uint64_t> payments{0};
  std::atomic<std::uint64_t> settlements{0};
  std::mutex printing;
  const auto began = std::chrono::steady_clock::now();
  const auto work = [&] {
    for (auto turn = next.fetch_add(1); turn < all; turn = next.fetch_add(1)) {
      const auto seed = turn < always.size() ? always[turn] : first + (turn - always.size()) * step;
      const auto report = croupier::test::simulate(seed);
      requests += report.requests;
      crashes += report.crashes;
      faults += report.faults;
      payments += report.payments;
      settlements += report.settlements;
      const std::scoped_lock lock(printing);
      if (turn > 0 && turn % 10'000 == 0) std::printf("... %llu seeds\n", static_cast<unsigned long long>(turn));
      if (report.differences.empty()) continue;
      ++failed;
      std::printf("seed %llu:\n", static_cast<unsigned long long>(seed));
      for (const auto& each : report.differences) std::printf("  %s\n", each.c_str());
      std::fflush(stdout);
    }
  };
  std::vector<std::thread> workers;
  for (std::uint64_t i = 0; i < threads; ++i) workers.emplace_back(work);
  for (auto& each : workers) each.join();
  const auto took = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began);
  const auto shown = [](const auto& number) { return static_cast<unsigned long long>(number); };
  std::printf("%llu seeds, %llu answers, %llu power losses, %llu disk faults, %llu calls about payments that made %llu "
              "settlements, %llu s: %llu seeds with differences\n",
              shown(all), shown(requests.load()), shown(crashes.load()), shown(faults.load()), shown(payments.load()),
              shown(settlements.load()), shown(took.count()), shown(failed.load()));
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
