// The committed view alone: what it costs to take a movement in, to look a request id up, and to write a checkpoint.
// Movements of random players, each with a request id and a 300-byte payload, in groups of 512; the tail is frozen and
// written to RocksDB every 131,072 entries, as the server does by default. The journal is in memory.
//
//   view_apply_bench [--players 100000] [--generations 8] [--entries 131072] [--metrics 2]

#include "benchmarks/support/arguments.hpp"
#include "persistence/committed_view.hpp"
#include "persistence/memory_store.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/rocksdb_store.hpp"

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

constexpr std::size_t group_size = 512;
const std::string payload(300, 'x');

struct plan {
  std::uint64_t players = 100'000;
  std::uint64_t generations = 8;
  std::uint64_t entries = 131'072;
  std::uint64_t metrics = 2;
};

double ns_since(clock_type::time_point start) {
  return std::chrono::duration<double, std::nano>(clock_type::now() - start).count();
}

/// Nanoseconds that this thread has computed: what the view costs, whoever else is on the machine.
double computed_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// The journal in memory, the checkpoints on disk: what is measured is the view and what it writes.
class bench_view {
public:
  bench_view(const plan& what, persistence::rocksdb_store& disk)
      : what_(what),
        memory_(disk.key()),
        view_(disk.key(), memory_.journal(), disk.checkpoints()),
        units_(what.players),
        ordinals_(what.players) {
    if (!view_.restore(nullptr)) std::abort();
    std::vector<std::string> records;
    for (std::uint64_t i = 0; i < what.players; ++i) {
      player_profile profile;
      profile.number = {i + 1};
      profile.brand = {1};
      profile.external_id = "player-" + std::to_string(i);
      persistence::encode(entry(player_registered{profile, payload}), records.emplace_back());
    }
    apply(records);
  }

  /// The records of the next movements, of random players.
  std::vector<std::string> movements(std::uint64_t count) {
    std::vector<std::string> records(count);
    for (auto& record : records) {
      const auto player = random_() % what_.players;
      const auto request_id = "request-" + std::to_string(++requests_);
      movement_recorded movement;
      movement.player = {player + 1};
      movement.brand = {1};
      movement.player_hash = view_.player_hash({1}, "player-" + std::to_string(player));
      movement.ordinal = ++ordinals_[player];
      movement.request_id = request_id;
      movement.payload = payload;
      units_[player] += 1'250'000'000;
      for (std::uint64_t i = 0; i < what_.metrics; ++i) {
        metric_change change;
        change.metric = {static_cast<std::uint16_t>(i + 1)};
        change.fraction_digits = 2;
        change.value = change.delta = amount::from_units(1'250'000'000);
        change.balance_after = amount::from_units(units_[player]);
        movement.changes.push_back(change);
      }
      persistence::encode(movement, record);
    }
    return records;
  }

  /// Appends and applies in groups; gives the nanoseconds that the view took, without the journal.
  double apply(const std::vector<std::string>& records) {
    double ns = 0;
    for (std::size_t from = 0; from < records.size(); from += group_size) {
      const auto count = std::min(group_size, records.size() - from);
      const std::vector<std::string_view> group(records.begin() + static_cast<std::ptrdiff_t>(from),
                                                records.begin() + static_cast<std::ptrdiff_t>(from + count));
      const auto end = memory_.journal().append(group, {1});
      const auto start = computed_ns();
      view_.apply({end->last.value - count + 1}, end->time, group);
      ns += computed_ns() - start;
    }
    return ns;
  }

  /// Nanoseconds of a look-up of request ids `from` + 1 to `to`, all there or all absent.
  double find_requests(std::uint64_t from, std::uint64_t to, bool there) {
    constexpr std::size_t count = 100'000;
    std::vector<std::string> ids;
    std::vector<std::uint64_t> players;
    for (std::size_t i = 0; i < count; ++i) {
      const auto at = from + 1 + random_() % (to - from);
      const auto found = view_.entry_at({what_.players + at});
      const auto& movement = std::get<movement_recorded>(found.entry.what);
      ids.emplace_back(std::string(movement.request_id) + (there ? "" : "?"));
      players.push_back(movement.player_hash);
    }
    std::size_t found = 0;
    const auto start = clock_type::now();
    for (std::size_t i = 0; i < count; ++i)
      found += view_.find_request(view_.request_hash(dialect::trackdesk, ids[i]), players[i]).has_value();
    const auto ns = ns_since(start) / count;
    if (found != (there ? count : 0)) std::abort();
    return ns;
  }

  persistence::committed_view& view() { return view_; }
  std::uint64_t requests() const { return requests_; }

private:
  const plan& what_;
  persistence::memory_store memory_;
  persistence::committed_view view_;
  std::mt19937_64 random_{1};
  std::vector<int128> units_;
  std::vector<std::uint64_t> ordinals_;
  std::uint64_t requests_ = 0;
};

/// Nanoseconds to decode the records, the part of an apply that no view can save.
double decode_all(const std::vector<std::string>& records) {
  std::uint64_t changes = 0;
  const auto start = computed_ns();
  for (const auto& record : records)
    changes += std::get<movement_recorded>(persistence::decode_committed({1}, {1}, record)->what).changes.size();
  const auto ns = computed_ns() - start;
  if (changes == 0) std::abort();
  return ns;
}

} // namespace

int main(int argc, char** argv) {
  plan what;
  bench::arguments args(argc, argv);
  args.number("--players", what.players);
  args.number("--generations", what.generations);
  args.number("--entries", what.entries);
  args.number("--metrics", what.metrics);
  args.done();

  const bench::scratch_folder scratch("croupier-view");
  persistence::store_options options;
  options.folder = scratch.path() / "store";
  auto disk = persistence::rocksdb_store::open(options);
  if (!disk) std::abort();
  (*disk)->begin_upkeep();
  bench_view bench(what, **disk);

  std::printf("%-11s %10s %10s %10s %16s\n", "generation", "decode ns", "apply ns", "freeze us", "checkpoint/s");
  const auto per_entry = static_cast<double>(what.entries);
  bench::sample applied;
  bench::sample written;
  for (std::uint64_t i = 0; i < what.generations; ++i) {
    const auto records = bench.movements(what.entries);
    const auto decode_ns = decode_all(records) / per_entry;
    const auto apply_ns = bench.apply(records) / per_entry;
    applied.add(apply_ns);
    // The generation before stays frozen while the next one fills, as it does while a checkpoint is written.
    auto start = clock_type::now();
    if (!bench.view().write_frozen()) std::abort();
    const auto rate = per_entry * 1e9 / ns_since(start);
    if (i > 0) written.add(rate);
    start = clock_type::now();
    if (i + 1 < what.generations && !bench.view().freeze()) std::abort();
    std::printf("%-11lu %10.0f %10.0f %10.0f %16.0f\n", i + 1, decode_ns, apply_ns, ns_since(start) / 1'000,
                i > 0 ? rate : 0);
  }
  std::printf("apply: %.0f ns a movement (median; best %.0f), decoding included\n", applied.median(),
              applied.quantile(0));
  std::printf("checkpoint: %.0f entries/s (median)\n", written.median());
  const auto newest = bench.requests();
  const auto oldest_in_tail = newest - what.entries;
  std::printf("find_request: %.0f ns in the tail, %.0f ns on disk, %.0f ns absent\n",
              bench.find_requests(oldest_in_tail, newest, true), bench.find_requests(0, oldest_in_tail, true),
              bench.find_requests(0, newest, false));
}
