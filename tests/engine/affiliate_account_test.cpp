#include "engine/affiliate_account.hpp"

#include "programme.hpp"
#include "support/catch.hpp"
#include "table_page.hpp"

#include <string>
#include <utility>
#include <vector>

namespace croupier::testing {
namespace {

constexpr player_number player_a{1};

programme full_rate() {
  programme one(deal_of("carry"));
  one.add(revshare_plan("100 %"));
  return one;
}

/// "(0, 3] (5, 6]"
std::string cuts_of(const affiliate_account& account) {
  std::string text;
  for (const auto& cut : account.cuts()) {
    if (!text.empty()) text += ' ';
    text += "(" + std::to_string(cut.from.value) + ", " + std::to_string(cut.to.value) + "]";
  }
  return text;
}

/// Which settlement each of the first `count` sequences is in: "1" for that of entry 1, "-" for none.
std::string covered(const affiliate_account& account, std::uint64_t count) {
  std::string text;
  for (std::uint64_t i = 1; i <= count; ++i) {
    const auto id = account.settlement_of(sequence{i});
    text += id ? std::to_string(id->entry.value) : "-";
  }
  return text;
}

} // namespace

TEST_CASE("a settlement keeps the stretch of sequences that it covers, and every movement finds it") {
  auto one = full_rate();
  one.move("1");               // 1
  one.move("2");               // 2
  REQUIRE_FALSE(one.settle()); // 3
  one.move("4");               // 4
  one.skip_sequences(1);
  one.move("8");               // 6
  REQUIRE_FALSE(one.settle()); // 7
  one.move("16");              // 8
  CHECK(cuts_of(one.account()) == "(0, 2] (2, 6]");
  CHECK(covered(one.account(), 9) == "33777"
                                     "7---");
  CHECK(shown(one.account().buckets().pending) == "15");
  CHECK(shown(one.account().buckets().open) == "16");
}

TEST_CASE("what arrives while a settlement is being made belongs to the next one") {
  auto one = full_rate();
  one.move("1");
  const auto draft = one.draft();
  REQUIRE(draft.has_value());
  one.move("2"); // the same day, and so the same run
  CHECK(one.account().open_runs().size() == 1);
  one.commit(*draft);
  CHECK(shown(one.account().buckets().pending) == "1");
  CHECK(shown(one.account().buckets().open) == "2");
  CHECK(covered(one.account(), 2) == "3-");
  CHECK_FALSE(one.account().broken_law());
  REQUIRE_FALSE(one.settle());
  CHECK(covered(one.account(), 2) == "34");
}

TEST_CASE("deleting an older settlement leaves a gap that the next one fills together with what is new") {
  auto one = full_rate();
  one.move("1");
  REQUIRE_FALSE(one.settle()); // 2
  one.move("2");
  REQUIRE_FALSE(one.settle()); // 4
  one.move("4");
  REQUIRE_FALSE(one.remove({.entry = sequence{2}, .index = 0})); // 6
  CHECK(covered(one.account(), 5) == "-44--");
  CHECK(shown(one.account().buckets().open) == "5");
  REQUIRE_FALSE(one.settle()); // 7
  CHECK(covered(one.account(), 5) == "74477");
  CHECK(cuts_of(one.account()) == "(0, 1] (1, 3] (3, 5]");
  REQUIRE_FALSE(one.remove(one.newest_settlement()));
  CHECK(covered(one.account(), 5) == "-44--");
  CHECK(shown(one.account().buckets().open) == "5");
  CHECK(one.account().find({.entry = sequence{2}, .index = 0}) == nullptr);
  CHECK_FALSE(one.account().broken_law());
}

TEST_CASE("deleting a settlement makes the account what it would be if it had never been") {
  auto one = full_rate();
  auto other = full_rate();
  const auto both = [&](const char* change, const char* time) {
    for (auto* programme : {&one, &other}) {
      programme->set_time(time_of(time));
      programme->move(change);
    }
  };
  both("1.25", "2026-01-05");
  both("2", "2026-01-06");
  REQUIRE_FALSE(one.settle());
  other.skip_sequences(1);
  both("4", "2026-01-06");
  both("8", "2026-01-07");
  REQUIRE_FALSE(one.remove(one.newest_settlement()));
  other.skip_sequences(1);
  both("16", "2026-01-07");
  CHECK(one.account() == other.account());
  CHECK(one.account().open_runs().size() == 3);
}

TEST_CASE("a settlement up to a day takes the days and adjustments before it") {
  auto one = full_rate();
  one.set_time(time_of("2026-01-30T12:00:00Z"));
  one.move("1");
  one.set_time(time_of("2026-01-31T23:59:59.999999Z"));
  one.move("2");
  one.set_time(time_of("2026-02-01"));
  one.move("4");
  REQUIRE_FALSE(one.adjust("january", "8", time_of("2026-01-31T23:59:59.999999Z")));
  REQUIRE_FALSE(one.adjust("february", "16", time_of("2026-02-01")));
  REQUIRE_FALSE(one.settle({.up_to = time_of("2026-02-01"), .minimum = {}}));
  const auto& part = one.account().find(one.newest_settlement())->part;
  CHECK(shown(part.exact) == "11");
  CHECK(cuts_of(one.account()) == "(0, 2]");
  CHECK(shown(one.account().buckets().open) == "20");
  CHECK(one.account().settlement_of(adjustment_id{.entry = sequence{4}, .index = 0}) == one.newest_settlement());
  CHECK_FALSE(one.account().settlement_of(adjustment_id{.entry = sequence{5}, .index = 0}));
  CHECK(one.settle({.up_to = time_of("2026-02-01"), .minimum = {}}) == skip_reason::nothing_open);
}

TEST_CASE("the close of a month that comes after its end is settled with the month") {
  programme one(deal_of("reset"));
  one.add(revshare_plan("10 % to 1,000; 20 % above"));
  one.move("2000");
  one.set_time(time_of("2026-02-03"));
  one.move("100");
  one.close_month(); // of January
  REQUIRE_FALSE(one.settle({.up_to = time_of("2026-02-01"), .minimum = {}}));
  CHECK(shown(one.account().find(one.newest_settlement())->part.payable) == "400");
  CHECK(shown(one.account().buckets().open) == "10");
}

TEST_CASE("a clock that was set back does not take movements out of their order") {
  affiliate_account account({.affiliate = the_affiliate, .currency = *currency_code::parse("EUR")});
  const std::vector<account_fact> facts{revshare_accrued{.earned = commission_of("1")}};
  account.apply(sequence{1}, time_of("2026-01-02T00:00:01Z"), facts);
  account.apply(sequence{2}, time_of("2026-01-01T23:59:59Z"), facts);
  REQUIRE(account.open_runs().size() == 1);
  CHECK(account.open_runs()[0].entries == 2);
  CHECK(begin_of(account.open_runs()[0].day) == time_of("2026-01-02"));
}

TEST_CASE("entries that were applied already change nothing") {
  auto one = full_rate();
  one.move("1");
  one.set_time(time_of("2026-01-02"));
  one.move("-0.5");
  REQUIRE_FALSE(one.settle());
  one.move("3");
  REQUIRE_FALSE(one.adjust("a", "1", one.now()));
  auto again = one.account();
  for (const auto& entry : one.journal()) again.apply(entry.at, entry.time, entry.facts);
  CHECK(again == one.account());
  CHECK(replayed(one.account().key(), one.journal()) == one.account());
}

TEST_CASE("adjustments by hand have a request id, a reason and a value, once, in an open month") {
  auto one = full_rate();
  one.move("1");
  one.set_time(time_of("2026-02-01"));
  one.close_month();
  account_adjustment line;
  line.effective_at = one.now();
  const auto refusal = [&] { return one.account().refusal_of(line); };
  CHECK(refusal() == adjustment_refusal::request_id_missing);
  line.request_id = "r1";
  CHECK(refusal() == adjustment_refusal::note_missing);
  line.note = "goodwill";
  CHECK(refusal() == adjustment_refusal::value_zero);
  line.change.open = commission_of("-0.000000000000000001");
  CHECK_FALSE(refusal());
  line.effective_at = time_of("2026-01-31T23:59:59.999999Z");
  CHECK(refusal() == adjustment_refusal::period_closed);

  REQUIRE_FALSE(one.adjust("r1", "5", one.now()));
  CHECK(one.adjust("r1", "6", one.now()) == adjustment_refusal::request_duplicate);
  CHECK(one.account().entry_of_request("r1") == one.account().applied_up_to());
  CHECK_FALSE(one.account().entry_of_request("r2"));
  CHECK(shown(one.account().buckets().open) == "6");
}

TEST_CASE("months are closed when they are over, in order, each once") {
  auto one = full_rate();
  const auto& account = one.account();
  const calendar_month january{2026, 1};
  CHECK(account.refusal_of(january, time_of("2026-01-31T23:59:59.999999Z")) == close_refusal::month_not_over);
  CHECK_FALSE(account.refusal_of(january, time_of("2026-02-01")));
  one.move("1");
  one.set_time(time_of("2026-04-02"));
  const calendar_month february{2026, 2};
  CHECK(account.refusal_of(february, one.now()) == close_refusal::not_the_next_month); // January earned something
  CHECK_FALSE(account.refusal_of(calendar_month{2025, 12}, one.now()));
  REQUIRE_FALSE(one.settle());
  CHECK(account.refusal_of(february, one.now()) == close_refusal::not_the_next_month);
  one.close_month();
  CHECK(account.refusal_of(january, one.now()) == close_refusal::not_the_next_month);
  CHECK(account.refusal_of(calendar_month{2026, 3}, one.now()) == close_refusal::not_the_next_month);
  CHECK_FALSE(account.refusal_of(february, one.now()));
}

TEST_CASE("CPA claims: by hand, and forgotten when nothing can happen to them any more") {
  programme one(deal_of("carry"));
  auto plan = revshare_plan("0 %");
  plan.cpa = cpa_of("20");
  plan.cpa->hold_days = 5;
  plan.cpa->reversal_days = 10;
  plan.cpa->approval = cpa_approval::by_hand;
  one.add(plan);
  const auto deposit = [&](player_number player) {
    one.move({.player = player, .ngr = {}, .deposit = amount_of("10"), .wager = {}});
  };
  for (std::uint64_t i = 1; i <= 4; ++i) deposit(player_number{i});
  deposit(player_a); // a second time: once per player
  CHECK(shown(one.account().buckets().on_hold) == "80");
  CHECK_FALSE(one.book_by_hand(player_a, cpa_booking::release)); // before the hold is over
  CHECK(one.book_by_hand(player_a, cpa_booking::release) == cpa_refusal::already_released);
  CHECK_FALSE(one.book_by_hand(player_number{2}, cpa_booking::reversal));
  CHECK(one.account().claim_of(player_number{2}) == nullptr);
  one.set_time(time_of("2026-01-11")); // the window of ten days is over
  one.sweep();
  CHECK(shown(one.account().buckets().on_hold) == "40"); // only a hand releases
  CHECK(one.book_by_hand(player_a, cpa_booking::reversal) == cpa_refusal::reversal_window_over);
  CHECK_FALSE(one.book_by_hand(player_number{3}, cpa_booking::reversal)); // held: nothing was given yet
  CHECK(shown(one.account().buckets().open) == "20");
  one.set_time(time_of("2026-02-01"));
  one.close_month();
  CHECK(one.account().claim_of(player_a) == nullptr);
  REQUIRE(one.account().claim_of(player_number{4}) != nullptr);
  one.charge_back(player_a); // too late for a claim that is settled history
  CHECK_FALSE(one.account().broken_law());
}

TEST_CASE("a window ends with its last microsecond") {
  auto plan = revshare_plan("0 %");
  plan.number = plan_number{1};
  plan.cpa = cpa_of("20");
  plan.cpa->window_days = 30;
  plan.cpa->hold_days = 14;
  plan.cpa->reversal_days = 20;
  cpa_evidence evidence{.player = player_a,
                        .brand = first_brand,
                        .registered_at = time_of("2026-01-01"),
                        .deposited = amount_of("9.99999999"),
                        .wagered = {},
                        .at = time_of("2026-01-30T23:59:59.999999Z")};
  CHECK_FALSE(claim_of(plan, evidence));
  evidence.deposited = amount_of("10");
  auto claim = claim_of(plan, evidence);
  REQUIRE(claim.has_value());
  evidence.at = time_of("2026-01-31");
  CHECK_FALSE(claim_of(plan, evidence));

  CHECK_FALSE(due_booking(*claim, {claim->hold_until.unix_us - 1}));
  CHECK(due_booking(*claim, claim->hold_until) == cpa_booking::release);
  claim->charged_back_at = claim->reversible_until;
  CHECK(due_booking(*claim, time_of("2027-01-01")) == cpa_booking::release);
  claim->charged_back_at = timestamp{claim->reversible_until.unix_us - 1};
  CHECK(due_booking(*claim, claim->reversible_until) == cpa_booking::reversal);
  CHECK(due_booking(*claim, *claim->charged_back_at) == cpa_booking::release); // not known yet at that time
  claim->now = cpa_claim::state::reversed;
  CHECK_FALSE(due_booking(*claim, time_of("2027-01-01")));
  CHECK(refusal_of(*claim, cpa_booking::reversal, claim->qualified_at) == cpa_refusal::already_reversed);
}

TEST_CASE("balances beyond one commission are held, and not settled") {
  programme one(deal_of("carry"));
  one.add(revshare_plan("100 %"));
  for (int i = 0; i < 300; ++i) one.move("999999999999999999");
  CHECK(one.account().buckets().open.text() == "299999999999999999700.00");
  CHECK(one.settle() == skip_reason::out_of_range);
  for (int i = 0; i < 200; ++i) one.move("-999999999999999999");
  CHECK_FALSE(one.settle());
  CHECK_FALSE(one.account().broken_law());
}

} // namespace croupier::testing
