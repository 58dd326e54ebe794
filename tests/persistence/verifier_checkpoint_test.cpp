#include "tests/persistence/spoilt_ledger.hpp"

#include <string>

// Each kind of row of a checkpoint that is not what the journal makes is named with the entry that it should tell of.

namespace croupier::persistence {

namespace {

/// The entry that a verification names, and what it says of it.
struct named {
  sequence at;
  std::string what;
};

/// A checkpoint that is changed on its way to the disk; `change` says what will be found.
void expect_checkpoint_named(const std::function<named(checkpoint_run&)>& change) {
  spoilt_ledger ledger(11);
  ledger.append(150);
  ledger.checkpoint();
  ledger.append(150);
  named found;
  ledger.checkpoint([&](checkpoint_run& run) { found = change(run); });
  ledger.append(40);
  INFO(found.what);
  expect_broken(ledger.verify(), found.at, found.what);
}

std::string text_of(player_number player) {
  return "player " + std::to_string(player.value);
}

} // namespace

TEST_CASE("a player that the checkpoint has otherwise is named by its newest entry") {
  const auto wrong = [](const auto& player) {
    return named{player.second.last_entry,
                 "the checkpoint's " + text_of(player.first) + " is not the sum of its entries up to here"};
  };
  expect_checkpoint_named([&](checkpoint_run& run) {
    auto& delta = run.players.back().second;
    delta.revshare_earned = commission::from_units(delta.revshare_earned.units() + 1);
    return wrong(run.players.back());
  });
  expect_checkpoint_named([&](checkpoint_run& run) {
    auto& last = run.players.back().second.balances.back().value;
    last = plus_one_unit(last);
    return wrong(run.players.back());
  });
  expect_checkpoint_named([&](checkpoint_run& run) {
    const auto gone = run.players.back();
    run.players.pop_back();
    return wrong(gone);
  });
}

TEST_CASE("rows of the request index that are missing, wrong or too many are named by their entries") {
  expect_checkpoint_named([](checkpoint_run& run) {
    const auto at = run.requests.front().second;
    run.requests.erase(run.requests.begin());
    return named{at, "the checkpoint does not know its request id"};
  });
  expect_checkpoint_named([](checkpoint_run& run) {
    auto& at = run.requests.back().second;
    const auto right = at;
    at.value -= 1;
    return named{right, "the checkpoint finds entry " + std::to_string(at.value) + " by its request id"};
  });
  expect_checkpoint_named([](checkpoint_run& run) {
    auto more = run.requests.back();
    ++more.first.player_hash;
    run.requests.push_back(more);
    return named{more.second, "the checkpoint has a request id that no movement up to here carries"};
  });
}

TEST_CASE("rows of a player's history that are missing, wrong or too many are named by their entries") {
  expect_checkpoint_named([](checkpoint_run& run) {
    const auto gone = run.history[3];
    run.history.erase(run.history.begin() + 3);
    return named{gone.at, "the checkpoint's history of " + text_of(gone.player) + " misses it"};
  });
  expect_checkpoint_named([](checkpoint_run& run) {
    auto& row = run.history[3];
    ++row.ordinal;
    return named{row.at, "the checkpoint's history of " + text_of(row.player) + " tells of it wrongly"};
  });
  expect_checkpoint_named([](checkpoint_run& run) {
    auto more = run.history.back();
    more.at = run.valid_for.last;
    // Of another player: the last entry is either not its movement, or is in the history already.
    if (more.at == run.history.back().at) more.at.value += 1;
    run.history.push_back(more);
    return more.at > run.valid_for.last
               ? named{run.valid_for.last,
                       "the checkpoint's history of " + text_of(more.player) + " goes beyond the checkpoint"}
               : named{more.at, "the checkpoint's history of " + text_of(more.player) + " tells of it wrongly"};
  });
}

TEST_CASE("names that are missing, wrong or too many are named by the registration") {
  // With room for many players, so that some are registered after the first checkpoint.
  const auto registered_at = [](const checkpoint_run& run, player_number who) {
    for (const auto& [number, delta] : run.players)
      if (number == who) return delta.profile->registered_entry;
    return sequence{};
  };
  const auto expect_named_by = [](const std::function<named(checkpoint_run&)>& change) {
    spoilt_ledger ledger(13, {60, 5});
    ledger.append(150);
    ledger.checkpoint();
    ledger.append(150);
    named found;
    ledger.checkpoint([&](checkpoint_run& run) { found = change(run); });
    expect_broken(ledger.verify(), found.at, found.what);
  };
  expect_named_by([&](checkpoint_run& run) {
    const auto who = run.names.front().second;
    run.names.erase(run.names.begin());
    return named{registered_at(run, who), "the checkpoint does not find " + text_of(who) + " by its name"};
  });
  expect_named_by([&](checkpoint_run& run) {
    const auto who = run.names.back().second;
    run.names.back().second = {who.value + 1000};
    return named{registered_at(run, who), "the checkpoint finds another player by the name of " + text_of(who)};
  });
  expect_named_by([&](checkpoint_run& run) {
    auto more = run.names.back();
    more.first.second += "z";
    run.names.push_back(more);
    return named{run.valid_for.last, "the checkpoint finds " + text_of(more.second) + " by a name that no entry gave"};
  });
}

TEST_CASE("counts that are not those of the entries are named by the checkpoint's position") {
  expect_checkpoint_named([](checkpoint_run& run) {
    run.next_player_number -= 1;
    return named{run.valid_for.last, "the checkpoint would give a player number again"};
  });
  expect_checkpoint_named([](checkpoint_run& run) {
    ++run.player_count;
    return named{run.valid_for.last, "the checkpoint counts other players than the journal has up to here"};
  });
  expect_checkpoint_named([](checkpoint_run& run) {
    run.workspace.emplace_back(affiliate{{900}, {}, "nobody"});
    return named{run.valid_for.last, "the checkpoint's workspace is not what its changes make up to here"};
  });
}

} // namespace croupier::persistence
