// Reports: what a movement costs the rollup, and how long a month's report takes by day and affiliate.
// Players that came through 100,000 clicks with sub ids, and random movements of them over 30 days: wagered and won,
// and now and then a deposit with RevShare. Everything is in memory; saving the books is not measured here.
//
//   report_bench [MOVEMENTS, 10000000]

#include "engine/report_rollup.hpp"
#include "engine/report_table.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace croupier;
using clock_type = std::chrono::steady_clock;

constexpr std::uint64_t clicks = 100'000;
constexpr std::uint64_t players = 20'000;
constexpr std::uint32_t affiliates = 100;
constexpr std::int64_t day_us = 86'400'000'000;
constexpr std::int64_t begin_us = 20'000 * day_us;

/// Nanoseconds that this thread has computed, whoever else is on the machine.
double computed_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// A ledger's entries, made on the fly.
class history {
public:
  history() : rollup([](sequence at) { return click_words{{"sub-" + std::to_string(at.value % 2'000)}}; }) {
    put(brand{{1}, id(1, 1), "Casino", "EUR", {}, true});
    const std::array meanings{metric_meaning::deposits, metric_meaning::wagered, metric_meaning::won};
    for (std::uint16_t i = 0; i < meanings.size(); ++i) {
      metric made{{static_cast<std::uint16_t>(i + 1)}, id(2, i + 1U), "m" + std::to_string(i), "Metric"};
      made.meaning = meanings[i];
      put(made);
    }
    for (std::uint32_t i = 1; i <= affiliates; ++i) {
      put(affiliate{{i}, id(3, i), "Affiliate " + std::to_string(i)});
      put(offer{{i}, id(4, i), "Offer " + std::to_string(i), std::nullopt});
      put(tracking_link{{i}, id(5, i), "Link " + std::to_string(i), {i}, {i}, "https://example.com/"});
    }
  }

  void apply(std::int64_t time_us, entry what) { rollup.apply({{++last}, {time_us}, std::move(what)}, changes); }
  void put(const workspace_object& object) {
    std::visit([this](const auto& one) { ws.put(one); }, object);
    apply(begin_us, workspace_changed{"bench", {}, object});
  }

  void click(std::uint64_t number) {
    const auto link = static_cast<std::uint32_t>(number % affiliates + 1);
    const auto sub = "sub-" + std::to_string(number % 2'000);
    apply(begin_us + static_cast<std::int64_t>(number) * (30 * day_us / clicks),
          click_tracked{{link}, {link}, {link}, "192.0.2.1", "agent", {sub}, true, false});
  }

  void player(std::uint64_t number) {
    const auto link = static_cast<std::uint32_t>(number % affiliates + 1);
    apply(begin_us, player_registered{{{number}, {1}, "p", {}, {}, {}, {number}, {link}, {link}, {link}}, "{}"});
  }

  report_rollup rollup;
  std::vector<report_change> changes;
  workspace ws;
  std::uint64_t last = 0;

private:
  static uuid id(std::uint64_t kind, std::uint64_t number) { return uuid::from_halves(kind, number); }
};

/// Random movements, made before they are measured.
std::vector<movement_recorded> make_movements(std::size_t count, std::mt19937_64& random) {
  std::vector<movement_recorded> made(count);
  for (auto& one : made) {
    one.player = {random() % players + 1};
    one.brand = {1};
    metric_change change;
    change.metric = {static_cast<std::uint16_t>(random() % 16 == 0 ? 1 : 2)};
    change.delta = amount::from_units(static_cast<int128>(random() % 10'000) * 1'000'000);
    one.changes.push_back(change);
    change.metric = {3};
    one.changes.push_back(change);
    if (one.changes[0].metric.value == 1)
      one.revshare = revshare_accrual{{1}, {1}, {1}, {}, commission::from_units(change.delta.units()), {}};
  }
  return made;
}

} // namespace

int main(int argc, char* argv[]) {
  const auto movements = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000'000ULL;
  std::mt19937_64 random(1);
  history ledger;
  for (std::uint64_t i = 0; i < clicks; ++i) ledger.click(i);
  for (std::uint64_t i = 1; i <= players; ++i) ledger.player(i);
  const auto some = make_movements(65'536, random);
  const auto before = computed_ns();
  for (std::uint64_t i = 0; i < movements; ++i) {
    const auto time = begin_us + static_cast<std::int64_t>(i * static_cast<std::uint64_t>(30 * day_us) / movements);
    ledger.rollup.apply({{++ledger.last}, {time}, some[i % some.size()]}, ledger.changes);
    if (ledger.changes.size() >= 1'000'000) ledger.changes.clear(); // as a save does
  }
  const auto each_ns = (computed_ns() - before) / static_cast<double>(movements);
  std::size_t rows = 0;
  for (const auto& [day, of_day] : ledger.rollup.days()) rows += of_day.rows.size();
  std::printf("%llu movements, %llu clicks, %llu players: %zu cells, %zu rows in memory\n",
              static_cast<unsigned long long>(movements), static_cast<unsigned long long>(clicks),
              static_cast<unsigned long long>(players), ledger.rollup.cells().size(), rows);
  std::printf("taking a movement in: %.0f ns of processor time (its copy included)\n", each_ns);

  const std::vector<std::string> dimensions{"date", "affiliate"};
  const std::vector<std::string> measures{"click_count", "registration_count", "deposit_amount", "ggr", "total_reward"};
  const auto query = read_report_query(dimensions, measures, {});
  for (int run = 0; run < 3; ++run) {
    const auto start = clock_type::now();
    report_builder builder(*query, ledger.ws, ledger.rollup.cells());
    for (const auto& [day, of_day] : ledger.rollup.days())
      for (const auto& row : of_day.rows) builder.add(day, {}, row.cell, row.figures);
    const auto made = builder.finish({});
    const auto took = std::chrono::duration<double, std::milli>(clock_type::now() - start).count();
    std::printf("a month by date and affiliate: %zu rows in %.1f ms\n", made.rows.size(), took);
  }
  return 0;
}
