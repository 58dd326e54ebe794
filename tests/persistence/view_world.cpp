#include "tests/persistence/view_world.hpp"

#include <algorithm>
#include <limits>

namespace croupier::persistence {

using test::fact;
using test::movement_fact;
using test::registration_fact;

namespace {

constexpr std::uint64_t numbers_max = 40; // beyond all that a random ledger of this size gives

template<class T>
std::string text(const T& number) {
  return std::to_string(number.value);
}

/// Draws queries about a ledger.
class query_source {
public:
  query_source(const std::vector<fact>& facts, std::mt19937_64& random) : facts_(facts), random_(random) {}

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool one_in(std::uint64_t bound) { return below(bound) == 0; }

  timestamp some_time() {
    if (facts_.empty()) return {0};
    return {facts_[below(facts_.size())].time.unix_us + static_cast<std::int64_t>(below(3)) - 1};
  }

  sequence some_sequence() { return {below(facts_.size() + 3)}; }

  movement_query movements() {
    movement_query query;
    query.from = one_in(2) ? timestamp{0} : some_time();
    query.to = one_in(2) ? timestamp{std::numeric_limits<std::int64_t>::max()} : some_time();
    if (one_in(3)) query.players = some<player_number>(12);
    if (one_in(3)) query.brands = some<brand_number>(5);
    if (one_in(3)) {
      query.request_ids.emplace();
      for (auto count = below(6); count > 0; --count)
        query.request_ids->push_back(one_in(9) ? "" : "request-" + std::to_string(below(20)));
    }
    if (one_in(3)) query.before = some_sequence();
    page(query);
    return query;
  }

  player_query players() {
    player_query query;
    if (one_in(3)) query.players = some<player_number>(12);
    if (one_in(3)) query.brands = some<brand_number>(5);
    if (one_in(3)) query.affiliates = some<affiliate_number>(4);
    if (one_in(3))
      query.name_prefix = one_in(2) ? "player-" : one_in(9) ? "nobody" : "player-" + std::to_string(below(9));
    if (one_in(3)) query.registered_from = some_time();
    if (one_in(3)) query.registered_to = some_time();
    if (one_in(3)) query.before = player_number{below(numbers_max)};
    page(query);
    return query;
  }

private:
  template<class Number>
  std::vector<Number> some(std::uint64_t bound) {
    std::vector<Number> numbers;
    for (auto count = below(5); count > 0; --count)
      numbers.push_back({static_cast<typename Number::rep>(below(bound))});
    return numbers;
  }

  template<class Query>
  void page(Query& query) {
    query.limit = static_cast<std::uint32_t>(below(20) + 1);
    query.offset = one_in(2) ? 0 : below(30);
    if (one_in(20)) query.offset = std::numeric_limits<std::uint64_t>::max() - below(3);
  }

  const std::vector<fact>& facts_;
  std::mt19937_64& random_;
};

std::string text(const movement_query& query, std::size_t found, std::size_t expected) {
  const auto all = [](const auto& filter, const char* name) {
    std::string out;
    if (filter)
      for (const auto& value : *filter) {
        out += name;
        if constexpr (requires { value.value; })
          out += text(value);
        else
          out += value;
      }
    return filter ? out + ";" : out;
  };
  return std::to_string(found) + " rows, expected " + std::to_string(expected) + " of" +
         all(query.players, " player ") + all(query.brands, " brand ") + all(query.request_ids, " request ") +
         " from " + std::to_string(query.from.unix_us) + " to " + std::to_string(query.to.unix_us) + " limit " +
         std::to_string(query.limit) + " offset " + std::to_string(query.offset) + " before " +
         (query.before ? text(*query.before) : "-");
}

void expect_same_players(const committed_view& view, const view_model& model, sequence last, query_source& draw) {
  for (std::uint64_t number = 0; number < numbers_max; ++number)
    expect(view.player({number}) == model.player({number}, last), "player " + std::to_string(number));
  for (int i = 0; i < 20; ++i) {
    const player_number number{draw.below(12)};
    const auto at = draw.some_sequence();
    expect(view.player_at(number, at) == model.player(number, at), "player " + text(number) + " at " + text(at));
  }
  const auto players = model.players();
  expect(view.player_count() == players.size(), "the number of players");
  for (const auto& player : players) {
    const auto& who = player.profile;
    expect(view.find_player(who.brand, who.external_id) == who.number, "the name of player " + text(who.number));
    const brand_number other{static_cast<std::uint16_t>(who.brand.value + 1)};
    expect(view.find_player(other, who.external_id) == std::nullopt, "a name in another brand");
  }
}

void expect_same_requests(const committed_view& view, const view_model& model, const std::vector<fact>& facts) {
  for (const auto& each : facts) {
    const auto* moved = std::get_if<movement_fact>(&each.what);
    if (moved == nullptr || moved->request_id.empty()) continue;
    const auto who = model.player(moved->player, each.at)->profile;
    const auto player = view.player_hash(who.brand, who.external_id);
    expect(view.find_request(view.request_hash(moved->source, moved->request_id), player) == each.at,
           "the request id of entry " + text(each.at));
    expect(view.find_request(view.request_hash(moved->source, moved->request_id + "?"), player) == std::nullopt,
           "a request id that was never used");
  }
}

void expect_same_movements(const committed_view& view, const view_model& model, const std::vector<fact>& facts,
                           query_source& draw) {
  auto query = draw.movements();
  // Follows the cursor to the end, because that is what clients do.
  for (;;) {
    const auto page = view.list_movements(query);
    const auto expected = model.list(query);
    const auto which = text(query, page.rows.size(), expected.rows.size());
    expect(page.rows.size() == expected.rows.size(), which);
    for (std::size_t i = 0; i < page.rows.size(); ++i) {
      expect(page.rows[i].entry.at == expected.rows[i], "row " + std::to_string(i) + " of a page of movements");
      expect_same(page.rows[i], facts[expected.rows[i].value - 1]);
    }
    expect(page.total_count == expected.total_count, "the total: " + which);
    expect(page.has_more == expected.has_more, "whether there are more: " + which);
    expect(page.next.has_value() == page.has_more, "a cursor where there are more movements, and only there");
    if (!page.has_more) return;
    expect(*page.next == expected.rows.back(), "the cursor of a list of movements");
    query.before = page.next;
    query.offset = 0;
  }
}

void expect_same_lists(const committed_view& view, const view_model& model, query_source& draw) {
  auto query = draw.players();
  for (;;) {
    const auto page = view.list_players(query);
    const auto expected = model.list(query);
    expect(page.rows == expected.rows, "a page of players");
    expect(page.total_count == expected.total_count, "the total of a list of players");
    expect(page.has_more == expected.has_more, "whether there are more players");
    expect(page.next.has_value() == page.has_more, "a cursor where there are more players, and only there");
    if (!page.has_more) return;
    query.before = page.next;
    query.offset = 0;
  }
}

} // namespace

void expect_same(const stored_entry& entry, const fact& fact) {
  const auto which = "entry " + text(fact.at);
  expect(entry.entry.at == fact.at && entry.entry.time == fact.time, which + ": its place and time");
  if (const auto* registered = std::get_if<registration_fact>(&fact.what))
    expect(std::get<player_registered>(entry.entry.what).profile == registered->profile, which + ": its profile");
  const auto* wanted = std::get_if<movement_fact>(&fact.what);
  if (wanted == nullptr) return;
  const auto& found = std::get<movement_recorded>(entry.entry.what);
  expect(found.player == wanted->player && found.brand == wanted->brand && found.ordinal == wanted->ordinal &&
             found.source == wanted->source && found.request_id == wanted->request_id,
         which + ": whose it is");
  expect(std::equal(found.changes.begin(), found.changes.end(), wanted->changes.begin(), wanted->changes.end()) &&
             found.revshare == wanted->revshare,
         which + ": what it changed");
}

void expect_same(const committed_view& view, const std::vector<fact>& facts, std::mt19937_64& random) {
  const view_model model(facts);
  const sequence last{facts.size()};
  query_source draw(facts, random);
  expect(view.durable() == last, "the newest entry");
  const auto ws = view.current_workspace();
  const auto expected_ws = model.current_workspace();
  expect(ws->brands() == expected_ws.brands() && ws->metrics() == expected_ws.metrics() &&
             ws->affiliates() == expected_ws.affiliates() && ws->offers() == expected_ws.offers() &&
             ws->links() == expected_ws.links(),
         "the workspace");
  expect_same_players(view, model, last, draw);
  expect_same_requests(view, model, facts);
  for (int i = 0; i < 10; ++i) {
    expect_same_movements(view, model, facts, draw);
    expect_same_lists(view, model, draw);
    const auto time = draw.some_time();
    expect(view.sequence_at(time) == model.sequence_at(time), "the entry at a time");
  }
  if (!facts.empty()) {
    const auto& some = facts[draw.below(facts.size())];
    expect_same(view.entry_at(some.at), some);
  }
}

} // namespace croupier::persistence
