#include "tests/persistence/store_contract.hpp"

#include "persistence/record_codec.hpp"
#include "tests/support/catch.hpp"

#include <limits>

namespace croupier::persistence {

namespace {

constexpr std::uint64_t above_all = std::numeric_limits<std::uint64_t>::max();

std::string click_of(std::string_view agent) {
  std::string record;
  encode(entry(click_tracked{{1}, {1}, {1}, "192.0.2.1", agent, {}}), record);
  return record;
}

std::string movement_of(std::uint64_t ordinal) {
  movement_recorded movement;
  movement.player = {1};
  movement.brand = {1};
  movement.ordinal = ordinal;
  std::string record;
  encode(movement, record);
  return record;
}

position append(journal& log, const std::vector<std::string>& records, std::int64_t unix_us) {
  const std::vector<std::string_view> views(records.begin(), records.end());
  const auto end = log.append(views, {unix_us});
  REQUIRE(end.has_value());
  return *end;
}

std::vector<std::uint64_t> scanned(const journal& log, std::uint64_t from, bool up, std::size_t most) {
  std::vector<std::uint64_t> found;
  const auto visit = [&](const committed_entry& entry, std::string_view record) {
    CHECK(log.read(entry.at).bytes == record);
    CHECK(log.read(entry.at).entry.time == entry.time);
    found.push_back(entry.at.value);
    return found.size() < most;
  };
  if (up)
    log.scan_up({from}, visit);
  else
    log.scan_down({from}, visit);
  return found;
}

using numbers = std::vector<std::uint64_t>;

void check_journal_content(const journal& log, const std::vector<position>& pages) {
  CHECK(log.last_position() == pages.back());
  CHECK(log.page_end({1}) == pages[0]);
  CHECK(log.page_end({3}) == pages[0]);
  CHECK(log.page_end({4}) == pages[1]);
  CHECK(log.page_end({6}) == pages[2]);
  CHECK(log.read({2}).bytes == movement_of(1));
  CHECK(log.read({5}).entry.at.value == 5);
  CHECK(log.read({5}).entry.time.unix_us == 1000);
  CHECK(std::get<click_tracked>(log.read({6}).entry.what).user_agent == "f");
  CHECK(scanned(log, 1, true, 99) == numbers{1, 2, 3, 4, 5, 6});
  CHECK(scanned(log, 3, true, 2) == numbers{3, 4});
  CHECK(scanned(log, 7, true, 99).empty());
  CHECK(scanned(log, 6, false, 99) == numbers{6, 5, 4, 3, 2, 1});
  CHECK(scanned(log, 4, false, 2) == numbers{4, 3});
  CHECK(log.first_at_or_after({0}).value == 1);
  CHECK(log.first_at_or_after({1000}).value == 1);
  CHECK(log.first_at_or_after({1001}).value == 6);
  CHECK(log.first_at_or_after({2000}).value == 6);
  CHECK(log.first_at_or_after({2001}).value == 7);
  const numbers movements{0, 0, 1, 2, 2, 3, 3};
  for (std::uint64_t at = 0; at <= 6; ++at) CHECK(log.movements_up_to({at}) == movements[at]);
}

player_profile profile_of(std::uint64_t number, std::uint64_t registered_entry) {
  player_profile profile;
  profile.number = {number};
  profile.brand = {1};
  profile.external_id = "player-" + std::to_string(number);
  profile.registered_at = {1000};
  profile.registered_entry = {registered_entry};
  return profile;
}

player_delta delta_of(std::vector<balance> balances, std::int64_t earned, std::uint64_t count, std::uint64_t last) {
  player_delta delta;
  delta.balances = std::move(balances);
  delta.revshare_earned = commission::from_integer(earned);
  delta.movement_count = count;
  delta.last_entry = {last};
  delta.updated_at = {static_cast<std::int64_t>(last)};
  return delta;
}

balance of(std::uint16_t metric, std::int64_t value) {
  return {{metric}, amount::from_integer(value)};
}

/// Players 1 and 2 are registered; both move; a request id that both have.
checkpoint_run first_run(const position& valid_for) {
  checkpoint_run run;
  run.valid_for = valid_for;
  run.next_player_number = 3;
  run.player_count = 2;
  auto one = delta_of({of(1, 5), of(2, -7)}, 3, 2, 4);
  one.profile = profile_of(1, 1);
  auto two = delta_of({of(1, 1)}, 0, 1, 5);
  two.profile = profile_of(2, 2);
  run.players = {{{1}, one}, {{2}, two}};
  run.names = {{{{1}, "player-1"}, {1}}, {{{1}, "player-2"}, {2}}};
  run.requests = {{{7, 1}, {3}}, {{7, 2}, {5}}, {{8, 1}, {4}}};
  run.history = {{{1}, {3}, 1}, {{1}, {4}, 2}, {{2}, {5}, 1}};
  run.workspace = {brand{{1}, uuid::from_halves(1, 1), "Brand", "EUR", {}, true}};
  return run;
}

/// Player 1 moves on, player 2 is only attributed, player 9 is new.
checkpoint_run second_run(const position& valid_for) {
  checkpoint_run run;
  run.valid_for = valid_for;
  run.next_player_number = 10;
  run.player_count = 3;
  auto two = delta_of({}, 0, 0, 12);
  two.profile = profile_of(2, 2);
  two.profile->attributed_entry = {12};
  two.profile->click = {11};
  two.profile->offer = {1};
  two.profile->affiliate = {1};
  auto nine = delta_of({}, 0, 0, 13);
  nine.profile = profile_of(9, 13);
  run.players = {{{1}, delta_of({of(2, 9), of(3, 4)}, -1, 3, 14)}, {{2}, two}, {{9}, nine}};
  run.names = {{{{1}, "player-9"}, {9}}};
  run.requests = {{{7, 9}, {14}}};
  run.history = {{{1}, {14}, 3}};
  run.workspace = {brand{{1}, uuid::from_halves(1, 1), "Renamed", "EUR", {}, true},
                   brand{{2}, uuid::from_halves(1, 2), "Second", "EUR", {}, false}};
  return run;
}

std::vector<history_row> history(const checkpoint_store& disk, std::uint64_t player, std::uint64_t before,
                                 std::size_t most) {
  std::vector<history_row> rows;
  disk.history_down({player}, {before}, [&](const history_row& row) {
    rows.push_back(row);
    return rows.size() < most;
  });
  return rows;
}

numbers history_places(const checkpoint_store& disk, std::uint64_t player, std::uint64_t before, std::size_t most) {
  numbers places;
  for (const auto& row : history(disk, player, before, most)) {
    CHECK(row.player.value == player);
    places.push_back(row.at.value);
  }
  return places;
}

numbers players_named(const checkpoint_store& disk, std::uint16_t brand, std::string_view prefix, std::size_t most) {
  numbers found;
  disk.players_named({brand}, prefix, [&](player_number player) {
    found.push_back(player.value);
    return found.size() < most;
  });
  return found;
}

numbers players_below(const checkpoint_store& disk, std::uint64_t before, std::size_t most) {
  numbers found;
  disk.players_down({before}, [&](const player_state& player) {
    found.push_back(player.profile.number.value);
    return found.size() < most;
  });
  return found;
}

void check_second_run(const checkpoint_store& disk, const checkpoint_run& run) {
  const auto head = disk.head();
  CHECK(head.valid_for == run.valid_for);
  CHECK(head.next_player_number == 10);
  CHECK(head.player_count == 3);
  CHECK(head.workspace == run.workspace);

  const auto one = disk.player({1}).value();
  CHECK(one.profile == profile_of(1, 1));
  CHECK(one.balances == std::vector{of(1, 5), of(2, 9), of(3, 4)});
  CHECK(one.revshare_total == commission::from_integer(2));
  CHECK(one.movement_count == 3);
  CHECK(one.last_entry.value == 14);
  CHECK(one.updated_at.unix_us == 14);
  const auto two = disk.player({2}).value();
  CHECK(two.profile == run.players[1].second.profile);
  CHECK(two.balances == std::vector{of(1, 1)});
  CHECK(two.movement_count == 1);
  CHECK(two.last_entry.value == 12);
  CHECK(disk.player({9})->movement_count == 0);
  CHECK_FALSE(disk.player({3}));

  CHECK(disk.find_player({1}, "player-9")->value == 9);
  CHECK_FALSE(disk.find_player({2}, "player-9"));
  CHECK(players_named(disk, 1, "player-", 99) == numbers{1, 2, 9});
  CHECK(players_named(disk, 1, "player-", 2) == numbers{1, 2});
  CHECK(players_named(disk, 1, "", 99) == numbers{1, 2, 9});
  CHECK(players_named(disk, 1, "player-2", 99) == numbers{2});
  CHECK(players_named(disk, 1, "player-3", 99).empty());
  CHECK(players_named(disk, 1, "player-99", 99).empty());
  CHECK(players_named(disk, 2, "player-", 99).empty());
  CHECK(disk.find_request({7, 1})->value == 3);
  CHECK(disk.find_request({7, 9})->value == 14);
  CHECK_FALSE(disk.find_request({8, 2}));
  CHECK(disk.find_requests(7) == std::vector<sequence>{{3}, {5}, {14}});
  CHECK(disk.find_requests(9).empty());
  CHECK(history_places(disk, 1, above_all, 99) == numbers{14, 4, 3});
  CHECK(history_places(disk, 1, 14, 99) == numbers{4, 3});
  CHECK(history_places(disk, 1, 5, 1) == numbers{4});
  CHECK(history_places(disk, 2, above_all, 99) == numbers{5});
  CHECK(history_places(disk, 9, above_all, 99).empty());
  CHECK(history(disk, 1, above_all, 1).at(0).ordinal == 3);
  CHECK(players_below(disk, above_all, 99) == numbers{9, 2, 1});
  CHECK(players_below(disk, 9, 1) == numbers{2});
  CHECK(players_below(disk, 1, 99).empty());
}

} // namespace

void check_journal(const any_medium& medium) {
  CHECK(medium.journal().last_position().last.value == 0);
  CHECK(medium.journal().last_position().movement_count == 0);
  CHECK(medium.journal().movements_up_to({0}) == 0);
  CHECK(medium.journal().first_at_or_after({5}).value == 1);
  CHECK(scanned(medium.journal(), 1, true, 99).empty());

  auto& log = medium.journal();
  std::vector<position> pages{append(log, {click_of("a"), movement_of(1), movement_of(2)}, 1000)};
  pages.push_back(append(log, {click_of("d"), movement_of(3)}, 900)); // time does not run backwards
  pages.push_back(append(log, {click_of("f")}, 2000));
  CHECK(pages[0].last.value == 3);
  CHECK(pages[0].movement_count == 2);
  CHECK(pages[1].last.value == 5);
  CHECK(pages[1].time.unix_us == 1000);
  CHECK(pages[2].time.unix_us == 2000);
  CHECK(pages[0].chain != chain_hash{});
  CHECK(pages[0].chain != pages[1].chain);
  CHECK(pages[1].chain != pages[2].chain);
  check_journal_content(log, pages);
  CHECK(log.sync().has_value());
  medium.reopen();
  check_journal_content(medium.journal(), pages);
  const auto next = append(medium.journal(), {movement_of(4)}, 1);
  CHECK(next.last.value == 7);
  CHECK(next.movement_count == 4);
}

void check_checkpoints(const any_medium& medium) {
  CHECK(medium.checkpoints().head().valid_for == position{});
  CHECK(medium.checkpoints().head().next_player_number == 1);
  CHECK_FALSE(medium.checkpoints().player({1}));
  CHECK(medium.checkpoints().find_requests(7).empty());

  // A checkpoint is valid for entries that are there, in this very journal.
  const std::vector<std::string> entries(10, click_of("anyone"));
  const auto first = first_run(append(medium.journal(), entries, 1));
  const auto second = second_run(append(medium.journal(), entries, 2));
  REQUIRE(medium.checkpoints().write(first).has_value());
  CHECK(medium.checkpoints().head().valid_for == first.valid_for);
  CHECK(medium.checkpoints().head().workspace == first.workspace);
  CHECK(medium.checkpoints().player({2})->balances == std::vector{of(1, 1)});
  CHECK(medium.checkpoints().find_requests(7) == std::vector<sequence>{{3}, {5}});
  REQUIRE(medium.checkpoints().write(second).has_value());
  check_second_run(medium.checkpoints(), second);
  medium.reopen();
  check_second_run(medium.checkpoints(), second);
}

} // namespace croupier::persistence
