#include "http/trackdesk/selection.hpp"

#include "http/trackdesk/movement_call.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace croupier::http::trackdesk {

namespace {

/// The brands to look at; nothing: all of them.
std::optional<std::vector<brand_number>> select_brands(const request& req,
                                                       const std::optional<std::vector<uuid>>& wanted) {
  if (!wanted) {
    if (req.key == nullptr || req.key->brands.empty()) return std::nullopt;
    return req.key->brands;
  }
  std::vector<brand_number> brands;
  for (const uuid& id : *wanted)
    if (const brand_number number = visible_brand(req, id); number.value != 0) brands.push_back(number);
  return brands;
}

std::vector<player_number> players_by_id(const folder_key& key, const std::vector<uuid>& ids) {
  std::vector<player_number> players;
  for (const uuid& id : ids)
    if (const auto number = number_of_id(key, id_kind::player, id)) players.push_back({*number});
  std::sort(players.begin(), players.end());
  return players;
}

std::vector<player_number> players_by_name(const persistence::committed_view& view, const workspace& ws,
                                           const std::optional<std::vector<brand_number>>& brands,
                                           const std::vector<std::string>& external_ids) {
  std::vector<brand_number> searched;
  if (brands)
    searched = *brands;
  else
    for (const brand& each : ws.brands()) searched.push_back(each.number);
  std::vector<player_number> players;
  for (const brand_number brand : searched)
    for (const std::string& name : external_ids)
      if (const auto number = view.find_player(brand, name)) players.push_back(*number);
  std::sort(players.begin(), players.end());
  return players;
}

/// The players to look at; nothing: all of them.
std::optional<std::vector<player_number>> select_players_by(const persistence::committed_view& view,
                                                            const workspace& ws,
                                                            const std::optional<std::vector<brand_number>>& brands,
                                                            const std::optional<std::vector<uuid>>& ids,
                                                            const std::optional<std::vector<std::string>>& names) {
  if (!ids && !names) return std::nullopt;
  if (!names) return players_by_id(view.key(), *ids);
  auto named = players_by_name(view, ws, brands, *names);
  if (!ids) return named;
  const auto identified = players_by_id(view.key(), *ids);
  std::vector<player_number> both;
  std::set_intersection(named.begin(), named.end(), identified.begin(), identified.end(), std::back_inserter(both));
  return both;
}

template<class Filter>
bool matches_nothing(const std::optional<Filter>& filter) noexcept {
  return filter && filter->empty();
}

} // namespace

std::optional<persistence::movement_query> select_movements(const persistence::committed_view& view, const request& req,
                                                            const movement_list_body& body) {
  persistence::movement_query query;
  query.from = body.from;
  query.to = body.to;
  query.brands = select_brands(req, body.brands);
  query.players = select_players_by(view, *req.ws, query.brands, body.client_ids, body.external_ids);
  query.request_ids = body.request_ids;
  query.limit = body.page.limit;
  query.offset = body.page.offset;
  if (body.page.before) query.before = sequence{*body.page.before};
  if (matches_nothing(query.brands) || matches_nothing(query.players)) return std::nullopt;
  return query;
}

std::optional<persistence::player_query> select_players(const persistence::committed_view& view, const request& req,
                                                        const player_list_body& body) {
  persistence::player_query query;
  query.brands = select_brands(req, body.brands);
  query.players = select_players_by(view, *req.ws, query.brands, body.client_ids, body.external_ids);
  if (body.affiliates) {
    query.affiliates.emplace();
    for (const uuid& id : *body.affiliates)
      if (const affiliate* found = req.ws->find_affiliate(id)) query.affiliates->push_back(found->number);
  }
  query.name_prefix = body.external_id_prefix;
  query.registered_from = body.registered_from;
  query.registered_to = body.registered_to;
  query.limit = body.page.limit;
  query.offset = body.page.offset;
  if (body.page.before) query.before = player_number{*body.page.before};
  const bool nothing =
      matches_nothing(query.brands) || matches_nothing(query.players) || matches_nothing(query.affiliates);
  return nothing ? std::nullopt : std::optional(std::move(query));
}

} // namespace croupier::http::trackdesk
