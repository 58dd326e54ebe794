#include "tests/persistence/view_model.hpp"

#include <algorithm>

namespace croupier::persistence {

using test::attribution_fact;
using test::movement_fact;
using test::registration_fact;
using test::workspace_fact;

namespace {

template<class T>
bool passes(const std::optional<std::vector<T>>& filter, const T& value) {
  return !filter || std::count(filter->begin(), filter->end(), value) > 0;
}

template<class Page, class Row, class Query>
Page paged(const std::vector<Row>& rows, const std::vector<bool>& after_cursor, const Query& query) {
  Page page;
  page.total_count = rows.size();
  std::uint64_t skipped = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!after_cursor[i] || skipped++ < query.offset) continue;
    page.has_more = page.rows.size() == query.limit;
    if (page.has_more) break;
    page.rows.push_back(rows[i]);
  }
  return page;
}

} // namespace

std::optional<player_state> view_model::player(player_number number, sequence at) const {
  std::optional<player_state> found;
  for (const auto& fact : facts_) {
    if (fact.at > at) break;
    if (const auto* made = std::get_if<registration_fact>(&fact.what); made && made->profile.number == number)
      found.emplace().profile = made->profile;
    else if (const auto* given = std::get_if<attribution_fact>(&fact.what); given && given->profile.number == number)
      found->profile = given->profile;
    else if (const auto* moved = std::get_if<movement_fact>(&fact.what); moved && moved->player == number) {
      for (const auto& change : moved->changes) {
        const bool replaces = change.how == value_type::absolute;
        const auto before = found->balance_of(change.metric).units();
        found->set_balance(change.metric, amount::from_units((replaces ? 0 : before) + change.value.units()));
      }
      if (moved->revshare) found->revshare_total = *found->revshare_total.plus(moved->revshare->earned);
      ++found->movement_count;
    } else {
      continue;
    }
    found->last_entry = fact.at;
    found->updated_at = fact.time;
  }
  return found;
}

std::vector<player_state> view_model::players() const {
  std::vector<player_state> found;
  for (const auto& fact : facts_)
    if (const auto* made = std::get_if<registration_fact>(&fact.what))
      found.push_back(*player(made->profile.number, {facts_.size()}));
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.profile.number > b.profile.number; });
  return found;
}

std::optional<player_number> view_model::find_player(brand_number brand, std::string_view external_id) const {
  for (const auto& fact : facts_)
    if (const auto* made = std::get_if<registration_fact>(&fact.what))
      if (made->profile.brand == brand && made->profile.external_id == external_id) return made->profile.number;
  return std::nullopt;
}

sequence view_model::sequence_at(timestamp time) const {
  sequence found;
  for (const auto& fact : facts_)
    if (fact.time <= time) found = fact.at;
  return found;
}

workspace view_model::current_workspace() const {
  workspace made;
  for (const auto& fact : facts_)
    if (const auto* changed = std::get_if<workspace_fact>(&fact.what))
      std::visit([&](const auto& object) { made.put(object); }, changed->object);
  return made;
}

view_model::movements view_model::list(const movement_query& query) const {
  std::vector<sequence> rows;
  std::vector<bool> after_cursor;
  for (auto fact = facts_.rbegin(); fact != facts_.rend(); ++fact) {
    const auto* moved = std::get_if<movement_fact>(&fact->what);
    if (moved == nullptr || fact->time < query.from || fact->time >= query.to) continue;
    if (!passes(query.players, moved->player) || !passes(query.brands, moved->brand)) continue;
    if (query.request_ids && (moved->request_id.empty() || !passes(query.request_ids, moved->request_id))) continue;
    rows.push_back(fact->at);
    after_cursor.push_back(!query.before || fact->at < *query.before);
  }
  return paged<movements>(rows, after_cursor, query);
}

view_model::listed_players view_model::list(const player_query& query) const {
  std::vector<player_state> rows;
  std::vector<bool> after_cursor;
  for (auto& player : players()) {
    const auto& who = player.profile;
    if (!passes(query.players, who.number) || !passes(query.brands, who.brand) ||
        !passes(query.affiliates, who.affiliate) || !who.external_id.starts_with(query.name_prefix) ||
        (query.registered_from && who.registered_at < *query.registered_from) ||
        (query.registered_to && who.registered_at >= *query.registered_to))
      continue;
    after_cursor.push_back(!query.before || who.number < *query.before);
    rows.push_back(std::move(player));
  }
  return paged<listed_players>(rows, after_cursor, query);
}

} // namespace croupier::persistence
