#pragma once

#include "engine/report_rollup.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace croupier::persistence::report_codec {

/// Keys and values of the books of reports. The first byte of a key says what it is; numbers in keys are big-endian,
/// days are offset so that they sort. Values are made of the primitives in byte_codec.hpp.
///
///   'o' kind(1) number(8)        object of the workspace, as in a record
///   'c' cell(4)                  numbers of the cell, currency (3 bytes), texts of country and sub ids
///   'p' page(4)                  of each of 512 players: cell, day since when (zigzag)
///   'r' day(4) cell(4)           figures: mask of measures that are not zero, and each of these: units (zigzag), of
///                                rewards whole units (zigzag) and fraction
///   'd' day(4) player(8) cell(4) upto(8)   the same of one player: what the entries since the last save did

/// Of keys and values together. 0 is no format: nothing is ever saved as that.
inline constexpr std::uint32_t report_format = 1;

std::string object_key(const workspace_object& object);
std::string cell_key(cell_number cell);
std::string player_page_key(std::size_t page);
std::string row_key(day_number day, cell_number cell);
/// The start of the keys of a player on a day.
std::string player_prefix(day_number day, player_number player);
std::string player_key(day_number day, player_number player, cell_number cell, sequence upto);
/// The start of the keys of a day's players.
std::string day_prefix(day_number day);

std::string encode_cell(const report_cells& cells, cell_number cell);
std::string encode_players(const std::vector<report_rollup::player_place>& players, std::size_t page);
std::string encode_figures(const report_figures& figures);

// All of these give nothing when the bytes are not in the grammar.
/// Its texts are views of `value`.
std::optional<cell_request> decode_cell(std::string_view value);
std::optional<std::vector<report_rollup::player_place>> decode_players(std::string_view value);
std::optional<report_figures> decode_figures(std::string_view value);

struct row_place {
  day_number day = 0;
  player_number player; ///< of player_key only
  cell_number cell;
};
std::optional<row_place> decode_row_key(std::string_view key);
std::optional<row_place> decode_player_key(std::string_view key);
std::optional<std::size_t> decode_page_key(std::string_view key);

} // namespace croupier::persistence::report_codec
