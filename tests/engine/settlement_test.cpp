#include "engine/settlement.hpp"

#include "programme.hpp"
#include "support/catch.hpp"
#include "table_page.hpp"

#include <map>
#include <string>

namespace croupier::testing {
namespace {

settlement_status status_of(const std::string& text) {
  const std::map<std::string, settlement_status> all{{"NEW", settlement_status::created},
                                                     {"IN_PROGRESS", settlement_status::in_progress},
                                                     {"PAID", settlement_status::paid},
                                                     {"ERROR", settlement_status::error}};
  return all.at(text);
}

std::string text_of(std::optional<settlement_refusal> refusal) {
  if (!refusal) return "yes";
  switch (*refusal) {
  case settlement_refusal::unknown: return "unknown";
  case settlement_refusal::paid: return "paid";
  case settlement_refusal::status_unreachable: return "no";
  }
  return "";
}

} // namespace

TEST_CASE("a settlement goes NEW -> IN_PROGRESS -> PAID or ERROR, and from ERROR back to work") {
  const auto rows = table_in(R"(
    | from        | NEW  | IN_PROGRESS | PAID | ERROR | delete |
    |-------------|------|-------------|------|-------|--------|
    | NEW         | yes  | yes         | no   | no    | yes    |
    | IN_PROGRESS | no   | yes         | yes  | yes   | yes    |
    | PAID        | paid | paid        | yes  | paid  | paid   |
    | ERROR       | no   | yes         | no   | yes   | yes    |
  )");
  const std::map<std::string, std::vector<std::string>> way_to{{"NEW", {}},
                                                               {"IN_PROGRESS", {"IN_PROGRESS"}},
                                                               {"PAID", {"IN_PROGRESS", "PAID"}},
                                                               {"ERROR", {"IN_PROGRESS", "ERROR"}}};
  for (const auto& row : rows) {
    INFO(row.whole());
    programme one(deal_of("carry"));
    one.add(revshare_plan("100 %"));
    one.move("5");
    REQUIRE_FALSE(one.settle());
    const auto id = one.newest_settlement();
    for (const auto& step : way_to.at(row.text("from"))) REQUIRE_FALSE(one.set_status(id, status_of(step)));
    CHECK(croupier::text_of(one.account().find(id)->status) == row.text("from"));
    for (const auto* to : {"NEW", "IN_PROGRESS", "PAID", "ERROR"})
      CHECK(text_of(refusal_to_set(one.account(), id, status_of(to))) == row.text(to));
    CHECK(text_of(refusal_to_delete(one.account(), id)) == row.text("delete"));
    const bool is_paid = row.text("from") == "PAID";
    CHECK(shown(one.account().buckets().paid) == (is_paid ? "5" : "0"));
    CHECK(shown(one.account().buckets().pending) == (is_paid ? "0" : "5"));
    CHECK_FALSE(one.account().broken_law());
  }
}

TEST_CASE("the same status again changes nothing") {
  programme one(deal_of("carry"));
  one.add(revshare_plan("100 %"));
  one.move("5");
  REQUIRE_FALSE(one.settle());
  const auto id = one.newest_settlement();
  for (const auto* status : {"IN_PROGRESS", "IN_PROGRESS", "PAID", "PAID"})
    REQUIRE_FALSE(one.set_status(id, status_of(status)));
  CHECK(shown(one.account().buckets().paid) == "5");
  CHECK(one.account().buckets().pending.is_zero());
}

TEST_CASE("settlements that are not there are unknown") {
  programme one(deal_of("carry"));
  one.add(revshare_plan("100 %"));
  one.move("5");
  REQUIRE_FALSE(one.settle());
  const auto id = one.newest_settlement();
  REQUIRE_FALSE(one.remove(id));
  CHECK(one.remove(id) == settlement_refusal::unknown);
  CHECK(one.set_status(id, settlement_status::in_progress) == settlement_refusal::unknown);
}

TEST_CASE("what is wrong with the terms of a settlement is said with its field") {
  CHECK_FALSE(problem_with(settlement_terms{}));
  CHECK_FALSE(problem_with({.up_to = time_of("2026-02-01"), .minimum = commission_of("100")}));
  CHECK(problem_with({.up_to = time_of("2026-02-01T00:00:00.000001Z"), .minimum = {}}) ==
        "up_to: must be a midnight in UTC");
  CHECK(problem_with({.up_to = std::nullopt, .minimum = commission_of("-1")}) == "minimum: must be 0 or more");
}

TEST_CASE("a settlement that is not made changes nothing") {
  programme one(deal_of("carry"));
  one.add(revshare_plan("100 %"));
  one.move("5");
  const auto before = one.account();
  CHECK(one.settle({.up_to = std::nullopt, .minimum = commission_of("6")}) == skip_reason::below_minimum);
  CHECK(one.settle({}, false) == skip_reason::no_payment_details);
  CHECK(one.draft().has_value());
  CHECK(one.account() == before);
}

TEST_CASE("a settlement takes a CPA and its later reversal as what they are: lines of their own") {
  programme one(deal_of("carry"));
  auto plan = revshare_plan("0 %");
  plan.cpa = cpa_of("20");
  plan.cpa->reversal_days = 30;
  one.add(plan);
  one.move({.ngr = {}, .deposit = amount_of("10"), .wager = {}});
  one.sweep();
  REQUIRE_FALSE(one.settle());
  const auto first = one.newest_settlement();
  REQUIRE_FALSE(one.set_status(first, settlement_status::in_progress));
  REQUIRE_FALSE(one.set_status(first, settlement_status::paid));
  one.charge_back(player_number{1});
  one.set_time({one.now().unix_us + 1});
  one.sweep();
  CHECK(shown(one.account().buckets().open) == "-20");
  CHECK(shown(one.account().buckets().paid) == "20");
  CHECK(one.settle() == skip_reason::negative);
  CHECK_FALSE(one.account().broken_law());
}

} // namespace croupier::testing
