#include "tests/persistence/media.hpp"
#include "tests/persistence/view_world.hpp"
#include "tests/support/catch.hpp"

#include <atomic>
#include <limits>
#include <map>
#include <mutex>
#include <thread>

namespace croupier::persistence {

namespace {

constexpr std::uint64_t players_max = 30;
constexpr int reader_count = 3;
constexpr int rounds_per_reader = 250;

movement_query everything() {
  movement_query query;
  query.to = {std::numeric_limits<std::int64_t>::max()};
  return query;
}

/// A reader who knows nothing but what must hold whatever the writer does meanwhile.
class reader {
public:
  reader(const committed_view& view, std::uint64_t seed) : view_(view), random_(seed) {}

  void read_something() {
    switch (below(6)) {
    case 0: return read_histories(1);
    case 1: return read_histories(below(8) + 2);
    case 2: return read_journal();
    case 3: return read_players();
    case 4: return read_request();
    default: return read_player();
    }
  }

private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  movement_recorded some_movement(sequence& at) {
    for (;;) {
      at = {below(view_.durable().value) + 1};
      entry_ = view_.entry_at(at);
      if (const auto* movement = std::get_if<movement_recorded>(&entry_.entry.what)) return *movement;
    }
  }

  /// Follows a list to its end. Every row must be older than the one before, and there must be as many as the first
  /// page said.
  template<class Visit>
  void follow(movement_query query, Visit visit) {
    std::optional<std::uint64_t> total;
    std::uint64_t rows = 0;
    sequence before{std::numeric_limits<std::uint64_t>::max()};
    for (;;) {
      query.limit = static_cast<std::uint32_t>(below(60) + 1);
      const auto page = view_.list_movements(query);
      if (!total) total = page.total_count.value();
      for (const auto& row : page.rows) {
        expect(row.entry.at < before, "a list goes up or repeats itself");
        before = row.entry.at;
        ++rows;
        visit(std::get<movement_recorded>(row.entry.what));
      }
      if (!page.has_more) break;
      query.before = page.next;
    }
    expect(rows == total, "a list has other rows than it counted");
  }

  void read_histories(std::uint64_t count) {
    auto query = everything();
    query.players.emplace();
    for (; count > 0; --count) query.players->push_back({below(players_max) + 1});
    std::map<player_number, std::uint64_t> next;
    follow(query, [&](const movement_recorded& movement) {
      const auto [at, first] = next.emplace(movement.player, movement.ordinal);
      expect(at->second == movement.ordinal, "a history has a gap");
      --at->second;
    });
    for (const auto& [player, ordinal] : next) expect(ordinal == 0, "a history does not go back to its beginning");
  }

  void read_journal() {
    auto query = everything();
    if (below(2) == 0) query.brands = {brand_number{1}};
    query.from = view_.entry_at({below(view_.durable().value) + 1}).entry.time;
    follow(query, [&](const movement_recorded& movement) {
      expect(!query.brands || movement.brand == query.brands->front(), "a row of another brand");
    });
  }

  void read_players() {
    player_query query;
    const auto known = view_.player_count();
    player_number before{std::numeric_limits<std::uint64_t>::max()};
    std::uint64_t rows = 0;
    for (;;) {
      query.limit = static_cast<std::uint32_t>(below(6) + 1);
      const auto page = view_.list_players(query);
      for (const auto& player : page.rows) {
        expect(player.profile.number < before, "a list of players goes up or repeats itself");
        before = player.profile.number;
        ++rows;
        expect_whole(player);
      }
      if (!page.has_more) break;
      query.before = page.next;
    }
    expect(rows >= known, "a list of players has lost one");
  }

  void read_request() {
    sequence at;
    const auto movement = some_movement(at);
    if (movement.request_id.empty()) return;
    const auto hash = view_.request_hash(movement.source, movement.request_id);
    expect(view_.find_request(hash, movement.player_hash) == at, "a request id is not found");
    auto query = everything();
    query.request_ids = {std::string(movement.request_id)};
    bool found = false;
    follow(query, [&](const movement_recorded& row) {
      expect(row.request_id == query.request_ids->front(), "a row of another request id");
      found = found || (row.player == movement.player && row.ordinal == movement.ordinal);
    });
    expect(found, "a movement is not listed by its request id");
  }

  void read_player() {
    sequence at;
    const auto movement = some_movement(at);
    const auto now = view_.player(movement.player);
    expect(now && now->movement_count >= movement.ordinal, "a player has lost movements");
    expect_whole(*now);
    const auto then = view_.player_at(movement.player, at);
    expect(then && then->movement_count == movement.ordinal && then->last_entry == at, "a past player is another");
    for (const auto& change : movement.changes)
      expect(then->balance_of(change.metric) == change.balance_after, "a past balance is another");
  }

  /// A state that was read while entries arrived must be the fold of the entries up to some sequence.
  void expect_whole(const player_state& player) {
    while (view_.durable() < player.last_entry) std::this_thread::yield(); // its group is being applied
    expect(view_.player_at(player.profile.number, player.last_entry) == player, "a player is torn");
  }

  const committed_view& view_;
  std::mt19937_64 random_;
  stored_entry entry_;
};

} // namespace

TEST_CASE("readers see a whole ledger while it is written, frozen and checkpointed") {
  view_world<memory_medium> world(7, {players_max});
  world.append(100);
  // Writer and readers keep pace, so that there is always something new and never too much.
  constexpr int lead = 3;
  std::atomic<int> groups{0};
  std::atomic<int> rounds{0};
  std::atomic<int> running{reader_count};
  std::atomic<bool> written{false};
  std::mutex failures_lock;
  std::vector<std::string> failures;
  const auto guarded = [&](auto&& work) {
    try {
      work();
    } catch (const std::exception& problem) {
      const std::lock_guard held(failures_lock);
      failures.emplace_back(problem.what());
    }
  };

  std::vector<std::thread> threads;
  for (int i = 0; i < reader_count; ++i)
    threads.emplace_back([&, i] {
      guarded([&] {
        reader each(world.view(), static_cast<std::uint64_t>(i));
        for (int round = 0; round < rounds_per_reader; ++round, ++rounds) {
          while (rounds > groups + lead) std::this_thread::yield();
          each.read_something();
        }
      });
      --running;
    });
  int checkpoints = 0;
  threads.emplace_back([&] {
    guarded([&] {
      for (auto last = world.view().checkpoint_sequence(); !written; std::this_thread::yield()) {
        expect(world.view().write_frozen().has_value(), "a checkpoint is not written");
        checkpoints += world.view().checkpoint_sequence() != last;
        last = world.view().checkpoint_sequence();
      }
    });
  });
  std::mt19937_64 random(11);
  for (; running > 0; ++groups) {
    world.append(random() % 40 + 1);
    if (random() % 4 == 0) world.view().freeze();
    while (groups > rounds + lead && running > 0) std::this_thread::yield();
  }
  written = true;
  for (auto& thread : threads) thread.join();

  CHECK(failures == std::vector<std::string>{});
  CHECK(checkpoints > 20);
  expect_same(world.view(), world.facts(), random);
}

} // namespace croupier::persistence
