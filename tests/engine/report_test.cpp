#include "engine/report.hpp"
#include "engine/report_history.hpp"
#include "support/catch.hpp"

#include <string>

using namespace croupier;
using namespace croupier::testing;

namespace {

std::string problem_of(std::string_view dimensions, std::string_view measures, const named_filters& filters = {}) {
  const auto query = read_report_query(words(dimensions), words(measures), filters);
  return query ? "" : query.error();
}

using history = report_history;

/// Ada's link brings player 1 to the euros, Bea's player 2 to the dollars.
struct two_players : history {
  two_players() {
    const auto first = click("2026-03-10T12:00:00Z", {1}, {"x"});
    player("2026-03-10T12:01:00Z", {1}, euros, first, "de");
    const auto second = click("2026-03-10T13:00:00Z", {2});
    player("2026-03-10T13:00:00Z", {2}, dollars, second);
  }
};

} // namespace

TEST_CASE("every dimension and measure has one name") {
  for (std::size_t i = 0; i < report_dimensions; ++i) {
    const auto one = static_cast<report_dimension>(i);
    CHECK(dimension_named(name_of(one)) == one);
  }
  for (std::size_t i = 0; i < report_measures; ++i) {
    const auto one = static_cast<report_measure>(i);
    CHECK(measure_named(name_of(one)) == one);
  }
  CHECK(kind_of(report_measure::deposit_count) == measure_kind::count);
  CHECK(kind_of(report_measure::ftd_amount) == measure_kind::money);
  CHECK(kind_of(report_measure::total_reward) == measure_kind::money);
  CHECK(kind_of(report_measure::click_through_rate) == measure_kind::rate);
  CHECK_FALSE(dimension_named("").has_value());
  CHECK_FALSE(measure_named("Ngr").has_value());
}

TEST_CASE("a question that cannot be answered is refused in words") {
  CHECK(problem_of("date campaign", "ngr") == "");
  CHECK(problem_of("", "ngr ftd_count") == "");
  CHECK(problem_of("day", "ngr").starts_with("dimensions: 'day' is not one of date, brand, "));
  CHECK(problem_of("date date", "ngr") == "dimensions: 'date' is listed twice");
  CHECK(problem_of("date", "").starts_with("measures: name at least one of click_count, "));
  CHECK(problem_of("date", "profit").starts_with("measures: 'profit' is not one of "));
  CHECK(problem_of("date", "ngr ngr") == "measures: 'ngr' is listed twice");
  CHECK(problem_of("date", "ngr", {{"colour", {"red"}}}).starts_with("filters: 'colour' is not one of "));
  CHECK(problem_of("date", "ngr", {{"date", {"2026-01-01"}}}) ==
        "filters: the days are given by from and to, not by a filter");
  CHECK(problem_of("date", "ngr", {{"brand", {}}}) == "filters: 'brand' names no value");
  CHECK(problem_of("date", "ngr", {{"brand", {"a"}}, {"brand", {"b"}}}) == "filters: 'brand' is listed twice");
  CHECK(problem_of("date", "ngr", {{"sub1", std::vector<std::string>(1001, "a")}}) ==
        "filters: must not name more than 1000 values");
}

TEST_CASE("days are calendar days") {
  CHECK(text_of_day(parse_day("2026-03-10").value()) == "2026-03-10");
  CHECK(parse_day("2024-02-29").value() + 1 == parse_day("2024-03-01").value());
  for (const auto* bad : {"", "2026-02-29", "2026-3-10", "2026-03-10T", "2026-03-1x", "10.03.2026", "0000-01-01"})
    CHECK_FALSE(parse_day(bad).has_value());
}

TEST_CASE("rates are rounded half to even to four digits, and are nothing by nothing") {
  report_figures figures;
  CHECK_FALSE(figures.text(report_measure::click_to_ftd_rate).has_value());
  figures.add(report_measure::click_count, 3);
  CHECK(figures.text(report_measure::click_to_ftd_rate) == "0");
  figures.add(report_measure::ftd_count, 1);
  CHECK(figures.text(report_measure::click_to_ftd_rate) == "33.3333");
  figures.add(report_measure::ftd_count, 1);
  CHECK(figures.text(report_measure::click_to_ftd_rate) == "66.6667");
  report_figures tie;
  tie.add(report_measure::banner_view_count, 16'000'000);
  tie.add(report_measure::click_count, 8); // 0.00005 %
  CHECK(tie.text(report_measure::click_through_rate) == "0");
  tie.add(report_measure::click_count, 16); // 0.00015 %
  CHECK(tie.text(report_measure::click_through_rate) == "0.0002");
}

TEST_CASE("clicks, players and movements meet in the rows of their affiliate") {
  two_players world;
  world.move("2026-03-11T09:00:00Z", {1}, history::euros, {{history::deposits, "100"}, {history::ngr, "7.25"}}, true);
  world.move("2026-03-11T10:00:00Z", {1}, history::euros, {{history::deposits, "20.50"}});
  world.move("2026-03-11T11:00:00Z", {1}, history::euros,
             {{history::withdrawals, "30"}, {history::chargebacks, "5"}, {history::bonuses, "1"}});
  CHECK(world.report("date affiliate", "click_count registration_count ftd_count deposit_count",
                     {{"affiliate", {"Ada Ltd"}}}) ==
        "2026-03-10 | Ada Ltd -> click_count 1 registration_count 1 ftd_count 0 deposit_count 0\n"
        "2026-03-11 | Ada Ltd -> click_count 0 registration_count 0 ftd_count 1 deposit_count 2\n"
        "total -> click_count 1 registration_count 1 ftd_count 1 deposit_count 2\n");
  CHECK(world.report("campaign", "ftd_amount deposit_amount withdrawal_amount chargeback_amount bonus_amount ngr") ==
        "Welcome Bonus -> ftd_amount 100.00 deposit_amount 120.50 withdrawal_amount 30.00 chargeback_amount 5.00 "
        "bonus_amount 1.00 ngr 7.25\n"
        "total -> ftd_amount 100.00 deposit_amount 120.50 withdrawal_amount 30.00 chargeback_amount 5.00 "
        "bonus_amount 1.00 ngr 7.25\n");
  CHECK(world.report("affiliate", "click_to_registration_rate registration_to_ftd_rate") ==
        "Ada Ltd -> click_to_registration_rate 100.00 registration_to_ftd_rate 100.00\n"
        "Bea -> click_to_registration_rate 100.00 registration_to_ftd_rate 0\n"
        "total -> click_to_registration_rate 100.00 registration_to_ftd_rate 50.00\n");
}

TEST_CASE("a row is told apart by all that link and click said") {
  two_players world;
  CHECK(world.report("link creative marketing_source sub1 sub2 country", "click_count registration_count",
                     {{"affiliate", {"Ada Ltd"}}}) ==
        "First | Banner | Blog | x | of-link | (none) -> click_count 1 registration_count 0\n"
        "First | Banner | Blog | x | of-link | DE -> click_count 0 registration_count 1\n"
        "total -> click_count 1 registration_count 1\n");
  CHECK(world.report("sub1", "registration_count", {{"country", {"DE", "FR"}}}) ==
        "x -> registration_count 1\ntotal -> registration_count 1\n");
  CHECK(world.report("sub1", "registration_count", {{"country", {"(none)"}}}) ==
        "(none) -> registration_count 1\ntotal -> registration_count 1\n");
  CHECK(world.report("sub1", "registration_count", {{"sub1", {"never seen"}}}) == "total -> registration_count 0\n");
  CHECK(world.report("", "registration_count", {{"link", {world.ws.find(link_number{2})->id.text()}}}) ==
        " -> registration_count 1\ntotal -> registration_count 1\n");
}

TEST_CASE("robots count nowhere, and repeated clicks are not unique") {
  history world;
  world.click("2026-03-10T12:00:00Z", {1});
  world.click("2026-03-10T12:00:01Z", {1}, {}, false);
  world.click("2026-03-10T12:00:02Z", {1}, {}, true, true);
  world.commit("2026-03-10T12:00:03Z", impressions_counted{{1}, {1}, {}, 40});
  world.commit("2026-03-10T12:00:03Z", impressions_counted{{1}, {}, history::bea, 60});
  CHECK(world.report("campaign affiliate creative", "click_count unique_click_count banner_view_count") ==
        "Welcome Bonus | Ada Ltd | Banner -> click_count 2 unique_click_count 1 banner_view_count 40\n"
        "Welcome Bonus | Bea | Banner -> click_count 0 unique_click_count 0 banner_view_count 60\n"
        "total -> click_count 2 unique_click_count 1 banner_view_count 100\n");
  CHECK(world.report("creative", "click_through_rate") ==
        "Banner -> click_through_rate 2.00\ntotal -> click_through_rate 2.00\n");
}

TEST_CASE("a day is the brand's own, and clicks are of no brand while there are several") {
  two_players world;
  world.move("2026-03-10T13:59:59Z", {2}, history::dollars, {{history::ngr, "1"}});
  world.move("2026-03-10T14:00:00Z", {2}, history::dollars, {{history::ngr, "2"}});
  CHECK(world.report("date brand", "ngr click_count", {{"affiliate", {"Bea"}}}) ==
        "2026-03-10 | (none) -> ngr 0 click_count 1\n"
        "2026-03-10 | Dollar Casino -> ngr 1.00 click_count 0\n"
        "2026-03-11 | Dollar Casino -> ngr 2.00 click_count 0\n"
        "total -> ngr 3.00 click_count 1\n");
  CHECK(world.report("brand", "click_count registration_count", {}, {{history::dollars}}) ==
        "Dollar Casino -> click_count 0 registration_count 1\ntotal -> click_count 0 registration_count 1\n");

  report_rollup alone([](sequence) { return std::nullopt; });
  std::vector<report_change> changes;
  alone.apply({{1}, {}, workspace_changed{"test", {}, brand{{1}, uuid::from_halves(1, 1), "One", "EUR", {}}}}, changes);
  alone.apply({{2}, {}, click_tracked{{1}, {1}, {1}, "", "", {}, true, false}}, changes);
  REQUIRE(changes.size() == 2);
  CHECK(alone.cells()[changes[0].cell].brand == brand_number{1});
  CHECK(alone.cells()[changes[0].cell].currency.text() == "EUR");
}

TEST_CASE("money of several currencies is never added up") {
  two_players world;
  world.move("2026-03-12T09:00:00Z", {1}, history::euros, {{history::ngr, "1"}});
  world.move("2026-03-12T09:00:00Z", {2}, history::dollars, {{history::ngr, "2"}});
  CHECK(world.report("date", "ngr click_count") == "2026-03-10 | (none) -> ngr 0 click_count 2\n"
                                                   "2026-03-12 | EUR -> ngr 1.00 click_count 0\n"
                                                   "2026-03-12 | USD -> ngr 2.00 click_count 0\n"
                                                   "total (none) -> ngr 0 click_count 2\n"
                                                   "total EUR -> ngr 1.00 click_count 0\n"
                                                   "total USD -> ngr 2.00 click_count 0\n");
  CHECK(world.report("date", "registration_count") ==
        "2026-03-10 -> registration_count 2\ntotal -> registration_count 2\n");
  CHECK(world.report("currency", "ngr", {{"currency", {"USD"}}}) == "USD -> ngr 2.00\ntotal -> ngr 2.00\n");
}

TEST_CASE("a player that is attributed later is registered where it belongs, on its own day") {
  history world;
  world.player("2026-03-10T12:00:00Z", {7}, history::euros, {}, "se");
  world.move("2026-03-10T12:00:00Z", {7}, history::euros, {{history::ngr, "-3"}});
  CHECK(world.report("date affiliate country", "registration_count ngr") ==
        "2026-03-10 | (none) | SE -> registration_count 1 ngr -3.00\ntotal -> registration_count 1 ngr -3.00\n");
  const auto click = world.click("2026-03-14T12:00:00Z", {1});
  world.attribute("2026-03-15T12:00:00Z", {7}, history::euros, click);
  world.move("2026-03-15T12:00:00Z", {7}, history::euros, {{history::ngr, "5"}});
  const std::string expected = "2026-03-10 | (none) | SE -> registration_count 0 ngr -3.00\n"
                               "2026-03-10 | Ada Ltd | SE -> registration_count 1 ngr 0\n"
                               "2026-03-15 | Ada Ltd | SE -> registration_count 0 ngr 5.00\n"
                               "total -> registration_count 1 ngr 2.00\n";
  CHECK(world.report("date affiliate country", "registration_count ngr") == expected);
  CHECK(world.report_of_players("date affiliate country", "registration_count ngr") == expected);
}

TEST_CASE("ggr and the number of deposits follow their own metrics when there are any") {
  two_players world;
  world.move("2026-03-12T09:00:00Z", {1}, history::euros,
             {{history::wagered, "10"}, {history::won, "4"}, {history::deposits, "-5"}, {history::spare, "3"}});
  CHECK(world.report("", "ggr deposit_count deposit_amount") == " -> ggr 6.00 deposit_count 0 deposit_amount -5.00\n"
                                                                "total -> ggr 6.00 deposit_count 0 deposit_amount "
                                                                "-5.00\n");
  auto counted = *world.ws.find(history::spare);
  counted.meaning = metric_meaning::deposit_count;
  world.put(counted);
  auto ggr = *world.ws.find(history::bonuses);
  ggr.meaning = metric_meaning::ggr;
  world.put(ggr);
  world.move("2026-03-12T10:00:00Z", {1}, history::euros,
             {{history::wagered, "100"}, {history::bonuses, "1"}, {history::deposits, "5"}, {history::spare, "3"}});
  CHECK(world.report("", "ggr deposit_count deposit_amount") ==
        " -> ggr 7.00 deposit_count 3 deposit_amount 0\ntotal -> ggr 7.00 deposit_count 3 deposit_amount 0\n");
}

TEST_CASE("rewards are what movements accrued and what accounts booked, not what they moved about") {
  two_players world;
  movement_recorded movement;
  movement.player = {1};
  movement.brand = history::euros;
  movement.revshare =
      revshare_accrual{{1}, history::ada, history::ngr, {}, commission::parse("1.000000000000000001").value()};
  world.commit("2026-03-12T09:00:00Z", movement);
  const account_key account{history::ada, currency_code::parse("EUR").value()};
  const auto line = [&](adjustment_reason reason, std::string_view open, player_number player) {
    account_adjustment made;
    made.reason = reason;
    made.player = player;
    made.effective_at = timestamp::parse("2026-03-31T23:59:59Z").value();
    made.change.open = commission::parse(open).value();
    return made;
  };
  world.commit("2026-04-02T09:00:00Z",
               account_adjusted{"clock", account, line(adjustment_reason::cpa_released, "50", {1})});
  world.commit("2026-04-02T09:00:00Z", account_adjusted{"someone", account, line(adjustment_reason::manual, "9", {})});
  world.commit("2026-04-02T09:00:00Z", account_closed{"clock",
                                                      account,
                                                      {{2026, 3},
                                                       {line(adjustment_reason::tier_true_up, "2", {}),
                                                        line(adjustment_reason::deficit_carried, "77", {}),
                                                        line(adjustment_reason::cpa_reversed, "-50", {1})}}});
  CHECK(world.report("date affiliate country", "cpa_reward revshare_reward total_reward") ==
        "2026-03-12 | Ada Ltd | DE -> cpa_reward 0 revshare_reward 1.000000000000000001 total_reward "
        "1.000000000000000001\n"
        "2026-03-31 | Ada Ltd | (none) -> cpa_reward 0 revshare_reward 2.00 total_reward 2.00\n"
        "total -> cpa_reward 0 revshare_reward 3.000000000000000001 total_reward 3.000000000000000001\n");
}

TEST_CASE("opening balances count nowhere") {
  two_players world;
  movement_recorded movement;
  movement.player = {1};
  movement.brand = history::euros;
  movement.opening = true;
  metric_change change;
  change.metric = history::deposits;
  change.delta = amount::parse("5000").value();
  movement.changes.push_back(change);
  world.commit("2026-03-12T09:00:00Z", movement);
  CHECK(world.report("", "deposit_amount deposit_count") == "total -> deposit_amount 0 deposit_count 0\n");
}

TEST_CASE("players are rows, too, and what is of no player stays in sight") {
  two_players world;
  world.move("2026-03-12T09:00:00Z", {1}, history::euros, {{history::ngr, "1"}});
  world.move("2026-03-13T09:00:00Z", {1}, history::euros, {{history::ngr, "1"}});
  CHECK(
      world.report_of_players("player affiliate", "ngr click_count registration_count", {{"affiliate", {"Ada Ltd"}}}) ==
      "(none) | Ada Ltd -> ngr 0 click_count 1 registration_count 0\n"
      "player-1 | Ada Ltd -> ngr 2.00 click_count 0 registration_count 1\n"
      "total -> ngr 2.00 click_count 1 registration_count 1\n");
  CHECK(world.report_of_players("date", "ngr", {{"player", {"player-1"}}}) ==
        "2026-03-12 -> ngr 1.00\n2026-03-13 -> ngr 1.00\ntotal -> ngr 2.00\n");
}

TEST_CASE("names that two objects share are told apart by their ids") {
  two_players world;
  auto bea = *world.ws.find(history::bea);
  bea.name = "Ada Ltd";
  world.put(bea);
  CHECK(world.report("affiliate", "registration_count") ==
        "Ada Ltd (" + world.ws.find(history::ada)->id.text() + ") -> registration_count 1\nAda Ltd (" + bea.id.text() +
            ") -> registration_count 1\ntotal -> registration_count 2\n");
}

TEST_CASE("sub ids without end are gathered under one name") {
  report_cells cells;
  report_cell of_link;
  of_link.link = {1};
  for (std::size_t i = 0; i < report_cells::cells_of_link_max; ++i) cells.take({of_link, {}, {std::to_string(i)}});
  CHECK(cells.size() == report_cells::cells_of_link_max + 1);
  const auto other = cells.take({of_link, {}, {"one more"}});
  CHECK(cells.text(cells[other].subs[0]) == "(other)");
  CHECK(cells.take({of_link, {}, {"yet another"}}) == other);
  CHECK(cells.find_text("yet another").value == 0);
  const auto known = cells.take({of_link, {}, {"17"}});
  CHECK(cells.text(cells[known].subs[0]) == "17");
  of_link.link = {2};
  CHECK(cells.text(cells[cells.take({of_link, {}, {"one more"}})].subs[0]) == "one more");
  CHECK(cells.text(cells[cells.take({of_link, "Atlantis", {}})].country) == "(other)");
}

TEST_CASE("a report has at most so many rows") {
  history world;
  const auto query = read_report_query(words("player"), words("ngr"), {});
  REQUIRE(query);
  report_builder builder(*query, world.ws, world.rollup.cells());
  report_figures one;
  one.add(report_measure::ngr, 1);
  for (std::uint64_t i = 1; i <= report_rows_max; ++i) REQUIRE(builder.add(0, {i}, {0}, one));
  CHECK(builder.add(0, {1}, {0}, one));
  CHECK_FALSE(builder.add(0, {report_rows_max + 1}, {0}, one));
}
