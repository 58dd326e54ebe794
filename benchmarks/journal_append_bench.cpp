// The journal's part of the write path: journal.append of groups of movement records, against a bare RocksDB that takes
// the same records (one key per movement, one batch and one sync per group). Both in one run, in turn.
//
//   journal_append_bench [--movements 1000000] [--rounds 6] [--group 512] [--payload 300]

#include "benchmarks/support/arguments.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/rocksdb_store.hpp"

#include <rocksdb/db.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace {

using namespace croupier;
using clock_type = std::chrono::steady_clock;

struct plan {
  std::uint64_t movements = 1'000'000;
  std::uint64_t rounds = 6;
  std::uint64_t group = 512;
  std::uint64_t payload = 300;
};

/// A movement's record with a JSON payload of about `payload_bytes`, as clients send them.
std::string record_of(std::uint64_t number, std::size_t payload_bytes) {
  const auto request_id = "5f0c1d9e-7c1b-4a53-9d3b-" + std::to_string(100'000'000'000 + number);
  std::string payload = R"({"revenueOriginId":"0c6f4c1e-55b0-4c34-9a2e-5d9b6f1f3a10","clientId":"player-)" +
                        std::to_string(number * 7919 % 100'000) + R"(","requestId":")" + request_id +
                        R"(","metrics":[{"code":"deposits-total","type":"RELATIVE","value":"12.50"}],"comment":")";
  while (payload.size() + 2 < payload_bytes) payload.push_back(static_cast<char>('a' + payload.size() * number % 26));
  payload += "\"}";
  movement_recorded movement;
  movement.player = {number * 7919 % 100'000};
  movement.brand = {1};
  movement.player_hash = number * 0x9e3779b97f4a7c15U;
  movement.ordinal = number / 100'000 + 1;
  movement.request_id = request_id;
  movement.payload = payload;
  metric_change change;
  change.metric = {1};
  change.fraction_digits = 2;
  change.value = amount::from_units(1'250'000'000);
  change.delta = change.value;
  change.balance_after = amount::from_units(static_cast<std::int64_t>(1'250'000'000 * movement.ordinal));
  movement.changes.push_back(change);
  std::string record;
  persistence::encode(movement, record);
  return record;
}

/// Calls `append` with each group and gives the movements per second of the time spent in it, and the longest call.
template<class Append>
std::pair<double, double> timed_groups(const std::vector<std::string>& records, std::uint64_t group, Append append) {
  clock_type::duration total{};
  clock_type::duration longest{};
  for (std::size_t at = 0; at < records.size(); at += group) {
    const auto size = std::min<std::size_t>(group, records.size() - at);
    const std::vector<std::string_view> views(records.begin() + static_cast<std::ptrdiff_t>(at),
                                              records.begin() + static_cast<std::ptrdiff_t>(at + size));
    const auto start = clock_type::now();
    append(views);
    const auto took = clock_type::now() - start;
    total += took;
    longest = std::max(longest, took);
  }
  return {static_cast<double>(records.size()) / std::chrono::duration<double>(total).count(),
          std::chrono::duration<double, std::milli>(longest).count()};
}

void put_bare(rocksdb::DB& db, std::uint64_t& number, const std::vector<std::string_view>& records) {
  rocksdb::WriteOptions synced;
  synced.sync = true;
  rocksdb::WriteBatch batch;
  for (const auto record : records) {
    ++number;
    char key[8];
    for (int byte = 0; byte < 8; ++byte) key[byte] = static_cast<char>(number >> (56 - 8 * byte));
    if (!batch.Put(rocksdb::Slice(key, 8), rocksdb::Slice(record.data(), record.size())).ok()) std::abort();
  }
  if (!db.Write(synced, &batch).ok()) std::abort();
}

} // namespace

int main(int argc, char** argv) {
  plan what;
  bench::arguments args(argc, argv);
  args.number("--movements", what.movements);
  args.number("--rounds", what.rounds);
  args.number("--group", what.group);
  args.number("--payload", what.payload);
  args.done();

  const bench::scratch_folder scratch("croupier-journal-append");
  persistence::store_options options;
  options.folder = scratch.path() / "ledger";
  auto store = persistence::rocksdb_store::open(options);
  if (!store) {
    std::fprintf(stderr, "%s\n", store.error().text.c_str());
    return 1;
  }
  auto& journal = store.value()->journal();
  rocksdb::Options bare_options;
  bare_options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::Open(bare_options, (scratch.path() / "bare").string(), &opened).ok()) return 1;
  const std::unique_ptr<rocksdb::DB> bare(opened);

  std::printf("%-6s %15s %15s %7s %15s %15s\n", "round", "bare, /s", "journal, /s", "ratio", "bare max, ms",
              "journal max, ms");
  bench::sample ratios;
  std::uint64_t bare_number = 0;
  std::int64_t now_us = 1'700'000'000'000'000;
  const auto per_round = what.movements / what.rounds;
  for (std::uint64_t round = 0; round < what.rounds; ++round) {
    std::vector<std::string> records;
    for (std::uint64_t n = 0; n < per_round; ++n) records.push_back(record_of(round * per_round + n, what.payload));
    const auto bare_figures =
        timed_groups(records, what.group, [&](const auto& group) { put_bare(*bare, bare_number, group); });
    const auto figures = timed_groups(records, what.group, [&](const auto& group) {
      if (!journal.append(group, {now_us += 1000})) std::abort();
    });
    ratios.add(figures.first / bare_figures.first);
    std::printf("%-6lu %15.0f %15.0f %7.2f %15.1f %15.1f\n", round + 1, bare_figures.first, figures.first,
                figures.first / bare_figures.first, bare_figures.second, figures.second);
    std::fflush(stdout);
  }
  std::printf(
      "median ratio: %.2f (%lu movements in groups of %lu, payloads of %lu bytes, fsync on); %.0f bytes a movement "
      "on disk\n",
      ratios.median(), what.movements, what.group, what.payload,
      static_cast<double>(store.value()->figures().disk_bytes) / static_cast<double>(what.movements));
}
