#include "benchmarks/race/library_entrants.hpp"

#include <rocksdb/db.h>
#include <sys/resource.h>

#include <deque>
#include <stdexcept>
#include <thread>

namespace croupier::race {

namespace {

using clock_type = std::chrono::steady_clock;
using bench::draft;
using bench::verdict;

constexpr std::size_t group_size = 512;
constexpr std::size_t windows_on_their_way = 3;
constexpr std::uint64_t feeders = 2;
constexpr auto patience = std::chrono::minutes(5);

double process_cpu_s() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * double(t.tv_usec); };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Time and processor time of a run in this process.
class stopwatch {
public:
  void fill(measured& found, std::uint64_t movements, std::uint64_t calls) const {
    const auto seconds = std::chrono::duration<double>(clock_type::now() - start_).count();
    found.movements = movements;
    found.movements_per_s = static_cast<double>(movements) / seconds;
    found.calls_per_s = static_cast<double>(calls) / seconds;
    found.caller_cpu_s = process_cpu_s() - cpu_;
  }
  bool over(const extent& size) const { return clock_type::now() - start_ >= size.duration; }

private:
  clock_type::time_point start_ = clock_type::now();
  double cpu_ = process_cpu_s();
};

bool is_base(const cell& what) {
  return what.connections == 64 && what.load_share == 0;
}

verdict verdict_of(const actors::outcome& what, verdict expected) {
  if (std::holds_alternative<actors::receipt>(what)) return verdict::applied;
  if (const auto* no = std::get_if<actors::refusal>(&what))
    // Whether the payloads agree is compared where they are at hand, in the HTTP layer.
    return no->why == rejection::request_duplicate && expected != verdict::applied ? expected : verdict::wrong;
  return std::get<actors::failure>(what) == actors::failure::overloaded ? verdict::overloaded : verdict::wrong;
}

struct window {
  std::vector<draft> drafts;
  actors::submission sent;
};

/// One feeding thread: its own feed, so that nothing is shared but the numbers and the model.
std::uint64_t feed_ledger(bench::bench_ledger& ledger, const bench::workload& work, bench::movement_feed& feed,
                          const stopwatch& watch, const extent& size) {
  std::deque<window> on_their_way;
  std::uint64_t settled = 0;
  bench::movement movement;
  const auto settle_oldest = [&] {
    auto& oldest = on_their_way.front();
    const auto outcomes = oldest.sent.wait(clock_type::now() + patience);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const auto said = feed.settle(oldest.drafts[i], verdict_of(outcomes[i], oldest.drafts[i].expected));
      settled += said == verdict::overloaded ? 0 : 1;
    }
    on_their_way.pop_front();
  };
  for (bool more = true; more && !watch.over(size);) {
    window next;
    std::vector<actors::movement_request> requests;
    requests.reserve(group_size);
    for (draft what; next.drafts.size() < group_size && (more = feed.next(what));) {
      feed.make(what, movement);
      requests.push_back(ledger.movement(work, movement));
      next.drafts.push_back(what);
    }
    if (next.drafts.empty()) break;
    next.sent = ledger.gateway().submit(std::move(requests));
    on_their_way.push_back(std::move(next));
    if (on_their_way.size() == windows_on_their_way) settle_oldest();
  }
  while (!on_their_way.empty()) settle_oldest();
  return settled;
}

} // namespace

bool sqlite_entrant::takes(const cell& what) const {
  return is_base(what);
}

measured sqlite_entrant::run(const cell& what, const extent& size, double) {
  bench::movement_feed feed(sqlite_.model(), sqlite_.numbers(),
                            {what.whom, what.retry_percent, size.movements_max, sqlite_.numbers()});
  measured found;
  bench::movement movement;
  std::string balances;
  std::uint64_t done = 0;
  const stopwatch watch;
  for (draft next; !watch.over(size) && feed.next(next); ++done) {
    const auto begin = clock_type::now();
    feed.make(next, movement);
    feed.settle(next, sqlite_.writer().apply(movement, balances));
    found.latency.add(clock_type::now() - begin);
  }
  watch.fill(found, done, done);
  found.wrong = feed.wrong();
  return found;
}

bool in_process_entrant::takes(const cell& what) const {
  return is_base(what);
}

measured in_process_entrant::run(const cell& what, const extent& size, double) {
  std::vector<std::unique_ptr<bench::movement_feed>> feeds;
  const auto& work = croupier_.model().work();
  for (std::uint64_t i = 0; i < feeders; ++i)
    feeds.push_back(std::make_unique<bench::movement_feed>(
        croupier_.model(), croupier_.numbers(),
        bench::feed_options{what.whom, what.retry_percent, size.movements_max / feeders, croupier_.numbers() + i}));
  std::atomic<std::uint64_t> done{0};
  measured found;
  const stopwatch watch;
  std::vector<std::thread> threads;
  for (auto& each : feeds)
    threads.emplace_back([&] { done += feed_ledger(croupier_.ledger(), work, *each, watch, size); });
  for (auto& each : threads) each.join();
  watch.fill(found, done, done / group_size);
  for (const auto& each : feeds) found.wrong += each->wrong();
  return found;
}

struct bare_rocksdb::database {
  std::unique_ptr<rocksdb::DB> handle;
};

bare_rocksdb::bare_rocksdb(const bench::workload& work) : system(work), database_(std::make_unique<database>()) {}

bare_rocksdb::~bare_rocksdb() = default;

void bare_rocksdb::start(const std::filesystem::path& folder) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  if (const auto status = rocksdb::DB::Open(options, folder.string(), &opened); !status.ok())
    throw std::runtime_error("RocksDB: " + status.ToString());
  database_->handle.reset(opened);
}

void bare_rocksdb::stop() {
  database_->handle.reset();
}

void bare_rocksdb::append(std::uint64_t first, const std::vector<bench::movement>& group) {
  rocksdb::WriteOptions synced;
  synced.sync = true;
  rocksdb::WriteBatch batch;
  for (const auto& each : group) {
    char key[8];
    for (int byte = 0; byte < 8; ++byte) key[byte] = static_cast<char>(first >> (56 - 8 * byte));
    ++first;
    batch.Put(rocksdb::Slice(key, sizeof key), each.payload);
  }
  if (const auto status = database_->handle->Write(synced, &batch); !status.ok())
    throw std::runtime_error("RocksDB: " + status.ToString());
}

bool bare_append_entrant::takes(const cell& what) const {
  return is_base(what) && what.whom == bench::shape::uniform && what.retry_percent == 0;
}

measured bare_append_entrant::run(const cell& what, const extent& size, double) {
  std::vector<bench::movement> group(group_size);
  measured found;
  std::uint64_t done = 0;
  const stopwatch watch;
  while (!watch.over(size) && done < size.movements_max) {
    const auto first = home().numbers().fetch_add(group_size);
    for (std::size_t i = 0; i < group_size; ++i) home().model().work().make(what.whom, first + i, false, group[i]);
    bare_.append(first, group);
    done += group_size;
  }
  watch.fill(found, done, done / group_size);
  return found;
}

} // namespace croupier::race
