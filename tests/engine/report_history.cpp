#include "engine/report_history.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <sstream>

namespace croupier::testing {

namespace {

uuid id_of(std::uint64_t kind, std::uint64_t number) {
  return uuid::from_halves(kind, number);
}

amount amount_of(std::string_view text) {
  return amount::parse(text).value();
}

std::string line_of(const std::vector<std::string>& keys, const report& of, const report_figures& figures) {
  std::string text;
  for (const auto& key : keys) text += (text.empty() ? "" : " | ") + key;
  text += " ->";
  for (const auto measure : of.measures)
    text += " " + std::string(name_of(measure)) + " " + figures.text(measure).value_or("-");
  return text + "\n";
}

} // namespace

std::vector<std::string> words(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

std::string text_of(const report& from) {
  std::string text;
  for (const auto& row : from.rows) text += line_of(row.keys, from, row.figures);
  if (from.by_currency.empty()) return text + line_of({"total"}, from, from.total);
  for (const auto& [currency, figures] : from.by_currency) text += line_of({"total " + currency}, from, figures);
  return text;
}

report_history::report_history()
    : rollup([this](sequence at) -> std::optional<click_words> {
        const auto found = clicks_.find(at);
        if (found == clicks_.end()) return std::nullopt;
        click_words said;
        std::copy(found->second.sub_ids.begin(), found->second.sub_ids.end(), said.sub_ids.begin());
        return said;
      }) {
  put(brand{euros, id_of(1, 1), "Euro Casino", "EUR", {}, true});
  brand other{dollars, id_of(1, 2), "Dollar Casino", "USD", {}, false};
  other.utc_offset_minutes = 600;
  put(other);
  using enum metric_meaning;
  constexpr std::array meanings{metric_meaning::deposits, metric_meaning::ngr,         metric_meaning::wagered,
                                metric_meaning::won,      metric_meaning::withdrawals, metric_meaning::chargebacks,
                                metric_meaning::bonuses};
  for (std::uint16_t i = 0; i < meanings.size(); ++i) {
    metric made{{static_cast<std::uint16_t>(i + 1)}, id_of(2, i + 1), "metric-" + std::to_string(i + 1), "Metric"};
    made.meaning = meanings[i];
    put(made);
  }
  put(metric{spare, id_of(2, 8), "metric-8", "Spare", metric_type::integer});
  put(affiliate{ada, id_of(3, 1), "Ada Ltd"});
  put(affiliate{bea, id_of(3, 2), "Bea"});
  put(offer{{1}, id_of(4, 1), "Welcome Bonus", std::nullopt});
  put(offer{{2}, id_of(4, 2), "Free Spins", std::nullopt});
  put(marketing_source{{1}, id_of(5, 1), "Blog", ada});
  put(creative{{1}, id_of(6, 1), "Banner", {1}});
  tracking_link first{{1}, id_of(7, 1), "First", {1}, ada, "https://example.com/"};
  first.source = {1};
  first.creative = {1};
  first.sub_ids[1] = "of-link";
  put(first);
  put(tracking_link{{2}, id_of(7, 2), "Second", {2}, bea, "https://example.com/"});
}

sequence report_history::commit(std::string_view time, entry what) {
  ++last_.value;
  if (const auto* change = std::get_if<workspace_changed>(&what))
    std::visit([this](const auto& object) { ws.put(object); }, change->after);
  rollup.apply({last_, timestamp::parse(time).value(), what}, changes);
  return last_;
}

sequence report_history::click(std::string_view time, link_number link, std::array<std::string_view, 5> subs,
                               bool unique, bool bot) {
  const auto* of = ws.find(link);
  const click_tracked what{link, of->offer, of->affiliate, "192.0.2.1", "agent", subs, unique, bot};
  const auto at = commit(time, what);
  clicks_.emplace(at, what);
  return at;
}

player_profile report_history::profile(player_number number, brand_number brand, sequence click) const {
  player_profile made{number, brand, "player-" + std::to_string(number.value), {}, {}, {}, {}, {}, {}, {}};
  if (click.value == 0) return made;
  const auto& from = clicks_.at(click);
  made.click = click;
  made.link = from.link;
  made.offer = from.offer;
  made.affiliate = from.affiliate;
  return made;
}

void report_history::player(std::string_view time, player_number number, brand_number brand, sequence click,
                            std::string_view country) {
  if (click.value != 0 && country.empty()) {
    commit(time, player_registered{profile(number, brand, click), "{}"});
    return;
  }
  movement_recorded created;
  created.player = number;
  created.brand = brand;
  created.event = event_facts{"registration", {}, country, {}};
  created.joined = profile_change::created;
  created.profile = profile(number, brand, click);
  commit(time, created);
}

void report_history::attribute(std::string_view time, player_number number, brand_number brand, sequence click,
                               std::string_view country) {
  if (country.empty()) {
    commit(time, player_attributed{profile(number, brand, click), "{}"});
    return;
  }
  movement_recorded joined;
  joined.player = number;
  joined.brand = brand;
  joined.event = event_facts{"registration", {}, country, {}};
  joined.joined = profile_change::attributed;
  joined.profile = profile(number, brand, click);
  commit(time, joined);
}

void report_history::move(std::string_view time, player_number number, brand_number brand,
                          const std::vector<std::pair<metric_number, std::string_view>>& by, bool first_deposit) {
  movement_recorded movement;
  movement.player = number;
  movement.brand = brand;
  movement.first_deposit = first_deposit;
  for (const auto& [metric, text] : by) {
    metric_change change;
    change.metric = metric;
    change.delta = amount_of(text);
    movement.changes.push_back(change);
  }
  commit(time, movement);
}

namespace {

report_query query_of(std::string_view dimensions, std::string_view measures, const named_filters& filters) {
  auto query = read_report_query(words(dimensions), words(measures), filters);
  if (!query) FAIL(query.error());
  query->from = parse_day("2026-01-01").value();
  query->to = parse_day("2026-12-31").value();
  return std::move(*query);
}

player_words words_of(player_number player) {
  return {"player-" + std::to_string(player.value), "id-" + std::to_string(player.value)};
}

} // namespace

std::string report_history::report(std::string_view dimensions, std::string_view measures, const named_filters& filters,
                                   std::optional<std::vector<brand_number>> brands) const {
  auto query = query_of(dimensions, measures, filters);
  query.brands = std::move(brands);
  report_builder builder(query, ws, rollup.cells());
  for (const auto& [day, rows] : rollup.days())
    for (const auto& row : rows.rows) REQUIRE(builder.add(day, {}, row.cell, row.figures));
  return text_of(builder.finish(words_of));
}

std::string report_history::report_of_players(std::string_view dimensions, std::string_view measures,
                                              const named_filters& filters) const {
  const auto query = query_of(dimensions, measures, filters);
  std::vector<player_number> players;
  for (const auto& filter : query.filters)
    if (filter.dimension == report_dimension::player)
      for (const auto& value : filter.values) players.push_back({std::stoull(value.substr(value.find('-') + 1))});
  report_builder builder(query, ws, rollup.cells(), players);
  for (const auto& change : changes) {
    report_figures one;
    one.add(change.what, change.units);
    REQUIRE(builder.add(change.day, change.player, change.cell, one));
  }
  return text_of(builder.finish(words_of));
}

} // namespace croupier::testing
