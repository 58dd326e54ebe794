#include "persistence/checkpoint_codec.hpp"

#include "persistence/byte_codec.hpp"
#include "persistence/player_overlay.hpp"
#include "persistence/record_codec.hpp"

#include <algorithm>
#include <limits>

// The grammar of the checkpoint, in the words of record_codec.cpp. Each line: column family, key = value.
//
//   players   player:u64 = player                              merged, see below
//   names     brand:u16 external_id (the rest) = player:v
//   requests  request_hash:u64 player_hash:u64 = sequence:v
//   history   player:u64 sequence:u64 = ordinal:v
//   meta      "checkpoint/object/" kind:u8 number:u32 = object, in the grammar of workspace_codec.cpp
//   meta      "checkpoint/position" = version:u8 position next_player_number:v player_count:v
//
//   player    := version:u8 flags:u8 since:v last_entry:v updated_at_us:z movement_count:v revshare:z
//                [profile] balances:v (metric:v value:z){balances}           flags: bit 0 profile; balances ascend
//   profile   := brand:v external_id:text registered_at_us:z registered_entry:v attributed_entry:v click:v link:v
//                offer:v affiliate:v
//   position  := last:v time_us:z chain:32 bytes movement_count:v
//
// `version` is 1 everywhere. A player's value covers the entries in (since, last_entry]; the values that checkpoints
// add are merge operands, and merging two neighbours gives the value of the joined range. Overlapping ranges do not
// merge: revshare is a sum, and an overlap would pay twice.

namespace croupier::persistence {

namespace {

constexpr std::uint8_t value_version = 1;
constexpr std::uint8_t has_profile = 1;
/// Totals that nobody read. Older folders have them still; newer ones do not.
constexpr std::string_view retired_prefix = "checkpoint/affiliate/";
constexpr std::string_view object_prefix = "checkpoint/object/";

struct player_value {
  player_delta delta;
  sequence since;
};

void read_version(byte_reader& in) noexcept {
  in.require(in.byte() == value_version, "the value has a version that this build does not know");
}

void put_profile(std::string& out, const player_profile& profile) {
  put_varint(out, profile.brand);
  put_text(out, profile.external_id);
  put_zigzag(out, profile.registered_at.unix_us);
  put_varint(out, profile.registered_entry);
  put_varint(out, profile.attributed_entry);
  put_varint(out, profile.click);
  put_varint(out, profile.link);
  put_varint(out, profile.offer);
  put_varint(out, profile.affiliate);
}

player_profile read_profile(byte_reader& in) {
  player_profile profile;
  profile.brand = in.number<brand_number>();
  profile.external_id = in.text();
  profile.registered_at = timestamp{in.zigzag64()};
  profile.registered_entry = in.number<sequence>();
  profile.attributed_entry = in.number<sequence>();
  profile.click = in.number<sequence>();
  profile.link = in.number<link_number>();
  profile.offer = in.number<offer_number>();
  profile.affiliate = in.number<affiliate_number>();
  return profile;
}

void read_balances(byte_reader& in, std::vector<balance>& balances) {
  const auto count = in.varint();
  // Two bytes a balance at least: a count that lies is found before anything is allocated for it.
  in.require(count <= in.remaining() / 2, "a player has fewer balances than it says");
  if (in.failed()) return;
  balances.reserve(count);
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    const auto metric = in.number<metric_number>();
    in.require(i == 0 || metric > balances.back().metric, "the balances of a player are not ascending");
    balances.push_back({metric, amount::from_units(in.zigzag())});
  }
}

std::optional<player_value> read_player(std::string_view bytes) {
  byte_reader in(bytes);
  player_value value;
  read_version(in);
  const auto flags = in.byte();
  in.require((flags & ~has_profile) == 0, "an unknown flag is set");
  value.since = in.number<sequence>();
  value.delta.last_entry = in.number<sequence>();
  value.delta.updated_at = timestamp{in.zigzag64()};
  value.delta.movement_count = in.varint();
  value.delta.revshare_earned = commission::from_units(in.zigzag());
  if ((flags & has_profile) != 0) value.delta.profile = read_profile(in);
  read_balances(in, value.delta.balances);
  in.expect_end();
  if (in.failed()) return std::nullopt;
  return value;
}

/// Both ascending; on equal metrics the newer one stays.
void put_balances_on_top(std::vector<balance>& older, const std::vector<balance>& newer) {
  auto at = older.begin();
  for (const auto& one : newer) {
    while (at != older.end() && at->metric < one.metric) ++at;
    if (at != older.end() && at->metric == one.metric)
      at->value = one.value;
    else
      at = older.insert(at, one);
  }
}

/// False when the newer value does not follow the older one, or the revshare leaves 128 bits.
bool put_on_top(player_value& older, player_value&& newer) {
  auto& sum = older.delta;
  auto& top = newer.delta;
  if (newer.since < sum.last_entry) return false;
  const auto revshare = sum.revshare_earned.plus(top.revshare_earned);
  if (!revshare) return false;
  sum.revshare_earned = *revshare;
  put_balances_on_top(sum.balances, top.balances);
  if (top.profile)
    sum.profile = sum.profile ? newest_profile(*sum.profile, std::move(*top.profile)) : std::move(top.profile);
  if (top.movement_count != 0) sum.movement_count = top.movement_count;
  sum.last_entry = top.last_entry;
  sum.updated_at = top.updated_at;
  return true;
}

std::string keyed(std::string_view prefix, std::uint32_t number) {
  std::string key(prefix);
  put_fixed(key, number);
  return key;
}

std::uint32_t number_of(const workspace_changed::object& object) {
  return std::visit(
      [](const auto& value) -> std::uint32_t {
        if constexpr (std::is_integral_v<std::remove_cvref_t<decltype(value.number)>>)
          return value.number;
        else
          return value.number.value;
      },
      object);
}

} // namespace

// -- players ----------------------------------------------------------------------------------------------------------

std::string player_key(player_number number) {
  std::string key;
  put_fixed(key, number.value);
  return key;
}

std::optional<player_number> player_of_key(std::string_view key) noexcept {
  byte_reader in(key);
  const player_number number{in.fixed<std::uint64_t>()};
  in.expect_end();
  if (in.failed()) return std::nullopt;
  return number;
}

std::string encode_player(const player_delta& delta, sequence since) {
  std::string out;
  put_byte(out, value_version);
  put_byte(out, delta.profile ? has_profile : 0);
  put_varint(out, since);
  put_varint(out, delta.last_entry);
  put_zigzag(out, delta.updated_at.unix_us);
  put_varint(out, delta.movement_count);
  put_zigzag(out, delta.revshare_earned.units());
  if (delta.profile) put_profile(out, *delta.profile);
  put_varint(out, delta.balances.size());
  for (const auto& [metric, value] : delta.balances) {
    put_varint(out, metric);
    put_zigzag(out, value.units());
  }
  return out;
}

std::optional<std::string> merge_players(std::span<const std::string_view> values) {
  if (values.empty()) return std::nullopt;
  if (values.size() == 1) return std::string(values.front());
  auto sum = read_player(values.front());
  if (!sum) return std::nullopt;
  for (const auto value : values.subspan(1)) {
    auto next = read_player(value);
    if (!next || !put_on_top(*sum, std::move(*next))) return std::nullopt;
  }
  return encode_player(sum->delta, sum->since);
}

std::optional<player_state> decode_player(player_number number, std::string_view value) {
  auto read = read_player(value);
  if (!read || !read->delta.profile) return std::nullopt;
  player_state state;
  state.profile = std::move(*read->delta.profile);
  state.profile.number = number;
  state.balances = std::move(read->delta.balances);
  state.revshare_total = read->delta.revshare_earned;
  state.movement_count = read->delta.movement_count;
  state.last_entry = read->delta.last_entry;
  state.updated_at = read->delta.updated_at;
  return state;
}

// -- indexes ----------------------------------------------------------------------------------------------------------

std::string name_key(brand_number brand, std::string_view external_id) {
  std::string key;
  put_fixed(key, brand.value);
  key.append(external_id);
  return key;
}

std::string request_hash_prefix(std::uint64_t request_hash) {
  std::string key;
  put_fixed(key, request_hash);
  return key;
}

std::string request_index_key(const request_key& key) {
  std::string bytes;
  put_fixed(bytes, key.request_hash);
  put_fixed(bytes, key.player_hash);
  return bytes;
}

std::optional<std::pair<brand_number, std::string_view>> decode_name(std::string_view key) noexcept {
  byte_reader in(key);
  const brand_number brand{in.fixed<std::uint16_t>()};
  if (in.failed()) return std::nullopt;
  return std::pair(brand, key.substr(key.size() - in.remaining()));
}

std::optional<request_key> decode_request_key(std::string_view key) noexcept {
  byte_reader in(key);
  request_key read;
  read.request_hash = in.fixed<std::uint64_t>();
  read.player_hash = in.fixed<std::uint64_t>();
  in.expect_end();
  if (in.failed()) return std::nullopt;
  return read;
}

std::string history_key(player_number player, sequence at) {
  std::string key;
  put_fixed(key, player.value);
  put_fixed(key, at.value);
  return key;
}

std::optional<history_row> decode_history(std::string_view key, std::string_view value) noexcept {
  byte_reader in(key);
  history_row row;
  row.player = player_number{in.fixed<std::uint64_t>()};
  row.at = sequence{in.fixed<std::uint64_t>()};
  in.expect_end();
  const auto ordinal = decode_number(value);
  if (in.failed() || !ordinal) return std::nullopt;
  row.ordinal = *ordinal;
  return row;
}

std::string encode_number(std::uint64_t number) {
  std::string value;
  put_varint(value, number);
  return value;
}

std::optional<std::uint64_t> decode_number(std::string_view value) noexcept {
  byte_reader in(value);
  const auto number = in.varint();
  in.expect_end();
  if (in.failed()) return std::nullopt;
  return number;
}

// -- head -------------------------------------------------------------------------------------------------------------

std::string object_key(const workspace_changed::object& object) {
  std::string prefix(object_prefix);
  std::string bytes;
  encode_object(object, bytes);
  prefix.push_back(bytes[0]); // the kind
  return keyed(prefix, number_of(object));
}

std::string encode_head_record(const head_record& record) {
  std::string out;
  put_byte(out, value_version);
  put_position(out, record.valid_for);
  put_varint(out, record.next_player_number);
  put_varint(out, record.player_count);
  return out;
}

std::optional<head_record> decode_head_record(std::string_view value) {
  byte_reader in(value);
  head_record record;
  read_version(in);
  record.valid_for = read_position(in);
  record.next_player_number = in.varint();
  record.player_count = in.varint();
  in.expect_end();
  if (in.failed()) return std::nullopt;
  return record;
}

result<done, std::string> read_head_part(std::string_view key, std::string_view value, checkpoint_head& head) {
  if (key == head_position_key) {
    const auto record = decode_head_record(value);
    if (!record) return std::string("the position of the checkpoint is malformed");
    head.valid_for = record->valid_for;
    head.next_player_number = record->next_player_number;
    head.player_count = record->player_count;
    return done{};
  }
  if (key.starts_with(object_prefix)) {
    auto object = decode_object(value);
    if (!object) return object.error();
    head.workspace.push_back(std::move(*object));
    return done{};
  }
  if (key.starts_with(retired_prefix)) return done{};
  return std::string("a part of the checkpoint's head is malformed");
}

// -- positions --------------------------------------------------------------------------------------------------------

void put_position(std::string& out, const position& value) {
  put_varint(out, value.last);
  put_zigzag(out, value.time.unix_us);
  out.append(value.chain.begin(), value.chain.end());
  put_varint(out, value.movement_count);
}

position read_position(byte_reader& in) {
  position value;
  value.last = in.number<sequence>();
  value.time = timestamp{in.zigzag64()};
  const auto chain = in.raw(value.chain.size());
  std::copy(chain.begin(), chain.end(), value.chain.begin());
  value.movement_count = in.varint();
  return value;
}

} // namespace croupier::persistence
