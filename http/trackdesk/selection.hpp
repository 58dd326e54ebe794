#pragma once

#include "actors/gateway.hpp"
#include "http/route.hpp"
#include "http/trackdesk/requests.hpp"

#include <optional>

namespace croupier::http::trackdesk {

/// Turns the filters of a list into a query on what is stored: ids into numbers, narrowed to the brands that the key
/// sees. Nothing when no row can match. What a filter names and does not exist matches nothing; it is no error. Throws
/// storage_failure.
std::optional<persistence::movement_query> select_movements(const persistence::committed_view& view, const request& req,
                                                            const movement_list_body& body);

/// The same for players.
std::optional<persistence::player_query> select_players(const persistence::committed_view& view, const request& req,
                                                        const player_list_body& body);

} // namespace croupier::http::trackdesk
