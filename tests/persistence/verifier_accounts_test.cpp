#include "engine/affiliate_account.hpp"
#include "engine/cpa.hpp"
#include "engine/settlement.hpp"
#include "tests/persistence/spoilt_ledger.hpp"

#include <map>
#include <random>

// What is decided about accounts follows from what they are, and a ledger in which it does not is named.

namespace croupier::persistence {

namespace {

const currency_code eur = *currency_code::parse("EUR");
const account_key first{{1}, eur};
const account_key second{{2}, eur};

commission money(std::string_view text) {
  return *commission::parse(text);
}

/// A random ledger whose affiliates are paid. Accounts are kept with the engine, settlements drafted by it.
class paid_ledger {
public:
  explicit paid_ledger(std::uint64_t seed) : ledger(seed, {6, 9}) { movements(60); }

  void movements(std::size_t entries) {
    ledger.append(entries);
    take_facts();
  }

  affiliate_account& account(const account_key& key) { return accounts_.try_emplace(key, key).first->second; }

  sequence adjust(const account_key& key, std::string_view value, const std::string& request_id) {
    account_adjustment line;
    line.effective_at = ledger.facts().back().time;
    line.change.open = money(value);
    line.request_id = request_id;
    line.note = "test";
    return append(account_adjusted{"test", key, line});
  }

  /// What of the accounts can be settled.
  settlement_made draft(const std::string& request_id, std::vector<account_key> keys = {first, second}) {
    settlement_made made;
    made.request_id = request_id;
    for (const auto& key : keys)
      if (auto part = draft_settlement(account(key), made.terms, true)) made.parts.push_back(*part);
    return made;
  }

  sequence settle(const settlement_made& made) { return append(settlement_recorded{"test", made}); }
  sequence set(settlement_id id, settlement_status to) { return append(settlement_status_recorded{"test", {id, to}}); }
  sequence remove(settlement_id id) { return append(settlement_deletion_recorded{"test", {id}}); }

  /// Appends what may be wrong, and does not take it in.
  sequence spoil(const entry& what) { return ledger.append(what); }

  /// Appends what is right, and takes it in.
  sequence append(const entry& what) {
    const auto at = ledger.append(what);
    const auto time = ledger.facts().back().time;
    const auto apply = [&](const account_key& key, const account_fact& fact) {
      account(key).apply(at, time, std::span(&fact, 1));
    };
    if (const auto* adjusted = std::get_if<account_adjusted>(&what)) apply(adjusted->account, adjusted->line);
    if (const auto* closed = std::get_if<account_closed>(&what)) apply(closed->account, closed->close);
    if (const auto* made = std::get_if<settlement_recorded>(&what))
      for (std::uint32_t i = 0; i < made->what.parts.size(); ++i) {
        owners_[{at, i}] = made->what.parts[i].account;
        apply(made->what.parts[i].account, account_settled{i, made->what.parts[i]});
      }
    if (const auto* status = std::get_if<settlement_status_recorded>(&what))
      apply(owners_.at(status->what.settlement), status->what);
    if (const auto* gone = std::get_if<settlement_deletion_recorded>(&what))
      apply(owners_.at(gone->what.settlement), gone->what);
    taken_ = ledger.facts().size();
    return at;
  }

  /// The settlements that stand, with their statuses.
  std::vector<std::pair<settlement_id, settlement_status>> standing() {
    std::vector<std::pair<settlement_id, settlement_status>> all;
    for (const auto& [key, it] : accounts_)
      for (const auto& one : it.settlements()) all.emplace_back(one.id, one.status);
    return all;
  }

  spoilt_ledger ledger;

private:
  void take_facts() {
    for (; taken_ < ledger.facts().size(); ++taken_) {
      const auto& fact = ledger.facts()[taken_];
      const auto* movement = std::get_if<test::movement_fact>(&fact.what);
      if (movement == nullptr || !movement->revshare) continue;
      const account_fact accrued = revshare_accrued{movement->revshare->earned};
      account({movement->revshare->affiliate, eur}).apply(fact.at, fact.time, std::span(&accrued, 1));
    }
  }

  std::map<account_key, affiliate_account> accounts_;
  std::map<settlement_id, account_key> owners_;
  std::size_t taken_ = 0;
};

/// The entry that `wrong` appends to a ledger in which both accounts can be settled, and one settlement stands, is
/// named: before a checkpoint and behind one, and with more entries behind it.
void expect_named(const std::function<sequence(paid_ledger&)>& wrong, const std::string& what) {
  for (const bool checkpointed : {false, true}) {
    INFO(what << (checkpointed ? ", checkpointed" : ""));
    paid_ledger ledger(11);
    ledger.adjust(first, "1000000.015", "a-first");
    ledger.adjust(second, "1000000.01", "a-second");
    ledger.settle(ledger.draft("standing", {first}));
    ledger.movements(40);
    ledger.adjust(first, "2000000.005", "b-first");
    if (checkpointed) ledger.ledger.checkpoint();
    const auto before = ledger.ledger.verify();
    INFO((before ? "" : before.error().text));
    REQUIRE(before.has_value());
    const auto at = wrong(ledger);
    expect_broken(ledger.ledger.verify(), at, what);
    ledger.ledger.append(30);
    expect_broken(ledger.ledger.verify(), at, what);
  }
}

/// A settlement of both accounts that `change` has been at.
void expect_settlement_named(const std::function<void(settlement_made&)>& change, const std::string& what) {
  expect_named(
      [&](paid_ledger& ledger) {
        auto made = ledger.draft("next");
        REQUIRE(made.parts.size() == 2);
        REQUIRE_FALSE(made.parts[0].runs.empty());
        change(made);
        return ledger.spoil(settlement_recorded{"test", made});
      },
      what);
}

commission plus(commission value, std::string_view more) {
  return *value.plus(money(more));
}

} // namespace

TEST_CASE("a ledger whose affiliates are paid, paid again and not paid after all is sound") {
  std::uint64_t settled = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    paid_ledger ledger(seed);
    std::mt19937_64 random(seed);
    std::uint64_t made = 0;
    for (int round = 0; round < 40; ++round) {
      const auto standing = ledger.standing();
      const auto some = standing.empty() ? settlement_id{} : standing[random() % standing.size()].first;
      const auto status = standing.empty() ? settlement_status::paid : standing[random() % standing.size()].second;
      switch (random() % 6) {
      case 0: ledger.movements(1 + random() % 30); break;
      case 1: ledger.adjust(random() % 2 == 0 ? first : second, "12.345", std::to_string(round)); break;
      case 2:
        // Movements that come in between the draft and the entry stay open.
        if (auto draft = ledger.draft(std::to_string(round)); !draft.parts.empty()) {
          ledger.movements(random() % 8);
          ledger.settle(draft);
          ++made;
        }
        break;
      case 3:
        if (!standing.empty() && standing.front().second == settlement_status::created)
          ledger.set(standing.front().first, settlement_status::in_progress);
        break;
      case 4:
        if (!standing.empty() && standing.front().second == settlement_status::in_progress)
          ledger.set(standing.front().first, settlement_status::paid);
        break;
      default:
        if (!standing.empty() && status != settlement_status::paid && ledger.account(first).find(some) != nullptr &&
            ledger.account(first).find(some)->status != settlement_status::paid)
          ledger.remove(some);
      }
      if (round % 13 == 5) ledger.ledger.checkpoint();
    }
    const auto found = ledger.ledger.verify();
    INFO("seed " << seed << ": " << (found ? "" : found.error().text));
    REQUIRE(found.has_value());
    CHECK(found->settlements == made);
    CHECK(found->accounts == 2);
    settled += made;
  }
  CHECK(settled > 20);
}

TEST_CASE("a settlement that is not the sum of what it covers is named") {
  expect_settlement_named(
      [](auto& made) {
        made.parts[0].exact = plus(made.parts[0].exact, "1");
        made.parts[0].payable = plus(made.parts[0].payable, "1");
      },
      "the settlement is not the sum of what it takes");
  const auto more = [](settlement_made& made, std::string_view value) {
    made.parts[0].runs[0].sum += money(value);
    made.parts[0].exact = plus(made.parts[0].exact, value);
    made.parts[0].payable = plus(made.parts[0].payable, value);
  };
  expect_settlement_named([&](auto& made) { more(made, "0.01"); },
                          "the settlement is not the sum of the movements that it covers");
  expect_settlement_named([](auto& made) { ++made.parts[0].runs[0].entries; },
                          "the settlement is not the sum of the movements that it covers");
  expect_settlement_named(
      [](auto& made) { --made.parts[0].cuts[0].to.value, made.parts[0].runs[0].last = made.parts[0].cuts[0].to; },
      "the settlement is not the sum of the movements that it covers");
  expect_settlement_named([](auto& made) { --made.parts[0].runs[0].day; },
                          "the settlement counts a movement on another day");
}

TEST_CASE("a settlement that covers what it may not is named") {
  expect_settlement_named([](auto& made) { made.parts[0].cuts[0].from = {0}; }, "a movement is in two settlements");
  expect_settlement_named([](auto& made) { made.parts[0].cuts[0].to.value += 1; },
                          "the settlement covers more than it takes");
  expect_settlement_named([](auto& made) { made.parts[0].cuts.clear(); },
                          "the settlement takes movements that it does not cover");
  expect_settlement_named([](auto& made) { made.parts[0].cuts[0].from = made.parts[0].runs[0].last; },
                          "the settlement takes movements that it does not cover");
  expect_settlement_named([](auto& made) { made.terms.up_to = begin_of(made.parts[0].runs[0].day); },
                          "the settlement takes a day beyond its terms");
  expect_settlement_named([](auto& made) { made.parts.push_back(made.parts[0]); },
                          "the settlement takes an account twice");
  expect_settlement_named([](auto& made) { made.parts[0].account.affiliate = {77}; },
                          "the settlement is of an account that nothing happened to");
  expect_settlement_named([](auto& made) { ++made.parts[0].adjustments[0].id.index; },
                          "the settlement takes an adjustment that is not open");
  expect_settlement_named(
      [](auto& made) {
        made.parts[0].adjustments[0].value = plus(made.parts[0].adjustments[0].value, "1");
        made.parts[0].exact = plus(made.parts[0].exact, "1");
        made.parts[0].payable = plus(made.parts[0].payable, "1");
      },
      "the settlement takes another adjustment than was made");
}

TEST_CASE("a settlement that pays another sum than it may is named") {
  expect_settlement_named(
      [](auto& made) {
        made.parts[0].payable = plus(made.parts[0].payable, "0.01");
        made.parts[0].residue = plus(made.parts[0].residue, "-0.01");
      },
      "the settlement does not pay its sum, rounded");
  expect_settlement_named([](auto& made) { made.parts[0].residue = plus(made.parts[0].residue, "0.001"); },
                          "the settlement does not pay its sum, rounded");
  expect_settlement_named([](auto& made) { made.terms.minimum = money("9000000"); },
                          "the settlement pays less than it may");
  expect_settlement_named([](auto& made) { made.request_id = "standing"; },
                          "its request id is that of an earlier settlement");
}

TEST_CASE("what happens to settlements that are not there, or are paid, is named") {
  const auto id_of_standing = [](paid_ledger& ledger) { return ledger.standing().front().first; };
  expect_named(
      [](auto& ledger) {
        return ledger.spoil(settlement_deletion_recorded{"test", {{{3}, 0}}});
      },
      "it deletes a settlement that is not there");
  expect_named(
      [&](auto& ledger) {
        const auto id = id_of_standing(ledger);
        ledger.remove(id);
        return ledger.spoil(settlement_deletion_recorded{"test", {id}});
      },
      "it deletes a settlement that is not there");
  expect_named(
      [&](auto& ledger) {
        const auto id = id_of_standing(ledger);
        ledger.set(id, settlement_status::in_progress);
        ledger.set(id, settlement_status::paid);
        return ledger.spoil(settlement_deletion_recorded{"test", {id}});
      },
      "it deletes a settlement that is paid");
  expect_named(
      [&](auto& ledger) {
        return ledger.spoil(settlement_status_recorded{"test", {id_of_standing(ledger), settlement_status::paid}});
      },
      "the settlement cannot get this status");
  expect_named(
      [&](auto& ledger) {
        return ledger.spoil(settlement_status_recorded{"test", {{{4}, 0}, settlement_status::in_progress}});
      },
      "it gives a status to a settlement that is not there");
}

TEST_CASE("adjustments and closes that do not follow are named") {
  const auto line = [](adjustment_reason reason, std::string_view open, std::string_view carried) {
    account_adjustment made;
    made.reason = reason;
    made.change.open = money(open);
    made.change.carried = money(carried);
    return made;
  };
  const auto closed = [](calendar_month month, std::vector<account_adjustment> lines) {
    return account_closed{"test", first, {month, std::move(lines)}};
  };
  expect_named(
      [](auto& ledger) {
        account_adjustment again;
        again.change.open = money("1");
        again.request_id = "a-first";
        return ledger.spoil(account_adjusted{"test", first, again});
      },
      "its request id is that of an earlier adjustment of the account");
  expect_named(
      [&](auto& ledger) {
        return ledger.spoil(account_adjusted{"test", {{9}, eur}, {}});
      },
      "the account is of an affiliate that the workspace did not have");
  expect_named(
      [&](auto& ledger) {
        return ledger.spoil(closed({2023, 11}, {}));
      },
      "it closes a month that was not over");
  expect_named(
      [&](auto& ledger) {
        ledger.append(closed({2023, 8}, {line(adjustment_reason::deficit_carried, "5", "-5")}));
        return ledger.spoil(closed({2023, 10}, {}));
      },
      "it closes another month than the next one");
  expect_named(
      [&](auto& ledger) {
        ledger.append(closed({2023, 8}, {line(adjustment_reason::deficit_carried, "5", "-5")}));
        return ledger.spoil(closed({2023, 9}, {line(adjustment_reason::deficit_offset, "-6", "6")}));
      },
      "it makes up for more than was carried");
  expect_named(
      [&](auto& ledger) {
        return ledger.spoil(closed({2023, 9}, {line(adjustment_reason::deficit_carried, "6", "-5")}));
      },
      "it does not carry what it takes from the open balance");
  expect_named(
      [&](auto& ledger) {
        return ledger.spoil(closed({2023, 9}, {line(adjustment_reason::tier_true_up, "6", "-5")}));
      },
      "it adjusts more than the open balance");
}

TEST_CASE("a CPA that is not its plan's, or earned or booked twice, is named") {
  commission_plan plan;
  plan.number = {1};
  plan.id = uuid::from_halves(7, 7);
  plan.offer = {1};
  plan.cpa = cpa_leg{.fee = *amount::parse("20"), .deposits = std::nullopt, .wagering = std::nullopt};
  const auto claim_for = [&](const movement_recorded& movement) {
    cpa_evidence evidence;
    evidence.player = movement.player;
    evidence.brand = movement.brand;
    return *claim_of(plan, evidence);
  };
  /// Adds one player's CPA, which `change` has been at; nobody reads the view afterwards.
  struct earned_claim {
    cpa_claim claim;
    account_key account;
    sequence at;
  };
  const auto earn = [&](paid_ledger& ledger, const std::function<void(cpa_claim&)>& change = nullptr,
                        player_number whose = {}) {
    earned_claim made;
    made.at = ledger.ledger.append_changed(
        [&](movement_recorded& movement) {
          made.claim = claim_for(movement);
          made.account = {movement.revshare->affiliate, eur};
          if (change) change(made.claim);
          movement.claim = made.claim;
        },
        [&](const movement_recorded& movement) {
          return movement.revshare.has_value() && (whose.value == 0 || movement.player == whose);
        });
    return made;
  };
  const auto book = [](paid_ledger& ledger, const earned_claim& one, cpa_booking what,
                       const std::function<void(account_adjusted&)>& change = nullptr) {
    account_adjusted entry{"clock", one.account, adjustment_for(one.claim, what, {})};
    if (change) change(entry);
    return ledger.ledger.append_unread(entry);
  };
  const auto expect = [&](const std::function<sequence(paid_ledger&)>& wrong, const std::string& what) {
    paid_ledger ledger(5);
    ledger.append(workspace_changed{"test", std::nullopt, plan});
    REQUIRE(ledger.ledger.verify().has_value());
    const auto at = wrong(ledger);
    expect_broken(ledger.ledger.verify(), at, what);
  };

  paid_ledger sound(5);
  sound.append(workspace_changed{"test", std::nullopt, plan});
  auto one = earn(sound);
  book(sound, one, cpa_booking::release);
  one.claim.now = cpa_claim::state::released;
  book(sound, one, cpa_booking::reversal);
  const auto found = sound.ledger.verify();
  INFO((found ? "" : found.error().text));
  CHECK(found.has_value());

  expect([&](auto& ledger) { return earn(ledger, [](auto& claim) { claim.fee = money("20.01"); }).at; },
         "its CPA is not the fee of its plan");
  expect([&](auto& ledger) { return earn(ledger, [](auto& claim) { claim.plan = {2}; }).at; },
         "its CPA is of a plan that pays none");
  expect([&](auto& ledger) { return earn(ledger, [](auto& claim) { claim.now = cpa_claim::state::released; }).at; },
         "its CPA is not new");
  expect(
      [&](auto& ledger) {
        const auto before = earn(ledger);
        return earn(ledger, [&](auto& claim) { claim.player = before.claim.player; }).at;
      },
      "its CPA is earned by nobody");
  expect([&](auto& ledger) { return earn(ledger, nullptr, earn(ledger).claim.player).at; },
         "its player has earned a CPA before");
  expect(
      [&](auto& ledger) {
        const auto claim = earn(ledger);
        book(ledger, claim, cpa_booking::release);
        return book(ledger, claim, cpa_booking::release);
      },
      "it books a CPA that was booked before");
  expect(
      [&](auto& ledger) {
        return book(ledger, earn(ledger), cpa_booking::release, [](auto& it) { it.line.change.open = money("21"); });
      },
      "it does not book the fee of its CPA");
  expect(
      [&](auto& ledger) {
        return book(ledger, earn(ledger), cpa_booking::release, [](auto& it) { it.line.player = {7777}; });
      },
      "it books a CPA that the account does not have");
}

} // namespace croupier::persistence
