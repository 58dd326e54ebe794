#include "support/catch.hpp"
#include "support/fault_env.hpp"
#include "tests/persistence/store_world.hpp"

#include "persistence/checkpoint_codec.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <random>

// Checkpoints against a model that adds up with maps: what a run adds is there once, whole, and together with its
// position, whatever fails on the way.

namespace croupier::persistence {

namespace {

using test::disk_fault;
using test::fault_env;
namespace disk = test::disk;

store_options options_for(const disk_folder& folder, fault_env& env) {
  store_options options;
  options.folder = folder.path();
  options.block_cache_bytes = 4 << 20;
  options.env = env.env();
  return options;
}

/// What all runs so far amount to.
struct checkpoint_model {
  position valid_for;
  std::uint64_t next_player_number = 1;
  std::map<player_number, player_state> players;
  std::map<std::pair<brand_number, std::string>, player_number> names;
  std::map<request_key, sequence> requests;
  std::map<std::pair<player_number, sequence>, std::uint64_t> history;
  std::map<std::uint32_t, affiliate> objects;

  void take(const checkpoint_run& run) {
    valid_for = run.valid_for;
    next_player_number = run.next_player_number;
    for (const auto& [number, delta] : run.players) {
      auto& player = players[number];
      if (delta.profile) player.profile = *delta.profile;
      for (const auto& [metric, value] : delta.balances) player.set_balance(metric, value);
      player.revshare_total = player.revshare_total.plus(delta.revshare_earned).value();
      if (delta.movement_count != 0) player.movement_count = delta.movement_count;
      player.last_entry = delta.last_entry;
      player.updated_at = delta.updated_at;
    }
    for (const auto& [name, number] : run.names) names[name] = number;
    for (const auto& [key, at] : run.requests) requests[key] = at;
    for (const auto& row : run.history) history[{row.player, row.at}] = row.ordinal;
    for (const auto& object : run.workspace)
      objects[std::get<affiliate>(object).number.value] = std::get<affiliate>(object);
  }
};

/// Makes runs that continue the journal and each other.
class run_source {
public:
  explicit run_source(std::uint64_t seed) : random_(seed) {}

  /// Appends `entries` to the journal and gives a run that says something about them.
  checkpoint_run next(store_world& world, std::size_t entries) {
    const auto first = world.acknowledged().size() + 1;
    world.append_groups(1, entries);
    checkpoint_run run;
    run.valid_for = world.journal().last_position();
    std::map<player_number, player_delta> players;
    for (auto at = first; at < first + entries; ++at) touch(run, players, {at});
    run.players.assign(players.begin(), players.end());
    run.next_player_number = next_player_;
    run.player_count = next_player_ - 1;
    std::sort(run.names.begin(), run.names.end());
    std::sort(run.requests.begin(), run.requests.end());
    std::sort(run.history.begin(), run.history.end(), [](const history_row& a, const history_row& b) {
      return std::pair(a.player, a.at) < std::pair(b.player, b.at);
    });
    if (random_() % 2 == 0)
      run.workspace.push_back(
          affiliate{{1 + static_cast<std::uint32_t>(random_() % 3)}, {}, "name " + std::to_string(random_())});
    return run;
  }

private:
  std::int64_t any_units() { return static_cast<std::int64_t>(random_() % 2'000'000) - 1'000'000; }

  void touch(checkpoint_run& run, std::map<player_number, player_delta>& players, sequence at) {
    const bool registers = next_player_ < 3 || random_() % 4 == 0;
    const player_number number{registers ? next_player_++ : 1 + random_() % (next_player_ - 1)};
    auto& delta = players[number];
    delta.last_entry = at;
    delta.updated_at = {static_cast<std::int64_t>(at.value)};
    if (registers) {
      delta.profile = player_profile{};
      delta.profile->number = number;
      delta.profile->brand = {1};
      delta.profile->external_id = "player-" + std::to_string(number.value);
      delta.profile->registered_entry = at;
      run.names.push_back({{{1}, delta.profile->external_id}, number});
      return;
    }
    const metric_number metric{static_cast<std::uint16_t>(1 + random_() % 5)};
    player_state balances;
    balances.balances = delta.balances;
    balances.set_balance(metric, amount::from_units(any_units()));
    delta.balances = balances.balances;
    delta.revshare_earned = delta.revshare_earned.plus(commission::from_units(any_units())).value();
    delta.movement_count = ++ordinals_[number];
    run.requests.push_back({{random_() % 50, at.value}, at});
    run.history.push_back({number, at, delta.movement_count});
  }

  std::mt19937_64 random_;
  std::uint64_t next_player_ = 1;
  std::map<player_number, std::uint64_t> ordinals_;
};

void expect_head_as(const checkpoint_head& head, const checkpoint_model& model) {
  REQUIRE(head.valid_for == model.valid_for);
  REQUIRE(head.next_player_number == model.next_player_number);
  REQUIRE(head.workspace.size() == model.objects.size());
  for (const auto& object : head.workspace)
    REQUIRE(std::get<affiliate>(object) == model.objects.at(std::get<affiliate>(object).number.value));
}

void expect_players_as(const checkpoint_store& store, const checkpoint_model& model) {
  auto expected = model.players.rbegin();
  store.players_down({UINT64_MAX}, [&](const player_state& player) {
    REQUIRE(expected != model.players.rend());
    REQUIRE(player == expected->second);
    ++expected;
    return true;
  });
  REQUIRE(expected == model.players.rend());
  for (const auto& [number, player] : model.players) REQUIRE(store.player(number) == player);
  REQUIRE_FALSE(store.player({model.next_player_number}));
  std::vector<player_number> numbers; // all of them together, and some that are nobody's
  for (std::uint64_t number = 0; number <= model.next_player_number; ++number) numbers.push_back({number});
  std::size_t visits = 0;
  store.each_player(numbers, [&](std::size_t i, const std::optional<player_state>& player) {
    REQUIRE(i == visits++);
    REQUIRE(player == store.player(numbers[i]));
  });
  REQUIRE(visits == numbers.size());
  for (const auto& [name, number] : model.names) REQUIRE(store.find_player(name.first, name.second) == number);
  REQUIRE_FALSE(store.find_player({2}, "player-1"));
  REQUIRE_FALSE(store.find_player({1}, "player-"));
}

void expect_indexes_as(const checkpoint_store& store, const checkpoint_model& model) {
  for (const auto& [key, at] : model.requests) {
    REQUIRE(store.find_request(key) == at);
    REQUIRE_FALSE(store.find_request({key.request_hash + 100, key.player_hash}));
  }
  for (std::uint64_t hash = 0; hash < 51; ++hash) {
    std::vector<sequence> expected;
    for (const auto& [key, at] : model.requests)
      if (key.request_hash == hash) expected.push_back(at);
    REQUIRE(store.find_requests(hash) == expected);
  }
  for (const auto& [number, player] : model.players) {
    auto rows = model.history.lower_bound({{number.value + 1}, {0}});
    store.history_down(number, {UINT64_MAX}, [&](const history_row& row) {
      --rows;
      REQUIRE(row.player == number);
      REQUIRE(row.at == rows->first.second);
      REQUIRE(row.ordinal == rows->second);
      return true;
    });
    REQUIRE((rows == model.history.begin() || std::prev(rows)->first.first < number));
  }
}

void expect_as(const checkpoint_store& store, const checkpoint_model& model) {
  expect_head_as(store.head(), model);
  expect_players_as(store, model);
  expect_indexes_as(store, model);
}

} // namespace

TEST_CASE("a store without checkpoints has an empty one", "[checkpoint]") {
  const disk_folder folder;
  fault_env env;
  store_world world(options_for(folder, env));
  REQUIRE_FALSE(world.open());
  const auto head = world.checkpoints().head();
  CHECK(head.valid_for == position{});
  CHECK(head.next_player_number == 1);
  CHECK_FALSE(world.checkpoints().player({1}));
  CHECK_FALSE(world.checkpoints().find_player({1}, "nobody"));
  CHECK_FALSE(world.checkpoints().find_request({1, 2}));
  CHECK(world.checkpoints().find_requests(1).empty());
  int visits = 0;
  world.checkpoints().history_down({1}, {UINT64_MAX}, [&](const history_row&) { return ++visits > 0; });
  world.checkpoints().players_down({UINT64_MAX}, [&](const player_state&) { return ++visits > 0; });
  CHECK(visits == 0);
}

TEST_CASE("many runs amount to what a model makes of them, across restarts", "[checkpoint]") {
  const disk_folder folder;
  fault_env env;
  store_world world(options_for(folder, env));
  REQUIRE_FALSE(world.open());
  run_source source(7);
  checkpoint_model model;
  for (int round = 0; round < 30; ++round) {
    const auto run = source.next(world, 1 + static_cast<std::size_t>(round) * 5 % 60);
    REQUIRE(world.checkpoints().write(run));
    model.take(run);
    if (round % 10 == 0) REQUIRE_FALSE(world.stop());
    if (round % 5 == 0) REQUIRE_FALSE(world.open());
    expect_as(world.checkpoints(), model);
  }
}

TEST_CASE("a run that is written twice counts once", "[checkpoint]") {
  const disk_folder folder;
  fault_env env;
  store_world world(options_for(folder, env));
  REQUIRE_FALSE(world.open());
  run_source source(8);
  checkpoint_model model;
  for (int round = 0; round < 3; ++round) {
    const auto run = source.next(world, 40);
    REQUIRE(world.checkpoints().write(run));
    REQUIRE(world.checkpoints().write(run));
    REQUIRE_FALSE(world.open());
    REQUIRE(world.checkpoints().write(run));
    model.take(run);
    expect_as(world.checkpoints(), model);
  }
}

TEST_CASE("visitors of history and players can stop and start anywhere", "[checkpoint]") {
  const disk_folder folder;
  fault_env env;
  store_world world(options_for(folder, env));
  REQUIRE_FALSE(world.open());
  world.append_groups(1, 10);
  checkpoint_run run;
  run.valid_for = world.journal().last_position();
  for (std::uint64_t at = 1; at <= 9; ++at) run.history.push_back({{1 + (at - 1) / 3}, {at}, 1 + (at - 1) % 3});
  REQUIRE(world.checkpoints().write(run));
  std::vector<std::uint64_t> seen;
  const auto two = [&seen](const history_row& row) {
    seen.push_back(row.at.value);
    return seen.size() < 2;
  };
  world.checkpoints().history_down({2}, {6}, two);
  CHECK(seen == std::vector<std::uint64_t>{5, 4});
  seen.clear();
  world.checkpoints().history_down({2}, {4}, two);
  CHECK(seen.empty());
  world.checkpoints().history_down({2}, {UINT64_MAX}, two);
  CHECK(seen == std::vector<std::uint64_t>{6, 5});
}

TEST_CASE("a checkpoint whose writing fails anywhere is there whole or not at all, and the second try completes it",
          "[checkpoint]") {
  for (const auto fault : {disk_fault::io_error, disk_fault::no_space}) {
    for (const auto operation :
         {disk::append, disk::sync, disk::create, disk::rename, disk::remove, disk::folder_sync}) {
      for (std::uint64_t after = 0;; ++after) {
        INFO("operation " << operation << " fails after " << after);
        const disk_folder folder;
        fault_env env;
        store_world world(options_for(folder, env));
        REQUIRE_FALSE(world.open());
        run_source source(9);
        checkpoint_model before;
        const auto first = source.next(world, 30);
        REQUIRE(world.checkpoints().write(first));
        before.take(first);
        const auto second = source.next(world, 30);
        auto complete = before;
        complete.take(second);

        env.fail({fault, operation, after, 1});
        const auto written = world.checkpoints().write(second);
        const bool reached = env.failures() > 0;
        env.heal();
        if (!written) expect_as(world.checkpoints(), before);
        const disk_folder killed;
        env.copy_after_kill(folder.path(), killed.path());

        const std::string record = movement_record(61);
        if (world.append({record}, {1})) {
          const auto recovered = world.journal().recover();
          INFO((recovered ? std::string() : recovered.error().text));
          REQUIRE(recovered);
        }
        const auto again = world.checkpoints().write(second);
        INFO((again ? std::string() : again.error().text));
        REQUIRE(again);
        expect_as(world.checkpoints(), complete);
        REQUIRE_FALSE(world.open());
        expect_as(world.checkpoints(), complete);
        world.expect_journal_as_acknowledged();
        world.close();

        store_world later(options_for(killed, env));
        const auto error = later.open();
        INFO((error ? error->text : ""));
        REQUIRE_FALSE(error);
        const bool is_new = later.checkpoints().head().valid_for == complete.valid_for;
        expect_as(later.checkpoints(), is_new ? complete : before);
        if (!reached) break;
      }
    }
  }
}

TEST_CASE("a checkpoint that is ahead of its journal is refused", "[checkpoint]") {
  const disk_folder folder;
  fault_env env;
  store_world world(options_for(folder, env));
  REQUIRE_FALSE(world.open());
  world.append_groups(2, 10);
  checkpoint_run run;
  run.valid_for = world.journal().last_position();
  REQUIRE(world.checkpoints().write(run));
  const auto log = folder.files(".log").back();
  world.close();
  std::filesystem::remove(folder / "journal.mark"); // which would tell the same, and is asked first
  auto bytes = bytes_of(log);
  write_bytes(log, std::string_view(bytes).substr(0, bytes.size() - 10));
  const auto error = world.open();
  REQUIRE(error);
  CHECK(error->code == storage_errc::corrupt);
  CHECK(error->at->value == 11);
  CHECK(error->text.find("checkpoint") != std::string::npos);
}

TEST_CASE("a checkpoint of another journal is refused", "[checkpoint]") {
  const disk_folder folder;
  fault_env env;
  store_world world(options_for(folder, env));
  REQUIRE_FALSE(world.open());
  world.append_groups(2, 10);
  checkpoint_run run;
  run.valid_for = world.journal().last_position();
  run.valid_for.chain[3] ^= 1;
  REQUIRE(world.checkpoints().write(run));
  const auto error = world.open();
  REQUIRE(error);
  CHECK(error->code == storage_errc::foreign);
}

TEST_CASE("with durability async a checkpoint is never ahead of what a power loss leaves", "[checkpoint]") {
  std::mt19937_64 random(3);
  for (int round = 0; round < 10; ++round) {
    const disk_folder folder;
    fault_env env;
    auto options = options_for(folder, env);
    options.mode = durability::async;
    store_world world(options);
    REQUIRE_FALSE(world.open());
    run_source source(10);
    checkpoint_model model;
    const auto run = source.next(world, 50);
    REQUIRE(world.checkpoints().write(run));
    model.take(run);
    world.append_groups(2, 10);
    const disk_folder after;
    env.copy_after_power_loss(folder.path(), after.path(), random);
    options.folder = after.path();
    store_world found(options);
    const auto error = found.open();
    INFO((error ? error->text : ""));
    REQUIRE_FALSE(error);
    expect_as(found.checkpoints(), model);
  }
}

TEST_CASE("values of one player merge only when they follow each other", "[checkpoint]") {
  const auto merge_players = [](std::string_view older, std::string_view newer) {
    return persistence::merge_players(std::array{older, newer});
  };
  const auto value = [](std::uint64_t since, std::uint64_t last, std::int64_t revshare) {
    player_delta delta;
    delta.balances = {{{1}, amount::from_integer(static_cast<std::int64_t>(last))}};
    delta.revshare_earned = commission::from_integer(revshare);
    delta.movement_count = last;
    delta.last_entry = {last};
    if (since == 0) delta.profile = player_profile{};
    return encode_player(delta, {since});
  };
  const auto first = value(0, 5, 10);
  const auto second = value(5, 9, 20);
  const auto third = value(9, 12, 40);
  const auto left = merge_players(*merge_players(first, second), third);
  const auto right = merge_players(first, *merge_players(second, third));
  REQUIRE(left);
  CHECK(left == right);
  const std::array<std::string_view, 3> all{first, second, third};
  CHECK(left == persistence::merge_players(all));
  CHECK(persistence::merge_players(std::span(all).first(1)) == first);
  CHECK_FALSE(persistence::merge_players({}));
  const auto state = decode_player({3}, *left);
  REQUIRE(state);
  CHECK(state->revshare_total == commission::from_integer(70));
  CHECK(state->balance_of({1}) == amount::from_integer(12));
  CHECK(state->movement_count == 12);
  // The same range twice, in any bracketing, would pay twice.
  CHECK_FALSE(merge_players(second, second));
  CHECK_FALSE(merge_players(*left, second));
  CHECK_FALSE(merge_players(*merge_players(second, third), third));
  CHECK_FALSE(merge_players(second, *merge_players(second, third)));
  CHECK_FALSE(merge_players("", second));
  CHECK_FALSE(merge_players(second, "x"));
  player_delta rich;
  rich.revshare_earned = commission::from_units(std::numeric_limits<int128>::max());
  rich.last_entry = {13};
  CHECK_FALSE(merge_players(encode_player(rich, {12}), value(13, 14, 1)));
  // Without a registration there is no player.
  CHECK_FALSE(decode_player({3}, second));
}

TEST_CASE("totals that older folders have in the head are passed over; what is unknown is refused", "[checkpoint]") {
  checkpoint_head head;
  CHECK(read_head_part("checkpoint/affiliate/\1\1\1\1\1\1", "whatever", head).has_value());
  CHECK_FALSE(read_head_part("checkpoint/affiliates", "whatever", head).has_value());
}

TEST_CASE("values of the checkpoint that are cut or changed are refused or read without harm", "[checkpoint]") {
  player_delta delta;
  delta.profile = player_profile{};
  delta.profile->external_id = "somebody";
  delta.balances = {{{1}, amount::from_integer(1)}, {{300}, amount::from_integer(-2)}};
  delta.last_entry = {9};
  const auto whole = encode_player(delta, {3});
  REQUIRE(decode_player({1}, whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<char> exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_FALSE(decode_player({1}, {exact.data(), exact.size()}));
  }
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (int value = 0; value < 256; ++value) {
      std::vector<char> damaged(whole.begin(), whole.end());
      damaged[at] = static_cast<char>(value);
      (void)decode_player({1}, {damaged.data(), damaged.size()});
    }
}

} // namespace croupier::persistence
