#include "actors/wall_clock.hpp"
#include "support/catch.hpp"
#include "tests/support/test_ledger.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

using namespace croupier;
using namespace croupier::test;

namespace {

constexpr brand_number casino{1};
constexpr link_number five_on_deposits{1};
constexpr link_number quarter_of_ngr{2};

/// Now, as the platform's clock has it: a little after every click of a test.
timestamp soon_after() {
  return {actors::wall_clock().unix_us + 1'000'000};
}

struct told {
  std::string name;
  std::string player;
  std::string id;
  std::vector<update_text> updates = {};
  std::optional<uuid> click = std::nullopt;
  timestamp at = soon_after();
  dialect source = dialect::revvvs;
};

actors::movement_request event_of(const test_ledger& ledger, const told& what) {
  auto request = ledger.movement(casino, what.player, what.id, what.updates);
  request.source = what.source;
  auto event = std::make_shared<actors::event_request>();
  event->name = what.name;
  event->occurred_at = what.at;
  event->click = what.click;
  request.event = std::move(event);
  return request;
}

std::string tell(test_ledger& ledger, const told& what) {
  return std::string(name_of(ledger.gateway().record(event_of(ledger, what), test_ledger::soon())));
}

player_state state_of(const test_ledger& ledger, const std::string& player) {
  const auto number = ledger.view().find_player(casino, player);
  REQUIRE(number);
  return *ledger.view().player(*number);
}

/// "unattributed", or "link 1".
std::string attribution(const test_ledger& ledger, const std::string& player) {
  const auto link = state_of(ledger, player).profile.link;
  return link.value == 0 ? "unattributed" : "link " + std::to_string(link.value);
}

std::string earned(const test_ledger& ledger, const std::string& player) {
  return state_of(ledger, player).revshare_total.text();
}

/// The workspace's first metric means deposits.
void give_meaning(test_ledger& ledger) {
  metric deposits = *ledger.view().current_workspace()->find_metric("deposits-total");
  deposits.meaning = metric_meaning::deposits;
  const auto changed = ledger.gateway().change_workspace({deposits}, "test", test_ledger::soon());
  REQUIRE(name_of(changed) == "receipt");
}

} // namespace

TEST_CASE("an event for a player that is not known creates it unattributed") {
  const temporary_folder folder;
  test_ledger ledger(folder.path());
  CHECK(name_of(ledger.record(casino, "anna", "r", {{"bets", "+1"}})) == "player_unknown");
  CHECK(tell(ledger, {"deposit", "anna", "e1", {{"deposits-total", "+100"}}}) == "receipt");
  CHECK(attribution(ledger, "anna") == "unattributed");
  CHECK(earned(ledger, "anna") == "0");
  CHECK(ledger.balance(casino, "anna", "deposits-total") == "100.00");
  CHECK(state_of(ledger, "anna").profile.registered_entry == ledger.view().durable());
  CHECK(name_of(ledger.record(casino, "anna", "r", {{"bets", "+1"}})) == "receipt");
  CHECK(tell(ledger, {"login", "anna", ""}) == "receipt");
  CHECK(state_of(ledger, "anna").movement_count == 3);
}

TEST_CASE("a later registration attributes, once") {
  const temporary_folder folder;
  test_ledger ledger(folder.path());
  const auto click = ledger.click(five_on_deposits);
  const auto other = ledger.click(quarter_of_ngr);
  SECTION("an event, by a click of ours") {
    CHECK(tell(ledger, {"login", "anna", "e0"}) == "receipt");
    CHECK(tell(ledger, {"registration", "anna", "e1", {}, click}) == "receipt");
    CHECK(attribution(ledger, "anna") == "link 1");
    CHECK(tell(ledger, {"registration", "anna", "e2", {}, other}) == "receipt");
    CHECK(attribution(ledger, "anna") == "link 1");
    CHECK(tell(ledger, {"deposit", "anna", "e3", {{"deposits-total", "+100"}}}) == "receipt");
    CHECK(earned(ledger, "anna") == "5.00");
    CHECK(name_of(ledger.register_player(casino, "anna", other)) == "player_duplicate");
  }
  SECTION("the first event at once") {
    CHECK(tell(ledger, {"registration", "anna", "e1", {}, other}) == "receipt");
    CHECK(attribution(ledger, "anna") == "link 2");
  }
  SECTION("the call that names a click") {
    CHECK(tell(ledger, {"login", "anna", "e0"}) == "receipt");
    CHECK(name_of(ledger.register_player(casino, "anna", click)) == "receipt");
    CHECK(attribution(ledger, "anna") == "link 1");
    CHECK(name_of(ledger.register_player(casino, "anna", other)) == "player_duplicate");
    CHECK(attribution(ledger, "anna") == "link 1");
  }
  SECTION("a click that is not ours attributes nobody, and is no reason to refuse") {
    const auto stranger = *uuid::parse("b1f3c5a7-9d2e-4a8b-bc11-7c2e0a9f4d6e");
    CHECK(tell(ledger, {"registration", "anna", "e1", {}, stranger}) == "receipt");
    CHECK(attribution(ledger, "anna") == "unattributed");
  }
}

TEST_CASE("a movement that brings its player's attribution earns by it") {
  const temporary_folder folder;
  test_ledger ledger(folder.path());
  give_meaning(ledger);
  const auto click = ledger.click(five_on_deposits);
  CHECK(tell(ledger, {"first_deposit", "new", "e1", {{"deposits-total", "+100"}}, click}) == "receipt");
  CHECK(attribution(ledger, "new") == "link 1");
  CHECK(earned(ledger, "new") == "5.00");
  CHECK(tell(ledger, {"login", "known", "e1"}) == "receipt");
  CHECK(tell(ledger, {"first_deposit", "known", "e2", {{"deposits-total", "+10"}}, click}) == "receipt");
  CHECK(earned(ledger, "known") == "0.50");
}

TEST_CASE("the first deposit freezes: what comes later attributes nobody") {
  const temporary_folder folder;
  test_ledger ledger(folder.path());
  give_meaning(ledger);
  const auto click = ledger.click(five_on_deposits);
  CHECK(tell(ledger, {"deposit", "anna", "e1", {{"deposits-total", "+100"}}}) == "receipt");
  CHECK(tell(ledger, {"registration", "anna", "e2", {}, click}) == "receipt");
  CHECK(attribution(ledger, "anna") == "unattributed");
  CHECK(tell(ledger, {"deposit", "anna", "e3", {{"deposits-total", "+100"}}}) == "receipt");
  CHECK(earned(ledger, "anna") == "0");
}

TEST_CASE("a click counts inside the brand's window") {
  const temporary_folder folder;
  test_ledger ledger(folder.path());
  const auto click = ledger.click(five_on_deposits);
  const auto clicked = ledger.view().entry_at(ledger.view().durable()).entry.time.unix_us;
  constexpr std::int64_t minute_us = 60'000'000;
  constexpr std::int64_t window_us = 30 * 1440 * minute_us;
  struct row {
    std::int64_t after_us;
    const char* expected;
  };
  int n = 0;
  for (const auto& [after_us, expected] : std::vector<row>{{window_us, "link 1"},
                                                           {window_us + 1, "unattributed"},
                                                           {0, "link 1"},
                                                           {-minute_us, "link 1"},
                                                           {-minute_us - 1, "unattributed"}}) {
    const auto player = "p" + std::to_string(n++);
    CHECK(tell(ledger, {"registration", player, "e", {}, click, timestamp{clicked + after_us}}) == "receipt");
    CHECK(attribution(ledger, player) == expected);
  }
  brand endless = *ledger.view().current_workspace()->find(casino);
  endless.attribution_window_days = 0;
  REQUIRE(name_of(ledger.gateway().change_workspace({endless}, "test", test_ledger::soon())) == "receipt");
  CHECK(tell(ledger, {"registration", "late", "e", {}, click, timestamp{clicked + 100 * window_us}}) == "receipt");
  CHECK(attribution(ledger, "late") == "link 1");
}

TEST_CASE("a first event and the registration in one batch, in either order, asleep or awake") {
  const temporary_folder folder;
  test_ledger ledger(folder.path());
  const auto click = ledger.click(five_on_deposits);
  std::vector<actors::movement_request> batch;
  for (int n = 0; n < 40; ++n) {
    const auto player = "p" + std::to_string(n);
    const told login{"login", player, "a"};
    const told joined{"registration", player, "b", {}, click};
    batch.push_back(event_of(ledger, n % 2 == 0 ? login : joined));
    batch.push_back(event_of(ledger, n % 2 == 0 ? joined : login));
    batch.push_back(event_of(ledger, {"deposit", player, "c", {{"deposits-total", "+10"}}}));
  }
  for (const auto& each : ledger.gateway().submit(batch).wait(test_ledger::soon())) CHECK(name_of(each) == "receipt");
  for (int n = 0; n < 40; ++n) {
    CHECK(attribution(ledger, "p" + std::to_string(n)) == "link 1");
    CHECK(earned(ledger, "p" + std::to_string(n)) == "0.50");
    CHECK(state_of(ledger, "p" + std::to_string(n)).movement_count == 3);
  }
  for (const auto& each : ledger.gateway().submit(batch).wait(test_ledger::soon()))
    CHECK(name_of(each) == "request_duplicate");
}

TEST_CASE("a first event that is refused leaves nothing") {
  const temporary_folder folder;
  test_ledger ledger(folder.path());
  const auto click = ledger.click(five_on_deposits);
  const told refused{"registration", "anna", "e1", {{"deposits-total", "+999999999999999999"}, {"bets", "+x"}}, click};
  const auto before = ledger.view().durable();
  CHECK(tell(ledger, refused) == "integer_value_invalid");
  CHECK(ledger.view().durable() == before);
  CHECK_FALSE(ledger.view().find_player(casino, "anna"));
  CHECK(ledger.view().player_count() == 0);
  CHECK(name_of(ledger.record(casino, "anna", "r", {{"bets", "+1"}})) == "player_unknown");
  SECTION("its id may be used again") {
    CHECK(tell(ledger, {"login", "anna", "e1"}) == "receipt");
    CHECK(attribution(ledger, "anna") == "unattributed");
  }
  SECTION("the player may be registered") {
    CHECK(name_of(ledger.register_player(casino, "anna", ledger.click(quarter_of_ngr))) == "receipt");
    CHECK(attribution(ledger, "anna") == "link 2");
  }
  CHECK(ledger.view().player_count() == 1);
}

TEST_CASE("the request ids of the dialects do not collide") {
  const temporary_folder folder;
  test_ledger ledger(folder.path());
  CHECK(tell(ledger, {"login", "anna", "1"}) == "receipt");
  CHECK(tell(ledger, {"login", "anna", "1", {}, {}, soon_after(), dialect::wynta}) == "receipt");
  CHECK(name_of(ledger.record(casino, "anna", "1", {{"bets", "+1"}})) == "receipt");
  CHECK(tell(ledger, {"login", "anna", "1"}) == "request_duplicate");
  CHECK(tell(ledger, {"login", "anna", "1", {}, {}, soon_after(), dialect::wynta}) == "request_duplicate");
  CHECK(name_of(ledger.record(casino, "anna", "1", {{"bets", "+1"}})) == "request_duplicate");
}

TEST_CASE("running totals of a month add their difference") {
  const temporary_folder folder;
  test_ledger ledger(folder.path());
  const auto report = [&](const std::string& id, const std::string& total, const char* month) {
    auto request = event_of(ledger, {"ngr_update", "anna", id, {{"ngr", "+" + total}}});
    request.updates[0].running_total_of = calendar_month::parse(month);
    return std::string(name_of(ledger.gateway().record(std::move(request), test_ledger::soon())));
  };
  CHECK(tell(ledger, {"registration", "anna", "e1", {}, ledger.click(quarter_of_ngr)}) == "receipt");
  CHECK(report("a", "500", "2026-05") == "receipt");
  CHECK(ledger.balance(casino, "anna", "ngr") == "500.00");
  CHECK(report("b", "420.50", "2026-05") == "receipt");
  CHECK(ledger.balance(casino, "anna", "ngr") == "420.50");
  CHECK(report("b", "420.50", "2026-05") == "request_duplicate");
  CHECK(report("c", "10", "2026-06") == "receipt");
  CHECK(ledger.balance(casino, "anna", "ngr") == "430.50");
  CHECK(report("d", "421.50", "2026-05") == "receipt");
  CHECK(ledger.balance(casino, "anna", "ngr") == "431.50");
  REQUIRE(ledger.stop());
  ledger.open();
  CHECK(report("e", "-1", "2026-06") == "receipt");
  CHECK(ledger.balance(casino, "anna", "ngr") == "420.50");
  CHECK(earned(ledger, "anna") == "105.125");
}

TEST_CASE("events that are sent again and again, across restarts and out of step, happen once") {
  const temporary_folder folder;
  actors::gateway_options options;
  options.checkpoint_entries = 40; // some of it on disk, some in the tail
  test_ledger ledger(folder.path(), options);
  give_meaning(ledger);
  const auto click = ledger.click(five_on_deposits);
  constexpr int players = 12;
  std::vector<told> script;
  for (int n = 0; n < players; ++n) {
    const auto player = "p" + std::to_string(n);
    if (n % 3 == 0) script.push_back({"login", player, "l"});
    script.push_back({"registration", player, "r", {}, click});
    for (int k = 0; k < 5; ++k)
      script.push_back({"deposit", player, "d" + std::to_string(k), {{"deposits-total", "+10"}, {"bets", "+1"}}});
  }
  std::mt19937 random(7);
  for (int round = 0; round < 4; ++round) {
    std::vector<actors::movement_request> batch;
    // The first round in order, so that registrations come before deposits; later ones in any.
    if (round > 0) std::shuffle(script.begin(), script.end(), random);
    for (const auto& each : script) {
      batch.push_back(event_of(ledger, each));
      if (random() % 3 == 0) batch.push_back(event_of(ledger, each));
    }
    std::map<std::string, int> outcomes;
    for (const auto& each : ledger.gateway().submit(std::move(batch)).wait(test_ledger::soon()))
      ++outcomes[std::string(name_of(each))];
    CHECK(outcomes["receipt"] == (round == 0 ? static_cast<int>(script.size()) : 0));
    CHECK(outcomes.size() - outcomes.count("receipt") == 1);
    CHECK(outcomes.count("request_duplicate") == 1);
    REQUIRE(ledger.stop());
    ledger.open();
  }
  for (int n = 0; n < players; ++n) {
    const auto player = "p" + std::to_string(n);
    CHECK(ledger.balance(casino, player, "deposits-total") == "50.00");
    CHECK(earned(ledger, player) == "2.50");
  }
  CHECK(ledger.view().player_count() == players);
}
