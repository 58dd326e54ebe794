// The harness that calls a benchmark void is itself worth a test: a check that never complains proves nothing.

#include "benchmarks/support/figures.hpp"
#include "benchmarks/support/model.hpp"
#include "benchmarks/support/movement_feed.hpp"
#include "benchmarks/support/workload.hpp"
#include "support/catch.hpp"

#include <map>
#include <set>
#include <stdexcept>

using namespace croupier::bench;

namespace {

workload_options small(std::uint32_t metrics) {
  workload_options options;
  options.players = 40;
  options.brands = 4;
  options.metrics = metrics;
  return options;
}

/// Shows the model to a check as a server would that is right in everything but the given difference.
std::string verdict_with(const model& expected, std::int64_t off_by, bool leave_one_out,
                         std::uint64_t extra_movements) {
  balance_check check(expected);
  const auto& work = expected.work();
  for (std::uint32_t player = 0; player < work.options().players; ++player)
    for (std::size_t metric = 0; metric < work.metrics().size(); ++metric) {
      const bool special = player == 7 && metric == 0;
      if (special && leave_one_out) continue;
      std::string text;
      append_value(text, expected.balance(player, metric) + (special ? off_by : 0), work.metrics()[metric].decimal);
      check.see(external_id_of(player), work.metrics()[metric].code, std::string_view(text));
    }
  check.see_count(expected.applied() + extra_movements);
  return check.verdict();
}

} // namespace

TEST_CASE("the same number is the same movement, and an altered one only differs in its amounts") {
  const workload work(small(3));
  movement first;
  movement again;
  movement altered;
  work.make(shape::uniform, 17, false, first);
  work.make(shape::uniform, 17, false, again);
  work.make(shape::uniform, 17, true, altered);
  CHECK(first.payload == again.payload);
  CHECK(altered.payload != first.payload);
  CHECK(altered.request_id == first.request_id);
  CHECK(altered.external_id == first.external_id);
  REQUIRE(first.changes.size() == 3);
  CHECK(first.changes[0] == 1);
  for (std::size_t i = 0; i < 3; ++i) CHECK(first.changes[i] == work.change(17, i));
}

TEST_CASE("shapes deal movements to the players that they say") {
  const workload work(small(1));
  std::map<shape, std::map<std::uint32_t, int>> dealt;
  constexpr int count = 40'000;
  for (const auto whom : {shape::uniform, shape::zipf, shape::hot_player, shape::hot_brand})
    for (int i = 0; i < count; ++i) ++dealt[whom][work.player_of(whom, static_cast<std::uint64_t>(i))];
  CHECK(dealt[shape::uniform].size() == 40);
  for (const auto& [player, times] : dealt[shape::uniform]) CHECK(std::abs(times - count / 40) < 160); // 5 deviations
  CHECK(dealt[shape::zipf].size() == 40);
  const double ratio = double(dealt[shape::zipf][0]) / dealt[shape::zipf][9];
  CHECK(ratio > 8); // 10^0.99 = 9.8
  CHECK(ratio < 12);
  CHECK(dealt[shape::hot_player] == std::map<std::uint32_t, int>{{0, count}});
  CHECK(dealt[shape::hot_brand].size() == 10);
  for (const auto& [player, times] : dealt[shape::hot_brand]) CHECK(work.brand_of(player) == 0);
}

TEST_CASE("values are read and written exactly, and finer ones refused") {
  for (const auto& [text, units] : std::map<std::string, std::int64_t>{
           {"0", 0}, {"12.5", 1250}, {"12.50", 1250}, {"12.50000000", 1250}, {"-0.01", -1}, {"-3", -300}})
    CHECK(parse_units(text, true) == units);
  CHECK(parse_units("-7", false) == -7);
  CHECK(parse_units("7.00", false) == 7);
  for (const std::string text : {"", "-", "0.001", "1e3", "12,5", " 1", "1.2.3"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_units(text, true), std::runtime_error);
  }
  CHECK_THROWS_AS(parse_units("1.5", false), std::runtime_error);
  for (const std::int64_t units : {0, 1, 99, 100, 101, -1, -99, -12'345}) {
    std::string text;
    append_value(text, units, true);
    CHECK(parse_units(text, true) == units);
  }
}

TEST_CASE("a check finds one unit too many, a missing balance, a movement too many and an unknown outcome") {
  for (const std::uint32_t metrics : {1U, 3U}) {
    const workload work(small(metrics));
    model expected(work);
    for (std::uint64_t number = 1; number <= 1000; ++number)
      expected.apply(work.player_of(shape::uniform, number), number);
    REQUIRE(expected.applied() == 1000);
    CHECK(verdict_with(expected, 0, false, 0) == "");
    CHECK(verdict_with(expected, 1, false, 0) != "");
    CHECK(verdict_with(expected, -1, false, 0) != "");
    CHECK(verdict_with(expected, 0, true, 0) != "");
    CHECK(verdict_with(expected, 0, false, 1) != "");
    expected.uncertain();
    CHECK(verdict_with(expected, 0, false, 0) != "");
  }
}

TEST_CASE("a check finds balances that nobody asked for") {
  const workload work(small(1));
  const model nothing(work);
  const auto verdict_on = [&](std::string_view player, std::string_view code, std::string_view value) {
    balance_check check(nothing);
    check.see(player, code, value);
    return check.verdict();
  };
  CHECK(verdict_on("player-1", "bonuses", "0") == "");
  CHECK(verdict_on("player-1", "bonuses", "0.01") != "");
  CHECK(verdict_on("player-40", "deposits-total", "0") == "");
  CHECK(verdict_on("player-40", "deposits-total", "5") != "");
  CHECK(verdict_on("player-1", "deposits-total", "nonsense") != "");
}

TEST_CASE("a feed repeats only what was applied, and judges repeats, conflicts and wrong answers") {
  const workload work(small(1));
  model expected(work);
  std::atomic<std::uint64_t> numbers{1};
  movement_feed feed(expected, numbers, {shape::uniform, 50, 10'000, 3});
  std::set<std::uint64_t> applied;
  std::uint64_t repeats = 0;
  std::uint64_t conflicts = 0;
  for (draft next; feed.next(next);) {
    if (next.expected == verdict::applied) {
      CHECK(applied.insert(next.number).second);
    } else {
      ++repeats;
      conflicts += next.expected == verdict::conflict ? 1 : 0;
      CHECK(applied.contains(next.number));
    }
    CHECK(feed.settle(next, next.expected) == next.expected);
  }
  CHECK(applied.size() + repeats == 10'000);
  CHECK(repeats > 4'700);
  CHECK(repeats < 5'300);
  CHECK(conflicts > 40);
  CHECK(expected.applied() == applied.size());
  CHECK(feed.wrong() == 0);
  CHECK(expected.uncertain_count() == 0);

  CHECK(feed.settle({1, verdict::replayed}, verdict::applied) == verdict::wrong); // applied twice
  CHECK(feed.settle({1, verdict::replayed}, verdict::conflict) == verdict::wrong);
  CHECK(feed.settle({999'999, verdict::applied}, verdict::replayed) == verdict::wrong);
  CHECK(feed.wrong() == 3);
}

TEST_CASE("what is refused for now comes again, and counts once") {
  const workload work(small(1));
  model expected(work);
  std::atomic<std::uint64_t> numbers{1};
  movement_feed feed(expected, numbers, {shape::uniform, 0, 1});
  draft first;
  REQUIRE(feed.next(first));
  CHECK(feed.settle(first, verdict::overloaded) == verdict::overloaded);
  draft again;
  REQUIRE(feed.next(again));
  CHECK(again.number == first.number);
  CHECK(feed.settle(again, verdict::applied) == verdict::applied);
  CHECK_FALSE(feed.next(again));
  CHECK(expected.applied() == 1);
}

TEST_CASE("groups share the verdict of their call") {
  const workload work(small(1));
  model expected(work);
  std::atomic<std::uint64_t> numbers{1};
  movement_feed feed(expected, numbers, {shape::uniform, 0, 25});
  draft_groups groups(feed);
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  std::uint64_t third = 0;
  REQUIRE(groups.take(10, first));
  REQUIRE(groups.take(10, second));
  CHECK(groups.fresh_in(first) == 10);
  CHECK(groups.settle(first, verdict::applied) == verdict::applied);
  CHECK(groups.settle(second, verdict::overloaded) == verdict::overloaded);
  REQUIRE(groups.take(100, third));
  CHECK(groups.of(third).size() == 15); // the ten again and the last five
  CHECK(groups.settle(third, verdict::applied) == verdict::applied);
  CHECK(groups.settled() == 25);
  CHECK(expected.applied() == 25);
  CHECK_FALSE(groups.take(1, first));
}

TEST_CASE("a draft fits into a tag and comes back") {
  for (const auto expected : {verdict::applied, verdict::replayed, verdict::conflict}) {
    const auto back = draft_of(tag_of({123'456'789, expected}));
    CHECK(back.number == 123'456'789);
    CHECK(back.expected == expected);
  }
}

TEST_CASE("figures are readable") {
  CHECK(readable(0.0123) == "0.0123");
  CHECK(readable(12.345) == "12.3");
  CHECK(readable(123) == "123");
  CHECK(readable(1234567) == "1,234,567");
  CHECK(readable(-1234) == "-1,234");
  figures all;
  for (const double value : {3.0, 1.0, 2.0}) all.add("rate", "/s", value);
  CHECK(all.table().find("| rate | /s | 2 | 1 | 3 |") != std::string::npos);
}
