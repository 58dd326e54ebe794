#include "engine/player_ledger.hpp"

#include "ledger_script.hpp"
#include "sample_workspace.hpp"
#include "support/catch.hpp"

#include <rapidcheck.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace croupier::testing {
namespace {

/// Request and updates, in the words of ledger_script.
using raw_movement = std::pair<std::string, std::string>;
using history = std::vector<raw_movement>;

std::string any_value() {
  switch (*rc::gen::inRange(0, 12)) {
  case 0: return *rc::gen::element<std::string>("999999999999999999.99999999", "-999999999999999999.99999999", "-0.00");
  case 1: return *rc::gen::element<std::string>("9223372036854775807", "-9223372036854775808", "1000000000000000000");
  case 2: return *rc::gen::element<std::string>("", "1e3", "0.000000001", "5.", "x", "9223372036854775808");
  case 3:
  case 4:
  case 5:
    return std::to_string(*rc::gen::inRange(-1000, 1000)) + "." + std::to_string(*rc::gen::inRange(0, 100'000'000));
  default: return std::to_string(*rc::gen::inRange(-1000, 1000));
  }
}

raw_movement any_movement() {
  std::string updates;
  for (const auto* code : {"deposits", "ngr", "bets", "deposits-count", "old-score"}) {
    const int odds = code == std::string("old-score") ? 20 : 2;
    if (*rc::gen::inRange(0, odds) != 0) continue;
    if (!updates.empty()) updates += ", ";
    updates += std::string(code) + (*rc::gen::arbitrary<bool>() ? " += " : " := ") + any_value();
  }
  if (updates.empty()) updates = "ngr += 1";
  const auto request = *rc::gen::inRange(0, 40);
  return {request == 0 ? "-" : "r" + std::to_string(request), updates};
}

history any_history() {
  return *rc::gen::container<history>(rc::gen::exec(any_movement));
}

player_ledger fresh_ledger(offer_number offer) {
  return {new_player(offer), sequence{}};
}

/// Integers have up to 19 digits, one more than a decimal may.
amount value_of(const std::string& text) {
  number_text parsed;
  if (parse_integer_amount(text, parsed)) RC_ASSERT(!parse_amount(text, parsed));
  return amount::from_units(parsed.units);
}

/// Plays one movement; its effect when it was accepted.
std::optional<movement_effect> play_one(player_ledger& ledger, const workspace& ws, const raw_movement& raw) {
  const auto command = command_of(ws, raw.first, raw.second);
  const auto decided = ledger.decide(command, ws);
  const auto* effect = std::get_if<movement_effect>(&decided);
  if (effect == nullptr) return std::nullopt;
  ledger.accept(command, *effect, {});
  return *effect;
}

} // namespace

TEST_CASE("property: a balance is the fold of the player's movements from nothing") {
  const auto ws = sample_workspace();
  REQUIRE(rc::check([&] {
    auto ledger = fresh_ledger(quarter_of_ngr);
    std::map<metric_number, amount> folded;
    std::uint64_t accepted = 0;
    for (const auto& raw : any_history()) {
      const auto effect = play_one(ledger, ws, raw);
      if (!effect) continue;
      ++accepted;
      for (const auto& change : effect->changes) {
        auto& balance = folded[change.metric];
        const auto before = balance;
        const auto sent = value_of(change.value_text());
        balance = change.how == value_type::absolute ? sent : *before.plus(sent);
        RC_ASSERT(change.value == sent);
        RC_ASSERT(change.balance_after == balance);
        RC_ASSERT(before.plus(change.delta) == balance);
      }
    }
    const auto& state = ledger.accepted();
    RC_ASSERT(state.movement_count == accepted);
    RC_ASSERT(state.balances.size() == folded.size());
    auto expected = folded.begin();
    for (const auto& one : state.balances) {
      RC_ASSERT(one.metric == expected->first);
      RC_ASSERT(one.value == expected->second);
      ++expected;
    }
  }));
}

TEST_CASE("property: at a constant rate the revshare is the rate of the final balance") {
  REQUIRE(rc::check([] {
    auto ws = sample_workspace();
    auto terms = *ws.find(quarter_of_ngr);
    terms.revshare->rate = percentage::from_units(*rc::gen::inRange(0, 1'000'001));
    ws.put(terms);
    auto ledger = fresh_ledger(quarter_of_ngr);
    commission summed;
    for (const auto& raw : any_history()) {
      const auto effect = play_one(ledger, ws, raw);
      if (effect && effect->revshare) summed = *summed.plus(effect->revshare->earned);
    }
    const auto& state = ledger.accepted();
    RC_ASSERT(state.revshare_total == share_of(state.balance_of(ngr), terms.revshare->rate));
    RC_ASSERT(state.revshare_total == summed);
  }));
}

TEST_CASE("property: retries, inserted anywhere into a history, change nothing") {
  const auto ws = sample_workspace();
  REQUIRE(rc::check([&] {
    const auto once = any_history();
    auto expected = fresh_ledger(five_percent_of_deposits);
    auto retried = fresh_ledger(five_percent_of_deposits);
    history applied;
    for (const auto& raw : once) {
      const bool accepted = play_one(expected, ws, raw).has_value();
      RC_ASSERT(play_one(retried, ws, raw).has_value() == accepted);
      if (accepted && raw.first != "-") applied.push_back(raw);
      if (applied.empty()) continue;
      const auto again =
          *rc::gen::container<std::vector<std::size_t>>(3, rc::gen::inRange<std::size_t>(0, applied.size()));
      for (const auto index : again) {
        auto command = command_of(ws, applied[index].first, applied[index].second);
        RC_ASSERT(verdict_of(retried.decide(command, ws)) == "repeated");
        // The same id with another payload is the same request.
        command.updates = command_of(ws, "-", "ngr += 1000").updates;
        RC_ASSERT(verdict_of(retried.decide(command, ws)) == "repeated");
      }
      RC_ASSERT(retried.accepted() == expected.accepted());
    }
  }));
}

TEST_CASE("property: a rejected call leaves everything as it was, its request id included") {
  const auto ws = sample_workspace();
  REQUIRE(rc::check([&] {
    auto ledger = fresh_ledger(quarter_of_ngr);
    for (const auto& raw : any_history()) {
      const auto before = ledger.accepted();
      const auto bytes_before = ledger.heap_bytes();
      const auto command = command_of(ws, raw.first, raw.second);
      const auto decided = ledger.decide(command, ws);
      RC_ASSERT(ledger.accepted() == before);
      RC_ASSERT(ledger.heap_bytes() == bytes_before);
      if (const auto* effect = std::get_if<movement_effect>(&decided)) {
        ledger.accept(command, *effect, {});
      } else if (std::holds_alternative<rejection>(decided)) {
        const auto mended = command_of(ws, raw.first, "bets := 0");
        RC_ASSERT(verdict_of(ledger.decide(mended, ws)) == "ok");
      }
    }
  }));
}

TEST_CASE("property: a ledger restored from its state goes on as if it had never slept") {
  const auto ws = sample_workspace();
  REQUIRE(rc::check([&] {
    auto awake = fresh_ledger(quarter_of_ngr);
    auto sleeper = fresh_ledger(quarter_of_ngr);
    for (auto raw : any_history()) {
      raw.first = "-"; // ids are the look-up's business after a sleep, see exactly_once_test
      RC_ASSERT(play_one(awake, ws, raw).has_value() == play_one(sleeper, ws, raw).has_value());
      if (*rc::gen::inRange(0, 3) == 0) sleeper = player_ledger(sleeper.accepted(), sequence{});
      RC_ASSERT(awake.accepted() == sleeper.accepted());
      RC_ASSERT(awake.next_is_key_frame() == sleeper.next_is_key_frame());
    }
  }));
}

} // namespace croupier::testing
