#include "tests/simulation/simulation.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

/// simulation_test [--seeds N] [--first SEED] [--threads N]
/// Runs the simulation for N seeds (default 2,000) and prints those that fail with what was different.
int main(int argc, char** argv) {
  std::uint64_t seeds = 2'000;
  std::uint64_t first = 1;
  std::uint64_t threads = std::max(1U, std::thread::hardware_concurrency());
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--seeds") == 0) seeds = std::stoull(argv[i + 1]);
    if (std::strcmp(argv[i], "--first") == 0) first = std::stoull(argv[i + 1]);
    if (std::strcmp(argv[i], "--threads") == 0) threads = std::stoull(argv[i + 1]);
  }
  std::atomic<std::uint64_t> next{first};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> crashes{0};
  std::atomic<std::uint64_t> faults{0};
  std::mutex printing;
  const auto began = std::chrono::steady_clock::now();
  const auto work = [&] {
    for (auto seed = next.fetch_add(1); seed < first + seeds; seed = next.fetch_add(1)) {
      const auto report = croupier::test::simulate(seed);
      requests += report.requests;
      crashes += report.crashes;
      faults += report.faults;
      const std::scoped_lock lock(printing);
      if (seed % 10'000 == 0) std::printf("... %llu seeds\n", static_cast<unsigned long long>(seed - first));
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
  std::printf("%llu seeds, %llu answers, %llu power losses, %llu disk faults, %llu s: %llu seeds with differences\n",
              static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(requests.load()),
              static_cast<unsigned long long>(crashes.load()), static_cast<unsigned long long>(faults.load()),
              static_cast<unsigned long long>(took.count()), static_cast<unsigned long long>(failed.load()));
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
