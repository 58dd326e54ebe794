#pragma once

#include "engine/result.hpp"
#include "persistence/checkpoint_store.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace croupier::persistence {

/// Keys and values of the checkpoint's column families. The grammar stands in checkpoint_codec.cpp. Keys sort as the
/// runs of a checkpoint do. Decoders answer nothing on bytes that are not of the grammar, and read nothing outside.

// -- players ----------------------------------------------------------------------------------------------------------

std::string player_key(player_number number);
std::optional<player_number> player_of_key(std::string_view key) noexcept;

/// `since`: the sequence that the checkpoint before was valid for; the delta holds what came after it.
std::string encode_player(const player_delta& delta, sequence since);

/// Puts neighbouring values of one player, oldest first, on top of each other: newest balances win metric by metric,
/// revshare adds up. A single one is taken as it is. Nothing when one is malformed, when one does not begin after the
/// last entry of the one before (money would be counted twice) or when the revshare leaves 128 bits.
std::optional<std::string> merge_players(std::span<const std::string_view> values);

/// The state that the merged values of a player amount to; nothing when malformed or never registered.
std::optional<player_state> decode_player(player_number number, std::string_view value);

// -- indexes ----------------------------------------------------------------------------------------------------------

std::string name_key(brand_number brand, std::string_view external_id);
std::string request_hash_prefix(std::uint64_t request_hash);
std::string request_index_key(const request_key& key);
/// The parts of such keys; the view points into `key`.
std::optional<std::pair<brand_number, std::string_view>> decode_name(std::string_view key) noexcept;
std::optional<request_key> decode_request_key(std::string_view key) noexcept;
std::string history_key(player_number player, sequence at);
/// The row of a history key and its value.
std::optional<history_row> decode_history(std::string_view key, std::string_view value) noexcept;

/// Values that are one number: names, requests, history.
std::string encode_number(std::uint64_t number);
std::optional<std::uint64_t> decode_number(std::string_view value) noexcept;

// -- head -------------------------------------------------------------------------------------------------------------

/// All keys of the head begin with this one; other keys of its column family do not.
inline constexpr std::string_view head_prefix = "checkpoint/";
inline constexpr std::string_view head_position_key = "checkpoint/position";

std::string object_key(const workspace_changed::object& object);

/// The value of head_position_key.
struct head_record {
  position valid_for;
  std::uint64_t next_player_number = 1;
  std::uint64_t player_count = 0;
};
std::string encode_head_record(const head_record& record);
std::optional<head_record> decode_head_record(std::string_view value);

/// Takes one key-value of the head into `head`. The error says what is wrong.
result<done, std::string> read_head_part(std::string_view key, std::string_view value, checkpoint_head& head);

// -- positions --------------------------------------------------------------------------------------------------------

void put_position(std::string& out, const position& value);
class byte_reader;
position read_position(byte_reader& in);

} // namespace croupier::persistence
