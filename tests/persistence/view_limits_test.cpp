#include "persistence/record_codec.hpp"
#include "tests/persistence/media.hpp"
#include "tests/persistence/view_world.hpp"
#include "tests/support/catch.hpp"

#include <limits>

namespace croupier::persistence {

namespace {

constexpr std::uint64_t scan_max = 100'000;

/// Appends records to a ledger of its own making.
class plain_ledger {
public:
  plain_ledger() : view_(medium_.key(), medium_.journal(), medium_.checkpoints()) {
    expect(view_.restore(nullptr).has_value(), "an empty ledger is not restored");
    for (std::uint16_t i = 1; i <= 2; ++i)
      add(workspace_changed{"start-up", std::nullopt, brand{{i}, uuid::from_halves(1, i), "Brand", "EUR", {}, false}});
  }

  void add(const entry& what) {
    encode(what, records_.emplace_back());
    if (records_.size() == 1'000) flush();
  }

  void register_player(std::uint64_t number, std::uint16_t brand) {
    player_profile profile;
    profile.number = {number};
    profile.brand = {brand};
    profile.external_id = std::to_string(number);
    add(player_registered{profile, "{}"});
  }

  void move(std::uint64_t player, std::uint16_t brand, std::uint64_t ordinal, std::string_view request_id) {
    movement_recorded movement;
    movement.player = {player};
    movement.brand = {brand};
    movement.player_hash = view_.player_hash({brand}, std::to_string(player));
    movement.ordinal = ordinal;
    movement.request_id = request_id;
    metric_change change;
    change.metric = {1};
    change.value = change.delta = amount::from_integer(1);
    change.balance_after = amount::from_integer(static_cast<std::int64_t>(ordinal));
    movement.changes.push_back(change);
    add(movement);
  }

  void click() { add(click_tracked{{1}, {1}, {1}, "192.0.2.1", "agent", {}}); }

  committed_view& view() {
    flush();
    return view_;
  }

private:
  void flush() {
    const std::vector<std::string_view> views(records_.begin(), records_.end());
    if (views.empty()) return;
    const auto end = medium_.journal().append(views, {1});
    view_.apply({end->last.value - views.size() + 1}, end->time, views);
    records_.clear();
  }

  memory_medium medium_;
  committed_view view_;
  std::vector<std::string> records_;
};

movement_query everything() {
  movement_query query;
  query.to = {std::numeric_limits<std::int64_t>::max()};
  return query;
}

} // namespace

TEST_CASE("a scan that finds too little says where it stopped") {
  plain_ledger ledger;
  ledger.register_player(1, 1);
  ledger.register_player(2, 2);
  ledger.move(1, 1, 1, "a");
  ledger.move(2, 2, 1, "b");
  for (std::uint64_t i = 0; i < scan_max + 50'000; ++i) ledger.click();
  ledger.move(2, 2, 2, "c");
  auto& view = ledger.view();
  const auto last = view.durable().value;

  SECTION("with a brand filter, which is counted by scanning only") {
    auto query = everything();
    query.brands = {brand_number{1}};
    const auto first = view.list_movements(query);
    CHECK(first.rows.empty());
    CHECK_FALSE(first.total_count);
    REQUIRE(first.has_more);
    REQUIRE(first.next);
    CHECK(first.next->value == last - scan_max + 1);
    query.before = first.next;
    const auto second = view.list_movements(query);
    REQUIRE(second.rows.size() == 1);
    CHECK(second.rows[0].entry.at.value == 5);
    CHECK_FALSE(second.has_more);
  }
  SECTION("without one, where the journal knows the count") {
    auto query = everything();
    query.limit = 2;
    const auto first = view.list_movements(query);
    REQUIRE(first.rows.size() == 1);
    CHECK(first.rows[0].entry.at.value == last);
    CHECK(first.total_count == 3);
    REQUIRE(first.has_more);
    query.before = first.next;
    const auto second = view.list_movements(query);
    REQUIRE(second.rows.size() == 2);
    CHECK(second.rows[1].entry.at.value == 5);
    CHECK(second.total_count == 3);
    CHECK_FALSE(second.has_more);
  }
  SECTION("an offset is found without a scan") {
    auto query = everything();
    query.offset = 1;
    const auto page = view.list_movements(query);
    REQUIRE(page.rows.size() == 2);
    CHECK(page.rows[0].entry.at.value == 6);
  }
  SECTION("a filter of all brands filters nothing") {
    auto query = everything();
    query.brands = {brand_number{2}, brand_number{1}};
    CHECK(view.list_movements(query).total_count == 3);
  }
  SECTION("the total does not depend on the cursor") {
    auto query = everything();
    query.from = {1};
    query.players = {player_number{2}};
    query.brands = {brand_number{2}};
    query.before = sequence{last};
    const auto page = view.list_movements(query);
    CHECK(page.rows.size() == 1);
    CHECK(page.total_count == 2);
  }
}

TEST_CASE("one request id of very many players, and very many players, are listed page by page") {
  constexpr std::uint64_t players = scan_max + 1'000;
  plain_ledger ledger;
  for (std::uint64_t i = 1; i <= players; ++i) {
    const std::uint16_t brand = i <= 2 ? 2 : 1;
    ledger.register_player(i, brand);
    ledger.move(i, brand, 1, "the same");
  }
  auto& view = ledger.view();

  auto query = everything();
  query.request_ids = {std::string("the same")};
  const auto all = view.list_movements(query);
  CHECK(all.rows.size() == 50);
  CHECK(all.has_more);
  CHECK_FALSE(all.total_count);
  query.brands = {brand_number{2}};
  const auto cut = view.list_movements(query);
  CHECK(cut.rows.empty());
  REQUIRE(cut.has_more);
  query.before = cut.next;
  const auto rest = view.list_movements(query);
  CHECK(rest.rows.size() == 2);
  CHECK_FALSE(rest.has_more);
  query.before.reset();
  query.players = {player_number{1}, player_number{players}};
  const auto of_players = view.list_movements(query);
  CHECK(of_players.rows.size() == 1);
  CHECK(of_players.total_count == 1);

  player_query who;
  CHECK(view.list_players(who).total_count == players);
  who.brands = {brand_number{2}};
  const auto none = view.list_players(who);
  CHECK(none.rows.empty());
  CHECK_FALSE(none.total_count);
  REQUIRE(none.has_more);
  // A part at a time, so that each answer is quick, and all of them in the end.
  CHECK(none.next->value == players - 5'000 + 1);
  auto both = none;
  int pages = 1;
  for (; both.rows.empty() && both.has_more; ++pages) {
    who.before = both.next;
    both = view.list_players(who);
  }
  CHECK(pages == 21);
  REQUIRE(both.rows.size() == 2);
  CHECK(both.rows[0].profile.number.value == 2);
  CHECK_FALSE(both.has_more);

  // 1, 10 to 19, 100 to 199 and so on: found by their names, so they can be counted.
  constexpr std::uint64_t beginning_with_1 = 1 + 10 + 100 + 1'000 + 10'000 + 1'001;
  who = {};
  who.name_prefix = "1";
  const auto named = view.list_players(who);
  CHECK(named.total_count == beginning_with_1);
  REQUIRE(named.rows.size() == 50);
  CHECK(named.rows[0].profile.number.value == players);
  CHECK(named.has_more);
  // Too many to look at each of them: the same page without a count.
  who.affiliates = {affiliate_number{0}};
  const auto sifted = view.list_players(who);
  CHECK_FALSE(sifted.total_count);
  CHECK(sifted.rows == named.rows);
  who = {};
  who.name_prefix = "1";
  who.before = named.next;
  who.offset = beginning_with_1 - 51;
  const auto last = view.list_players(who);
  REQUIRE(last.rows.size() == 1);
  CHECK(last.rows[0].profile.external_id == "1");
  CHECK_FALSE(last.has_more);
  CHECK(last.total_count == beginning_with_1);
  who.brands = {brand_number{2}};
  who.before.reset();
  who.offset = 0;
  CHECK(view.list_players(who).total_count == 1);
}

} // namespace croupier::persistence
