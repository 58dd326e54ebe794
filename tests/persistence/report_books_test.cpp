#include "persistence/report_books.hpp"

#include "engine/report_history.hpp"
#include "persistence/report_codec.hpp"
#include "support/catch.hpp"
#include "tests/persistence/media.hpp"
#include "tests/persistence/store_world.hpp"
#include "tests/persistence/view_world.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <tuple>

using namespace croupier;
using namespace croupier::persistence;
using namespace croupier::persistence::report_codec;

namespace {

constexpr auto end_of_time = 100'000; // days

report_query query_of(std::string_view dimensions, std::string_view measures, const named_filters& filters = {}) {
  auto query = read_report_query(testing::words(dimensions), testing::words(measures), filters);
  if (!query) FAIL(query.error());
  query->to = end_of_time;
  return std::move(*query);
}

constexpr std::string_view all_counted = "click_count registration_count deposit_count deposit_amount ggr ngr "
                                         "revshare_reward";

/// A ledger with books beside it, as a projector would keep them.
class kept_ledger {
public:
  explicit kept_ledger(std::uint64_t seed) : world(seed) { open(); }

  /// Throws the saved books away, as whoever deletes the folder does.
  void forget() {
    books.reset();
    store.reset();
    std::filesystem::remove_all(folder.path() / "projections");
    open();
  }

  void open() {
    books.reset();
    store.reset();
    auto opened = projection_store::open(folder.path() / "projections", world.view());
    REQUIRE(opened);
    store = std::move(*opened);
    books = std::make_unique<report_books>(world.view(), *store);
    const auto from = books->restore();
    REQUIRE(from);
    applied = *from;
  }

  void feed() {
    world.view().scan_up({applied.value + 1}, [this](const committed_entry& next, std::string_view) {
      books->apply(next);
      applied = next.at;
      return true;
    });
  }

  void save() {
    if (applied.value != 0) REQUIRE(books->save(applied));
  }

  std::string text(const report_query& query) {
    const auto made = books->make(query, *world.view().current_workspace());
    REQUIRE(made);
    CHECK(made->upto == applied);
    return testing::text_of(made->content);
  }

  /// Every kind of report, in one text.
  std::string everything() {
    std::string out;
    for (const auto* dimensions : {"", "date", "affiliate", "date brand affiliate campaign link", "country currency",
                                   "player", "date player affiliate", "brand sub1 player"})
      out += text(query_of(dimensions, all_counted)) + "\n";
    return out + text(query_of("date", "ngr", {{"player", {"player-0", "player-2"}}}));
  }

  view_world<memory_medium> world;
  disk_folder folder;
  std::unique_ptr<projection_store> store;
  std::unique_ptr<report_books> books;
  sequence applied;
};

using model_key = std::tuple<std::string, std::string, std::string>; // date, brand, affiliate

/// The same sums by hand: what the facts say, without cells, days of brands or the workspace.
class model {
public:
  explicit model(const std::vector<test::fact>& facts) {
    for (const auto& fact : facts) std::visit([&](const auto& what) { take(fact.time, what); }, fact.what);
  }

  std::string text() const {
    std::string out;
    report total;
    for (const auto& name : testing::words(all_counted)) total.measures.push_back(*measure_named(name));
    total.dimensions = {report_dimension::date, report_dimension::brand, report_dimension::affiliate};
    for (const auto& [key, figures] : rows_) {
      if (figures.is_zero()) continue;
      total.rows.push_back({{std::get<0>(key), std::get<1>(key), std::get<2>(key)}, figures});
      total.total += figures;
    }
    return testing::text_of(total);
  }

private:
  static std::string brand_name(brand_number brand) { return "Brand " + std::to_string(brand.value); }
  static std::string affiliate_name(affiliate_number affiliate) {
    return affiliate.value == 0 ? "(none)" : "Affiliate " + std::to_string(affiliate.value);
  }
  report_figures& at(timestamp time, const std::string& brand, affiliate_number affiliate) {
    return rows_[{time.text().substr(0, 10), brand, affiliate_name(affiliate)}];
  }

  void take(timestamp time, const test::registration_fact& what) {
    const auto& who = what.profile;
    affiliates_[who.number] = who.affiliate;
    born_[who.number] = time;
    at(time, brand_name(who.brand), who.affiliate).add(report_measure::registration_count, 1);
  }
  void take(timestamp, const test::attribution_fact& what) {
    const auto& who = what.profile;
    const auto time = born_.at(who.number);
    at(time, brand_name(who.brand), {}).add(report_measure::registration_count, -1);
    at(time, brand_name(who.brand), who.affiliate).add(report_measure::registration_count, 1);
    affiliates_[who.number] = who.affiliate;
  }
  void take(timestamp time, const test::movement_fact& what) {
    auto& row = at(time, brand_name(what.brand), affiliates_.at(what.player));
    for (const auto& change : what.changes) {
      const auto units = change.delta.units();
      if (change.metric.value == 1) row.add(report_measure::deposit_amount, units);
      if (change.metric.value == 2) row.add(report_measure::ngr, units);
      if (change.metric.value == 3) row.add(report_measure::deposit_count, units / 100'000'000);
      if (change.metric.value == 4) row.add(report_measure::ggr, units);
      if (change.metric.value == 5) row.add(report_measure::ggr, -units);
    }
    if (what.revshare) row.add(report_measure::revshare_reward, what.revshare->earned.units());
  }
  void take(timestamp time, const test::click_fact&) { at(time, "(none)", {1}).add(report_measure::click_count, 1); }
  void take(timestamp, const test::workspace_fact&) {}

  std::map<player_number, affiliate_number> affiliates_;
  std::map<player_number, timestamp> born_;
  std::map<model_key, report_figures> rows_;
};

} // namespace

TEST_CASE("reports of any history are the fold of its facts, however often the books were saved and taken up again") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    kept_ledger ledger(seed);
    for (int step = 0; step < 40; ++step) {
      ledger.world.append(1 + random() % 20);
      if (random() % 4 != 0) ledger.feed();
      if (random() % 5 == 0) ledger.save();
      if (random() % 9 == 0) ledger.open();
    }
    ledger.feed();
    CHECK(ledger.text(query_of("date brand affiliate", all_counted)) == model(ledger.world.facts()).text());
    const auto kept = ledger.everything();
    ledger.forget();
    CHECK(ledger.applied == sequence{0});
    ledger.feed();
    CHECK(ledger.everything() == kept);
    ledger.save();
    ledger.open();
    CHECK(ledger.applied == ledger.world.view().durable());
    CHECK(ledger.everything() == kept);
    const auto made = ledger.books->make(query_of("", "registration_count"), *ledger.world.view().current_workspace());
    REQUIRE(made);
    CHECK(made->content.total.text(report_measure::registration_count) ==
          std::to_string(ledger.world.view().player_count()));
  }
}

TEST_CASE("books that are not in their grammar are forgotten and made again") {
  kept_ledger ledger(1);
  ledger.world.append(100);
  ledger.feed();
  ledger.save();
  const auto kept = ledger.everything();
  const auto broken = [] {
    std::vector<std::pair<std::string, std::string>> pairs;
    pairs.emplace_back("o", "no object");
    pairs.emplace_back(cell_key({77}), "");
    pairs.emplace_back(row_key(0, {0xffff}), encode_figures({}));
    pairs.emplace_back(player_page_key(1), encode_players({{{0xffff}, 0}}, 0));
    pairs.emplace_back("r", "no row");
    return pairs;
  }();
  for (const auto& [key, value] : broken) {
    book_batch batch;
    batch.put(key, value);
    REQUIRE(ledger.store->save("reports", report_format, batch, ledger.applied));
    ledger.open();
    CHECK(ledger.applied == sequence{0});
    ledger.feed();
    CHECK(ledger.everything() == kept);
    ledger.save();
    ledger.open();
    CHECK(ledger.applied == ledger.world.view().durable());
  }
}

TEST_CASE("figures, cells and places of players read back as they were written, and nothing else is read") {
  report_figures figures;
  figures.add(report_measure::click_count, 1);
  figures.add(report_measure::ngr, -(int128{1} << 100));
  figures.add(report_measure::revshare_reward, -1);
  const auto bytes = encode_figures(figures);
  CHECK(decode_figures(bytes) == figures);
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(decode_figures(bytes.substr(0, size)));
  CHECK_FALSE(decode_figures(bytes + "x"));
  CHECK_FALSE(decode_figures("\xff\xff\xff\x0f"));
  CHECK(decode_player_key(player_key(-3, {7}, {9}, {11}))->day == -3);
  CHECK(player_key(-1, {7}, {9}, {11}) < player_key(0, {7}, {9}, {11}));
  CHECK_FALSE(decode_row_key(player_key(0, {7}, {9}, {11})));
  CHECK_FALSE(decode_cell("\x01"));
  CHECK_FALSE(decode_players(std::string(2 * 513, '\0')));
}
