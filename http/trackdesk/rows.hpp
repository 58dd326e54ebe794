#pragma once

#include "engine/entry.hpp"
#include "engine/ids.hpp"
#include "engine/player_ledger.hpp"
#include "engine/workspace.hpp"
#include "http/json.hpp"

#include <optional>
#include <string>
#include <string_view>

/// The objects that the Trackdesk calls answer with. Pure functions of what is stored.
namespace croupier::http::trackdesk {

/// What rendering needs beside the thing itself. The workspace must be at least as new as what is rendered.
struct row_context {
  const workspace& ws;
  const folder_key& key;
};

/// Whose row it is.
struct client_name {
  player_number number;
  brand_number brand;
  std::string_view external_id;
};

inline client_name client_of(const player_profile& player) noexcept {
  return {player.number, player.brand, player.external_id};
}

/// A row of the list of movements. `movement` is the content of `at_entry`; `settlement` the id of the account
/// settlement that covers it, empty while it is open; nothing: not known, and the row says so.
void write_movement(json::writer& out, const row_context& context, const client_name& client,
                    const committed_entry& at_entry, const movement_recorded& movement,
                    const std::optional<std::string>& settlement);

/// A player with its balances; every defined metric is listed. `open`: what of its revshare no settlement covers;
/// nothing: not known, and left out.
void write_balances(json::writer& out, const row_context& context, const player_state& player,
                    const std::optional<commission>& open);

/// A row of the list of players: the same with whom it is attributed to.
void write_player(json::writer& out, const row_context& context, const player_state& player,
                  const std::optional<commission>& open);

/// `{"integerMetrics": [...], "decimalMetrics": [...]}`: the definitions.
std::string metric_definitions(const workspace& ws, bool with_archived);

} // namespace croupier::http::trackdesk
