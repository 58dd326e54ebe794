#include "benchmarks/load/generator.hpp"

#include "benchmarks/load/driver.hpp"

#include <exception>
#include <stdexcept>
#include <thread>

namespace croupier::load {

namespace {

std::vector<std::unique_ptr<driver>> make_drivers(const plan& what, const channel_maker& connect,
                                                  std::span<caller* const> callers) {
  std::vector<std::unique_ptr<driver>> drivers;
  for (std::size_t i = 0; i < callers.size(); ++i) {
    const auto first = what.connections * i / callers.size();
    const auto own = what.connections * (i + 1) / callers.size() - first;
    if (own == 0) continue;
    const double rate = what.rate_per_s * static_cast<double>(own) / static_cast<double>(what.connections);
    drivers.push_back(std::make_unique<driver>(what, own, rate, what.seed + i, connect, *callers[i]));
  }
  return drivers;
}

} // namespace

report run(const plan& what, const channel_maker& connect, caller& calls) {
  caller* const only[] = {&calls};
  return run(what, connect, only);
}

report run(const plan& what, const channel_maker& connect, std::span<caller* const> callers) {
  if (what.pace != arrivals::closed && what.rate_per_s <= 0) throw std::runtime_error("an open loop has a rate");
  auto drivers = make_drivers(what, connect, callers);
  if (!what.connection_per_request) {
    std::size_t ready = 0;
    for (const auto& each : drivers) ready += each->connect_all();
    if (ready == 0) throw std::runtime_error("no connection can be made to the server under load");
  }
  std::vector<std::exception_ptr> failures(drivers.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < drivers.size(); ++i)
    threads.emplace_back([&, i] {
      try {
        drivers[i]->run();
      } catch (...) {
        failures[i] = std::current_exception();
      }
    });
  for (auto& each : threads) each.join();
  for (const auto& each : failures)
    if (each) std::rethrow_exception(each);
  report all;
  for (const auto& name : what.outcomes) all.outcomes.push_back({name, {}});
  for (const auto& each : drivers) each->add_to(all);
  return all;
}

} // namespace croupier::load
