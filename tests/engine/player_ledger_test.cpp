#include "engine/player_ledger.hpp"

#include "ledger_script.hpp"
#include "sample_workspace.hpp"
#include "support/catch.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace croupier::testing {

TEST_CASE("ABSOLUTE replaces a balance and RELATIVE adds to it") {
  play(sample_workspace(), new_player(without_revshare), R"(
    request | updates                            | verdict | earned | balances after
    r1      | deposits += 250.00, ngr := 1875.50 | ok      | -      | deposits 250.00, ngr 1875.50
    r2      | deposits += 19.99                  | ok      | -      | deposits 269.99, ngr 1875.50
    r3      | ngr := -3                          | ok      | -      | deposits 269.99, ngr -3.00
    r4      | bets += 2                          | ok      | -      | deposits 269.99, ngr -3.00, bets 2
    r5      | bets += -5                         | ok      | -      | deposits 269.99, ngr -3.00, bets -3
    r6      | ngr += 3                           | ok      | -      | deposits 269.99, ngr 0, bets -3
    r7      | ngr += 0.00000001                  | ok      | -      | deposits 269.99, ngr 0.00000001, bets -3
    -       | bets := -0                         | ok      | -      | deposits 269.99, ngr 0.00000001, bets 0
    -       | bets := -0                         | ok      | -      | deposits 269.99, ngr 0.00000001, bets 0
  )");
}

TEST_CASE("revshare is earned on the change that a movement makes to the offer's metric") {
  play(sample_workspace(), new_player(five_percent_of_deposits), R"(
    request | updates                    | verdict  | earned        | balances after
    r1      | deposits += 250.00         | ok       | 12.50         | deposits 250.00; revshare 12.50
    r2      | deposits := 300            | ok       | 2.50          | deposits 300.00; revshare 15.00
    r3      | deposits := 300.00         | ok       | 0             | deposits 300.00; revshare 15.00
    r4      | ngr += 1000                | ok       | -             | deposits 300.00, ngr 1000.00; revshare 15.00
    r5      | deposits := 100            | ok       | -10.00        | deposits 100.00, ngr 1000.00; revshare 5.00
    r6      | ngr := 0, deposits += 0.03 | ok       | 0.0015        | deposits 100.03, ngr 0; revshare 5.0015
    r6      | deposits += 7              | repeated | -             | deposits 100.03, ngr 0; revshare 5.0015
    r7      | deposits := 0              | ok       | -5.0015       | deposits 0, ngr 0
    r8      | deposits += -0.0000001     | ok       | -0.000000005  | deposits -0.0000001, ngr 0; revshare -0.000000005
  )");
}

TEST_CASE("a player without attribution, or of an offer without terms, earns nothing") {
  const auto* table = R"(
    request | updates         | verdict | earned | balances after
    r1      | deposits += 250 | ok      | -      | deposits 250.00
  )";
  play(sample_workspace(), new_player(offer_number{}), table);
  play(sample_workspace(), new_player(without_revshare), table);
}

TEST_CASE("a request is judged by its id first, then all codes, then all forms, then ranges") {
  play(sample_workspace(), new_player(without_revshare), R"(
    request | updates                                     | verdict         | earned | balances after
    r1      | bets := 1                                   | ok              | -      | bets 1
    r1      | nonsense := 1                               | repeated        | -      | bets 1
    r1      | bets := 1e3                                 | repeated        | -      | bets 1
    r2      | bets := 1e3, ngr := x, nonsense := 1        | metric unknown  | -      | bets 1
    r2      | bets := 9223372036854775808, old-score := 1 | metric unknown  | -      | bets 1
    r2      | bets := 9223372036854775808, ngr := x       | decimal invalid | -      | bets 1
    r2      | bets += 9223372036854775807, ngr := x       | decimal invalid | -      | bets 1
    r2      | deposits-count := 1.5, ngr := x             | integer invalid | -      | bets 1
    r2      | ngr := x, deposits-count := 1.5             | decimal invalid | -      | bets 1
    r2      | bets += 9223372036854775807                 | out of range    | -      | bets 1
    r2      | ngr := 1, bets += 9223372036854775807       | out of range    | -      | bets 1
    r2      | ngr := 1                                    | ok              | -      | ngr 1.00, bets 1
    r2      | ngr := 2                                    | repeated        | -      | ngr 1.00, bets 1
  )");
}

TEST_CASE("an integer metric holds a signed 64-bit integer and nothing beyond") {
  play(sample_workspace(), new_player(without_revshare), R"(
    request | updates                                           | verdict         | earned | balances after
    -       | bets := 9223372036854775807                       | ok              | -      | bets 9223372036854775807
    -       | bets += 1                                         | out of range    | -      | bets 9223372036854775807
    -       | bets += -9223372036854775808                      | ok              | -      | bets -1
    -       | bets += -9223372036854775807                      | ok              | -      | bets -9223372036854775808
    -       | bets += -1                                        | out of range    | -      | bets -9223372036854775808
    -       | bets := 9223372036854775807                       | ok              | -      | bets 9223372036854775807
    -       | bets := 9223372036854775808                       | out of range    | -      | bets 9223372036854775807
    -       | bets := -9223372036854775809                      | out of range    | -      | bets 9223372036854775807
    -       | bets := 10000000000000000000000000000000000000000 | out of range    | -      | bets 9223372036854775807
    -       | bets := 5.0                                       | integer invalid | -      | bets 9223372036854775807
    -       | bets := 10000000000000000000.0                    | integer invalid | -      | bets 9223372036854775807
  )");
}

TEST_CASE("a decimal metric holds 18 integer digits and nothing beyond") {
  play(sample_workspace(), new_player(without_revshare), R"(
    request | updates                             | verdict         | earned | balances after
    -       | ngr := 999999999999999999.99999998  | ok              | -      | ngr 999999999999999999.99999998
    -       | ngr += 0.00000002                   | out of range    | -      | ngr 999999999999999999.99999998
    -       | ngr += 0.00000001                   | ok              | -      | ngr 999999999999999999.99999999
    -       | ngr := 1000000000000000000          | decimal invalid | -      | ngr 999999999999999999.99999999
    -       | ngr := 0.000000001                  | decimal invalid | -      | ngr 999999999999999999.99999999
    -       | ngr := 0.100000000                  | decimal invalid | -      | ngr 999999999999999999.99999999
    -       | ngr := -999999999999999999.99999999 | ok              | -      | ngr -999999999999999999.99999999
    -       | ngr += -0.00000001                  | out of range    | -      | ngr -999999999999999999.99999999
    -       | ngr +=                              | decimal invalid | -      | ngr -999999999999999999.99999999
  )");
}

TEST_CASE("a revshare total that cannot be held refuses the movement") {
  auto state = new_player(quarter_of_ngr);
  constexpr auto largest = commission::from_units(~(int128{1} << 126 << 1));
  state.revshare_total = *largest.minus(*commission::parse("25"));
  play(sample_workspace(), state, R"(
    request | updates           | verdict      | earned | balances after
    -       | ngr += 100.1      | out of range | -      | ; revshare 170141183460469231706.687303715884105727
    -       | ngr += 0          | ok           | 0      | ngr 0; revshare 170141183460469231706.687303715884105727
    -       | ngr += 100        | ok           | 25.00  | ngr 100.00; revshare 170141183460469231731.687303715884105727
    -       | ngr += 0.00000001 | out of range | -      | ngr 100.00; revshare 170141183460469231731.687303715884105727
  )");
}

TEST_CASE("an accrual names the terms that made it") {
  const auto ws = sample_workspace();
  player_ledger ledger(new_player(quarter_of_ngr), sequence{});
  const auto decided = ledger.decide(command_of(ws, "-", "bets += 1, ngr += -2.5"), ws);
  const auto& effect = std::get<movement_effect>(decided);
  REQUIRE(effect.revshare.has_value());
  CHECK(*effect.revshare == revshare_accrual{.offer = quarter_of_ngr,
                                             .affiliate = ada,
                                             .metric = ngr,
                                             .rate = percentage::from_integer(25),
                                             .earned = *commission::parse("-0.625")});
}

TEST_CASE("terms that change count from the next movement on") {
  auto ws = sample_workspace();
  player_ledger ledger(new_player(quarter_of_ngr), sequence{});
  const auto earns = [&](std::string_view updates) {
    const auto command = command_of(ws, "-", updates);
    const auto decided = ledger.decide(command, ws);
    const auto& effect = std::get<movement_effect>(decided);
    ledger.accept(command, effect, {});
    return effect.revshare ? effect.revshare->earned.text() : "-";
  };
  CHECK(earns("ngr := 100") == "25.00");
  auto changed = *ws.find(quarter_of_ngr);
  changed.revshare->rate = *percentage::parse("12.5");
  ws.put(changed);
  CHECK(earns("ngr := 200") == "12.50");
  changed.revshare.reset();
  ws.put(changed);
  CHECK(earns("ngr := 300") == "-");
  CHECK(ledger.accepted().revshare_total.text() == "37.50");
}

TEST_CASE("a call without a request id is always new") {
  play(sample_workspace(), new_player(without_revshare), R"(
    request | updates   | verdict | earned | balances after
    -       | bets += 1 | ok      | -      | bets 1
    -       | bets += 1 | ok      | -      | bets 2
  )");
}

TEST_CASE("a look-up older than what the ledger remembers is stale, but only for a request id") {
  const auto ws = sample_workspace();
  player_ledger ledger(new_player(without_revshare), sequence{100});
  auto command = command_of(ws, "r1", "bets += 1");
  const auto verdict = [&](std::uint64_t absent_up_to) {
    command.absent_up_to = sequence{absent_up_to};
    return std::string(verdict_of(ledger.decide(command, ws)));
  };
  CHECK(verdict(99) == "stale");
  CHECK(verdict(100) == "ok");
  ledger.accept(command, std::get<movement_effect>(ledger.decide(command, ws)), {.durable = sequence{100}});
  CHECK(verdict(99) == "repeated");
  CHECK(verdict(100) == "repeated");
  command = command_of(ws, "-", "bets += 1");
  CHECK(verdict(0) == "ok");
  command = command_of(ws, "r2", "nonsense += 1");
  CHECK(verdict(99) == "stale");
}

TEST_CASE("the first deposit is the first change that raises the deposits, and happens once") {
  auto ws = sample_workspace();
  auto metric = *ws.find(deposits);
  metric.meaning = metric_meaning::deposits;
  ws.put(metric);
  struct row {
    std::string_view updates;
    bool opening;
    std::string_view first_deposit;
    bool has_deposited;
  };
  const auto play_rows = [&](const std::vector<row>& rows) {
    player_ledger ledger(new_player(without_revshare), sequence{});
    for (const auto& row : rows) {
      CAPTURE(row.updates);
      auto command = command_of(ws, "-", row.updates);
      command.opening = row.opening;
      const auto decided = ledger.decide(command, ws);
      const auto& effect = std::get<movement_effect>(decided);
      CHECK(std::string_view(effect.first_deposit ? "first" : "-") == row.first_deposit);
      ledger.accept(command, effect, {});
      CHECK(ledger.has_deposited() == row.has_deposited);
    }
  };
  play_rows({{"ngr += 5", false, "-", false},
             {"deposits := 0", false, "-", false},
             {"deposits += -10", false, "-", false},
             {"deposits += 10", false, "first", true},
             {"deposits := 0", false, "-", true},
             {"deposits += 10", false, "-", true}});
  play_rows({{"deposits := 0", true, "-", false}, {"deposits += 0.00000001", false, "first", true}});
  play_rows({{"deposits := 500", true, "-", true}, {"deposits += 10", false, "-", true}});
}

TEST_CASE("every 32nd movement of a player carries a key frame") {
  const auto ws = sample_workspace();
  const auto command = command_of(ws, "-", "bets += 1");
  player_ledger ledger(new_player(without_revshare), sequence{});
  std::string frames;
  for (int ordinal = 1; ordinal <= 100; ++ordinal) {
    if (ledger.next_is_key_frame()) frames += std::to_string(ordinal) + " ";
    ledger.accept(command, std::get<movement_effect>(ledger.decide(command, ws)), {});
  }
  CHECK(frames == "32 64 96 ");
  CHECK(ledger.accepted().movement_count == 100);
}

TEST_CASE("an unattributed player is attributed and earns from then on") {
  const auto ws = sample_workspace();
  auto state = new_player(offer_number{});
  state.profile.registered_at = timestamp{5};
  player_ledger ledger(state, sequence{});
  const auto before = command_of(ws, "r1", "ngr += 100");
  ledger.accept(before, std::get<movement_effect>(ledger.decide(before, ws)), {});
  ledger.attribute(new_player(quarter_of_ngr).profile);
  const auto after = command_of(ws, "r2", "ngr += 1");
  ledger.accept(after, std::get<movement_effect>(ledger.decide(after, ws)), {});
  CHECK(text_of(ledger.accepted(), ws) == "ngr 101.00; revshare 0.25");
  CHECK(ledger.accepted().profile.registered_at == timestamp{5});
  CHECK(ledger.accepted().profile.click == sequence{7});
  CHECK(ledger.accepted().profile.link == link_number{1});
  CHECK(ledger.accepted().profile.affiliate == ada);
}

TEST_CASE("an awake player with 10 metrics and 100 request ids takes at most 1.9 KB") {
  workspace ws;
  for (std::uint16_t i = 1; i <= 10; ++i)
    ws.put(metric{.number = metric_number{i}, .id = {}, .code = "m" + std::to_string(i), .name = "m"});
  player_state state;
  state.profile.external_id = "player-1234567890"; // one that does not fit into the string itself
  player_ledger ledger(state, sequence{});
  for (int i = 0; i < 100; ++i) {
    const auto update = "m" + std::to_string(i % 10 + 1) + " += 1";
    const auto command = command_of(ws, "request " + std::to_string(i), update);
    ledger.accept(command, std::get<movement_effect>(ledger.decide(command, ws)), {});
  }
  REQUIRE(ledger.accepted().balances.size() == 10);
  const auto total_bytes = sizeof(ledger) + ledger.heap_bytes();
  CAPTURE(sizeof(ledger), ledger.heap_bytes());
  CHECK(total_bytes <= 1'900);
  CHECK(ledger.heap_bytes() >= 10 * sizeof(balance) + 100 * sizeof(std::uint64_t));
}

} // namespace croupier::testing
