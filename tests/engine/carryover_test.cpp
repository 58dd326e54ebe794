#include "engine/carryover.hpp"

#include "programme.hpp"
#include "support/catch.hpp"
#include "table_page.hpp"

#include <string>
#include <vector>

namespace croupier::testing {
namespace {

base_amount base_of(std::string_view text) {
  return base_amount::from_units(amount_of(text).units() * 10'000);
}

commission_sum sum_of(std::string_view text) {
  return commission_of(text);
}

/// "A -9,000; B -8,000; C 5,000"
std::vector<player_result> results_of(std::string text) {
  std::vector<player_result> results;
  for (text += ';'; !text.empty();) {
    const auto end = text.find(';');
    const auto first = text.find_first_not_of(' ');
    const auto name = static_cast<std::uint64_t>(text[first] - 'A' + 1);
    results.push_back({player_number{name}, base_of(std::string_view(text).substr(first + 1, end - first - 1))});
    text.erase(0, end + 1);
  }
  return results;
}

std::string text_of(const std::vector<fenced_player>& fenced) {
  std::string text;
  for (const auto& one : fenced) {
    if (!text.empty()) text += "; ";
    text += static_cast<char>('A' + one.player.value - 1);
    text += " " + shown(one.carried);
  }
  return text.empty() ? "nobody" : text;
}

} // namespace

TEST_CASE("what is wrong with a deal is said with its field") {
  const auto problem = [](const deal_terms& deal) { return problem_with(deal).value_or("none"); };
  CHECK(problem(deal_of("carry")) == "none");
  CHECK(problem(deal_of("reset")) == "none");
  CHECK(problem(deal_of("cap 0.01")) == "none");
  auto deal = deal_of("cap 5");
  deal.cap.reset();
  CHECK(problem(deal) == "cap: is missing");
  deal = deal_of("carry");
  deal.cap = amount_of("5");
  CHECK(problem(deal) == "cap: only a capped carryover has one");
  CHECK(problem(deal_of("cap 0")) == "cap: must be more than 0, with at most 18 digits before the point");
  deal = deal_of("reset");
  deal.fence = fence_terms{.player_loss = amount_of("7,000"), .affiliate_loss = amount_of("0")};
  CHECK(problem(deal) == "none");
  deal.fence->player_loss = amount_of("0");
  CHECK(problem(deal) == "fence.player_loss: must be more than 0, with at most 18 digits before the point");
  deal.fence = fence_terms{.player_loss = amount_of("7,000"), .affiliate_loss = amount_of("-1")};
  CHECK(problem(deal) == "fence.affiliate_loss: must be 0 or more, with at most 18 digits before the point");
  deal = deal_of("carry");
  deal.fence = fence_terms{.player_loss = amount_of("7,000"), .affiliate_loss = amount_of("0")};
  CHECK(problem(deal) == "fence: only a deal that resets has one");
}

TEST_CASE("a fence catches high rollers in months that lose, and splits what they lost") {
  const auto rows = table_in(R"(
    | results                            | player loss | affiliate loss | digits | carried                        |
    |------------------------------------|-------------|----------------|--------|--------------------------------|
    | A -9,000; B -8,000; C 5,000        | 7,000       | 2,000          | 2      | A 6,352.94; B 5,647.06         |
    | A -9,000; B -8,000; C 5,000        | 7,000       | 2,000          | 0      | A 6,353; B 5,647               |
    | A -9,000; B -8,000; C 5,000        | 7,000       | 2,000          | 3      | A 6,352.941; B 5,647.059       |
    | A -9,000; B -8,000; C 5,000        | 8,000.01    | 2,000          | 2      | A 9,000                        |
    | A -9,000; B -8,000; C -5,000       | 7,000       | 2,000          | 2      | A 9,000; B 8,000               |
    | A -7,000; C 5,000                  | 7,000       | 2,000          | 2      | A 2,000                        |
    | A -6,999.99; C 4,000               | 7,000       | 2,000          | 2      | nobody                         |
    | A -7,000; C 5,000.01               | 7,000       | 2,000          | 2      | nobody                         |
    | A -7,000; C 7,000                  | 7,000       | 0              | 2      | nobody                         |
    | A -7,000; C 6,999.99               | 7,000       | 0              | 2      | A 0.01                         |
    | A -7000; B -7000; C -7000; D 20000 | 7,000       | 1,000          | 2      | A 333.33; B 333.33; C 333.34   |
    | A -7,000; B -7,000; C 13,999.99    | 7,000       | 0              | 2      | B 0.01                         |
  )");
  for (const auto& row : rows) {
    INFO(row.whole());
    const auto results = results_of(row.text("results"));
    base_amount aggregate;
    for (const auto& one : results) aggregate = *aggregate.plus(one.base);
    const fence_terms terms{.player_loss = row.value("player loss"), .affiliate_loss = row.value("affiliate loss")};
    const auto fenced = fence_of(terms, results, aggregate, static_cast<int>(row.count("digits")));
    REQUIRE(fenced.has_value());
    CHECK(text_of(*fenced) == row.text("carried"));
  }
}

TEST_CASE("a deficit is carried or forgiven as the deal says, and what is carried already stays") {
  const auto rows = table_in(R"(
    | deal      | deficit | carried before | forgiven | carried |
    |-----------|---------|----------------|----------|---------|
    | carry     | 300     | 900            | 0        | 300     |
    | reset     | 300     | 0              | 300      | 0       |
    | reset     | 300     | 900            | 300      | 0       |
    | cap 1,000 | 300     | 0              | 0        | 300     |
    | cap 1,000 | 300     | 900            | 200      | 100     |
    | cap 1,000 | 300     | 1,000          | 300      | 0       |
    | cap 1,000 | 300     | 5,000          | 300      | 0       |
    | cap 1,000 | 1,300.0000000001 | 0     | 300.0000000001 | 1,000 |
  )");
  for (const auto& row : rows) {
    INFO(row.whole());
    const auto parts =
        cut_deficit(deal_of(row.text("deal")), sum_of(row.text("deficit")), sum_of(row.text("carried before")));
    CHECK(shown(parts.forgiven) == row.text("forgiven"));
    CHECK(shown(parts.carried) == row.text("carried"));
  }
}

} // namespace croupier::testing
