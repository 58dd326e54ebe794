#include "support/catch.hpp"
#include "tests/support/test_ledger.hpp"

#include <atomic>
#include <map>
#include <random>
#include <thread>

using namespace croupier;
using namespace croupier::test;

namespace {

constexpr brand_number first_brand{1};
constexpr brand_number second_brand{2};

} // namespace

TEST_CASE("a movement is recorded once, and its effects are in the next read") {
  const temporary_folder folder;
  test_ledger ledger(folder.path());
  const auto click = ledger.click({1});
  CHECK(name_of(ledger.register_player(first_brand, "anna", click)) == "receipt");

  struct row {
    brand_number brand;
    const char* player;
    const char* request_id;
    std::vector<update_text> updates;
    const char* expected;
    const char* deposits_after;
    const char* bets_after;
  };
  const std::vector<row> table{
      {first_brand, "anna", "r1", {{"deposits-total", "+250.00"}}, "receipt", "250.00", "0"},
      {first_brand, "anna", "r1", {{"deposits-total", "+250.00"}}, "request_duplicate", "250.00", "0"},
      {first_brand, "anna", "r1", {{"no-such-metric", "+1"}}, "request_duplicate", "250.00", "0"},
      {first_brand, "anna", "r2", {{"no-such-metric", "+1"}}, "metric_unknown", "250.00", "0"},
      {first_brand, "anna", "r2", {{"deposits-total", "+1"}, {"bets", "+1.5"}}, "integer_value_invalid", "250.00", "0"},
      {first_brand, "anna", "r2", {{"deposits-total", "+1e3"}}, "decimal_value_invalid", "250.00", "0"},
      {first_brand, "anna", "r2", {{"deposits-total", "+999999999999999999"}}, "value_out_of_range", "250.00", "0"},
      {first_brand, "anna", "r2", {{"deposits-total", "=100"}, {"bets", "+3"}}, "receipt", "100.00", "3.00"},
      {first_brand, "anna", "", {{"bets", "+1"}}, "receipt", "100.00", "4.00"},
      {first_brand, "anna", "", {{"bets", "+1"}}, "receipt", "100.00", "5.00"},
      {first_brand, "berta", "r1", {{"bets", "+1"}}, "player_unknown", "no player", "no player"},
      {second_brand, "anna", "r1", {{"bets", "+1"}}, "player_unknown", "no player", "no player"},
      {brand_number{}, "anna", "r3", {{"bets", "+1"}}, "player_unknown", "no player", "no player"},
  };
  for (const auto& each : table) {
    INFO(each.player << " " << each.request_id << " " << each.expected);
    CHECK(name_of(ledger.record(each.brand, each.player, each.request_id, each.updates)) == each.expected);
    CHECK(ledger.balance(each.brand, each.player, "deposits-total") == each.deposits_after);
    CHECK(ledger.balance(each.brand, each.player, "bets") == each.bets_after);
  }
}

TEST_CASE("a duplicate names the entry that first carried the request id") {
  const temporary_folder folder;
  test_ledger ledger(folder.path());
  ledger.register_player(first_brand, "anna", ledger.click({1}));
  const auto original = std::get<actors::receipt>(ledger.record(first_brand, "anna", "r1", {{"ngr", "+1"}}));
  const auto again = std::get<actors::refusal>(ledger.record(first_brand, "anna", "r1", {{"ngr", "+1"}}));
  CHECK(again.original == original.at);
}

TEST_CASE("a registration is judged brand first, then click, then duplicate") {
  const temporary_folder folder;
  test_ledger ledger(folder.path());
  const auto click = ledger.click({1});
  const uuid stranger = *uuid::parse("b1f3c5a7-9d2e-4a8b-bc11-7c2e0a9f4d6e");
  CHECK(name_of(ledger.register_player({}, "anna", stranger)) == "brand_unknown");
  CHECK(name_of(ledger.register_player(first_brand, "anna", stranger)) == "click_unknown");
  CHECK(name_of(ledger.register_player(first_brand, "anna", click)) == "receipt");
  CHECK(name_of(ledger.register_player(first_brand, "anna", stranger)) == "click_unknown");
  CHECK(name_of(ledger.register_player(first_brand, "anna", click)) == "player_duplicate");
  CHECK(name_of(ledger.register_player(second_brand, "anna", click)) == "receipt");
}

TEST_CASE("one player keeps the order of a batch, asleep or awake, and a batch judges each on its own") {
  const temporary_folder folder;
  test_ledger ledger(folder.path());
  const auto click = ledger.click({2});
  for (int i = 0; i < 20; ++i) ledger.register_player(first_brand, "p" + std::to_string(i), click);
  REQUIRE(ledger.stop());
  ledger.open(); // nobody is awake
  std::vector<actors::movement_request> batch;
  for (int n = 0; n < 400; ++n) {
    const auto player = "p" + std::to_string(n % 20);
    if (n % 7 == 3) batch.push_back(ledger.movement(first_brand, "nobody", std::to_string(n), {{"ngr", "+1"}}));
    batch.push_back(ledger.movement(first_brand, player, std::to_string(n), {{"ngr", "=" + std::to_string(n)}}));
  }
  const auto outcomes = ledger.gateway().submit(batch).wait(test_ledger::soon());
  REQUIRE(outcomes.size() == batch.size());
  std::map<std::string, sequence> newest;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch[i].external_id == "nobody") {
      CHECK(name_of(outcomes[i]) == "player_unknown");
      continue;
    }
    REQUIRE(name_of(outcomes[i]) == "receipt");
    auto& before = newest[batch[i].external_id];
    CHECK(before < std::get<actors::receipt>(outcomes[i]).at);
    before = std::get<actors::receipt>(outcomes[i]).at;
  }
  for (int i = 0; i < 20; ++i)
    CHECK(ledger.balance(first_brand, "p" + std::to_string(i), "ngr") == std::to_string(380 + i) + ".00");
}

TEST_CASE("many callers with many retries apply each request id once") {
  const temporary_folder folder;
  actors::gateway_options options;
  options.checkpoint_entries = 500; // checkpoints while it runs
  test_ledger ledger(folder.path(), options);
  const auto click = ledger.click({1});
  constexpr int players = 7;
  constexpr int callers = 8;
  constexpr int requests = 600;
  for (int i = 0; i < players; ++i) ledger.register_player(first_brand, "p" + std::to_string(i), click);
  std::atomic<int> accepted{0};
  std::atomic<int> duplicates{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < callers; ++t)
    threads.emplace_back([&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      for (int n = 0; n < requests; ++n) {
        // Every request id is sent by several callers, by chance at the same time.
        const auto id = std::to_string(random() % requests);
        const auto player = "p" + std::to_string(std::stoi(id) % players);
        const auto outcome = ledger.record(first_brand, player, id, {{"bets", "+1"}, {"deposits-total", "+0.01"}});
        if (name_of(outcome) == "receipt") ++accepted;
        if (name_of(outcome) == "request_duplicate") ++duplicates;
      }
    });
  for (auto& each : threads) each.join();
  CHECK(accepted + duplicates == callers * requests);
  std::int64_t bets = 0;
  commission_sum earned;
  for (int i = 0; i < players; ++i) {
    const auto number = ledger.view().find_player(first_brand, "p" + std::to_string(i));
    bets += std::stoll(ledger.balance(first_brand, "p" + std::to_string(i), "bets"));
    earned += ledger.view().player(*number)->revshare_total;
  }
  CHECK(bets == accepted);
  CHECK(earned == *share_of(amount::from_units(accepted * 1'000'000), percentage::from_integer(5)));
}

TEST_CASE("idle players go to sleep and wake with all that they had") {
  const temporary_folder folder;
  actors::gateway_options options;
  options.idle_after = std::chrono::seconds(1);
  options.awake_players_max = 10;
  test_ledger ledger(folder.path(), options);
  const auto click = ledger.click({1});
  constexpr int players = 50;
  for (int i = 0; i < players; ++i) {
    ledger.register_player(first_brand, "p" + std::to_string(i), click);
    ledger.record(first_brand, "p" + std::to_string(i), "r1", {{"bets", "+2"}});
  }
  const auto until = test_ledger::soon();
  while (ledger.gateway().figures().awake_players > 0 && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  CHECK(ledger.gateway().figures().awake_players == 0);
  for (int i = 0; i < players; ++i) {
    CHECK(name_of(ledger.record(first_brand, "p" + std::to_string(i), "r1", {{"bets", "+2"}})) == "request_duplicate");
    CHECK(name_of(ledger.record(first_brand, "p" + std::to_string(i), "r2", {{"bets", "+3"}})) == "receipt");
    CHECK(ledger.balance(first_brand, "p" + std::to_string(i), "bets") == "5.00");
  }
}

TEST_CASE("beyond what may be in flight calls are refused whole") {
  const temporary_folder folder;
  actors::gateway_options options;
  options.in_flight_max = 16;
  test_ledger ledger(folder.path(), options);
  ledger.register_player(first_brand, "anna", ledger.click({1}));
  std::vector<actors::movement_request> batch;
  for (int n = 0; n < 17; ++n)
    batch.push_back(ledger.movement(first_brand, "anna", std::to_string(n), {{"bets", "+1"}}));
  for (const auto& each : ledger.gateway().submit(batch).wait(test_ledger::soon()))
    CHECK(name_of(each) == "overloaded");
  CHECK(ledger.balance(first_brand, "anna", "bets") == "0");
  CHECK(ledger.gateway().figures().in_flight == 0);
  batch.pop_back();
  for (const auto& each : ledger.gateway().submit(batch).wait(test_ledger::soon())) CHECK(name_of(each) == "receipt");
}

TEST_CASE("after an orderly stop, and after none, everything is there again") {
  const temporary_folder folder;
  test_ledger ledger(folder.path());
  ledger.register_player(first_brand, "anna", ledger.click({1}));
  for (int n = 0; n < 100; ++n) ledger.record(first_brand, "anna", std::to_string(n), {{"deposits-total", "+0.1"}});
  const auto durable = ledger.view().durable();
  REQUIRE(ledger.stop());
  ledger.open();
  CHECK(ledger.view().durable() == durable);
  CHECK(ledger.balance(first_brand, "anna", "deposits-total") == "10.00");
  CHECK(name_of(ledger.record(first_brand, "anna", "99", {{"deposits-total", "+0.1"}})) == "request_duplicate");
  CHECK(name_of(ledger.record(first_brand, "anna", "100", {{"deposits-total", "+0.1"}})) == "receipt");
  CHECK(ledger.balance(first_brand, "anna", "deposits-total") == "10.10");
}

TEST_CASE("a change whose deadline passed is known to the next one, and its brand is served at once") {
  const temporary_folder folder;
  test_ledger ledger(folder.path());
  const auto click = ledger.click({1});
  brand made;
  made.number = brand_number{3};
  made.id = *uuid::parse("11111111-2222-4333-8444-555555555555");
  made.name = "Third";
  made.currency = "EUR";
  const auto passed = std::chrono::steady_clock::now();
  const auto first = ledger.gateway().change_workspace({made}, "test", passed);
  CHECK((name_of(first) == "deadline_passed" || name_of(first) == "receipt"));
  while (ledger.view().current_workspace()->brands().size() < 3) std::this_thread::yield();
  // Nobody has waited for the change, and so nobody has opened the brand's shard.
  CHECK(name_of(ledger.register_player(made.number, "anna", click)) == "receipt");
  CHECK(name_of(ledger.record(made.number, "anna", "r1", {{"bets", "+1"}})) == "receipt");
  std::size_t seen = 0;
  const auto nothing = ledger.gateway().change_workspace(
      [&](const workspace& newest, timestamp) -> std::optional<std::vector<workspace_object>> {
        seen = newest.brands().size();
        return std::nullopt;
      },
      "test", test_ledger::soon());
  CHECK_FALSE(nothing.has_value());
  CHECK(seen == 3);
}

TEST_CASE("changes of the workspace are decided one after the other, each on what the one before left") {
  const temporary_folder folder;
  test_ledger ledger(folder.path());
  const std::size_t before = ledger.view().current_workspace()->affiliates().size();
  const auto add_some = [&](int thread) {
    for (int i = 0; i < 20; ++i) {
      const auto decide = [&](const workspace& newest, timestamp) {
        affiliate one;
        one.number.value = static_cast<affiliate_number::rep>(newest.affiliates().size() + 1);
        one.id = uuid::from_halves(static_cast<std::uint64_t>(thread + 1), static_cast<std::uint64_t>(i + 1));
        one.name = "x";
        return std::optional(std::vector<workspace_object>{one});
      };
      // Every other one is not waited for.
      const auto until = i % 2 == 0 ? test_ledger::soon() : std::chrono::steady_clock::now();
      while (true) {
        const auto done = ledger.gateway().change_workspace(decide, "test", until);
        if (!done || name_of(*done) != "overloaded") break;
        if (i % 2 != 0) break; // its deadline passed while another change was not settled: nothing was applied
      }
    }
  };
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) threads.emplace_back(add_some, thread);
  for (auto& each : threads) each.join();
  const auto settled = ledger.gateway().change_workspace(
      [](const workspace&, timestamp) -> std::optional<std::vector<workspace_object>> { return std::nullopt; }, "test",
      test_ledger::soon());
  CHECK_FALSE(settled.has_value());
  const auto ws = ledger.view().current_workspace();
  CHECK(ws->affiliates().size() >= before + 40); // those that were waited for, and each is a row of its own
  std::map<uuid, int> ids;
  for (const auto& one : ws->affiliates()) ++ids[one.id];
  CHECK(ids.size() == ws->affiliates().size());
}
