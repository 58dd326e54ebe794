#include "benchmarks/support/feeding.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <thread>
#include <vector>

namespace croupier::bench {

namespace {

using clock_type = std::chrono::steady_clock;
constexpr auto patience = std::chrono::minutes(5);

struct window {
  std::uint64_t first = 0;
  actors::submission sent;
};

void settle(window& oldest, const outcome_listener& tell) {
  auto number = oldest.first;
  for (const auto& each : oldest.sent.wait(clock_type::now() + patience)) tell(number++, each);
}

void feed_from_one_thread(actors::gateway& ledger, const feeding& plan, std::atomic<std::uint64_t>& next,
                          const movement_maker& make, const outcome_listener& tell) {
  const auto end = plan.first + plan.count;
  std::deque<window> on_their_way;
  for (;;) {
    const auto from = next.fetch_add(plan.window);
    if (from >= end) break;
    std::vector<actors::movement_request> group;
    group.reserve(plan.window);
    for (auto n = from; n < std::min(from + plan.window, end); ++n) group.push_back(make(n));
    on_their_way.push_back({from, ledger.submit(std::move(group))});
    if (on_their_way.size() < plan.windows_on_their_way) continue;
    settle(on_their_way.front(), tell);
    on_their_way.pop_front();
  }
  for (auto& each : on_their_way) settle(each, tell);
}

} // namespace

double feed(actors::gateway& ledger, const feeding& plan, const movement_maker& make, const outcome_listener& tell) {
  std::atomic<std::uint64_t> next{plan.first};
  const auto start = clock_type::now();
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < plan.threads; ++i)
    threads.emplace_back([&] { feed_from_one_thread(ledger, plan, next, make, tell); });
  for (auto& each : threads) each.join();
  return std::chrono::duration<double>(clock_type::now() - start).count();
}

double feed(actors::gateway& ledger, const feeding& plan, const movement_maker& make) {
  std::atomic<std::uint64_t> accepted{0};
  const auto took = feed(ledger, plan, make, [&](std::uint64_t, const actors::outcome& what) {
    if (std::holds_alternative<actors::receipt>(what)) accepted.fetch_add(1, std::memory_order_relaxed);
  });
  if (accepted != plan.count) {
    std::cerr << "accepted " << accepted << " of " << plan.count << " movements\n";
    std::exit(1);
  }
  return took;
}

} // namespace croupier::bench
