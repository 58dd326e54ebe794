#include "persistence/report_codec.hpp"

#include "persistence/byte_codec.hpp"
#include "persistence/workspace_objects.hpp"

#include <algorithm>

namespace croupier::persistence::report_codec {
namespace {

constexpr std::uint32_t day_offset = 1U << 31U;

void put_day(std::string& out, day_number day) {
  put_fixed(out, static_cast<std::uint32_t>(day) + day_offset);
}

day_number day_in(byte_reader& in) noexcept {
  return static_cast<day_number>(in.fixed<std::uint32_t>() - day_offset);
}

template<class Value>
std::optional<Value> whole(byte_reader& in, Value value) {
  in.expect_end();
  if (in.failed()) return std::nullopt;
  return value;
}

byte_reader after_kind(std::string_view key, char kind) {
  byte_reader in(key);
  in.require(static_cast<char>(in.byte()) == kind, "a key is of another kind");
  return in;
}

} // namespace

std::string object_key(const workspace_object& object) {
  const auto place = place_of(object);
  std::string key = "o";
  put_byte(key, static_cast<std::uint8_t>(place.kind));
  put_fixed(key, place.number);
  return key;
}

std::string cell_key(cell_number cell) {
  std::string key = "c";
  put_fixed(key, cell.value);
  return key;
}

std::string player_page_key(std::size_t page) {
  std::string key = "p";
  put_fixed(key, static_cast<std::uint32_t>(page));
  return key;
}

std::string row_key(day_number day, cell_number cell) {
  std::string key = "r";
  put_day(key, day);
  put_fixed(key, cell.value);
  return key;
}

std::string day_prefix(day_number day) {
  std::string key = "d";
  put_day(key, day);
  return key;
}

std::string player_prefix(day_number day, player_number player) {
  auto key = day_prefix(day);
  put_fixed(key, player.value);
  return key;
}

std::string player_key(day_number day, player_number player, cell_number cell, sequence upto) {
  auto key = player_prefix(day, player);
  put_fixed(key, cell.value);
  put_fixed(key, upto.value);
  return key;
}

std::string encode_cell(const report_cells& cells, cell_number cell) {
  const auto& of = cells[cell];
  std::string out;
  put_varint(out, of.brand);
  put_varint(out, of.affiliate);
  put_varint(out, of.offer);
  put_varint(out, of.link);
  put_varint(out, of.creative);
  put_varint(out, of.source);
  out.append(of.currency.text());
  put_text(out, cells.text(of.country));
  for (const auto sub : of.subs) put_text(out, cells.text(sub));
  return out;
}

std::optional<cell_request> decode_cell(std::string_view value) {
  byte_reader in(value);
  cell_request cell;
  auto& numbers = cell.numbers;
  numbers.brand = in.number<brand_number>();
  numbers.affiliate = in.number<affiliate_number>();
  numbers.offer = in.number<offer_number>();
  numbers.link = in.number<link_number>();
  numbers.creative = in.number<creative_number>();
  numbers.source = in.number<source_number>();
  const auto letters = in.raw(numbers.currency.letters.size());
  std::copy(letters.begin(), letters.end(), numbers.currency.letters.begin());
  cell.country = in.text();
  for (auto& sub : cell.subs) sub = in.text();
  return whole(in, cell);
}

std::string encode_players(const std::vector<report_rollup::player_place>& players, std::size_t page) {
  std::string out;
  const auto first = page * report_rollup::players_of_page;
  const auto last = std::min(first + report_rollup::players_of_page, players.size());
  for (auto at = first; at < last; ++at) {
    put_varint(out, players[at].cell);
    put_zigzag(out, players[at].since);
  }
  return out;
}

std::optional<std::vector<report_rollup::player_place>> decode_players(std::string_view value) {
  byte_reader in(value);
  std::vector<report_rollup::player_place> players;
  while (in.remaining() > 0 && !in.failed() && players.size() < report_rollup::players_of_page) {
    auto& one = players.emplace_back();
    one.cell = in.number<cell_number>();
    one.since = static_cast<day_number>(in.zigzag64());
  }
  return whole(in, std::move(players));
}

std::string encode_figures(const report_figures& figures) {
  std::string out;
  std::uint32_t mask = 0;
  for (std::size_t i = 0; i < figures.plain.size(); ++i)
    if (figures.plain[i] != 0) mask |= 1U << i;
  for (std::size_t i = 0; i < figures.rewards.size(); ++i)
    if (!figures.rewards[i].is_zero()) mask |= 1U << (figures.plain.size() + i);
  put_varint(out, mask);
  for (const auto units : figures.plain)
    if (units != 0) put_zigzag(out, units);
  for (const auto& sum : figures.rewards) {
    if (sum.is_zero()) continue;
    put_zigzag(out, sum.whole());
    put_varint(out, static_cast<std::uint64_t>(sum.fraction()));
  }
  return out;
}

std::optional<report_figures> decode_figures(std::string_view value) {
  byte_reader in(value);
  report_figures figures;
  const auto mask = in.varint<std::uint32_t>();
  in.require(mask < 1U << kept_measures, "a measure is not one that is known");
  for (std::size_t i = 0; i < figures.plain.size(); ++i)
    if ((mask >> i & 1U) != 0) figures.plain[i] = in.zigzag();
  for (std::size_t i = 0; i < figures.rewards.size(); ++i) {
    if ((mask >> (figures.plain.size() + i) & 1U) == 0) continue;
    const auto units = in.zigzag();
    const auto fraction = in.varint();
    in.require(fraction < 1'000'000'000'000'000'000U, "a fraction is not below one");
    if (!in.failed()) figures.rewards[i] = commission_sum::from_parts(units, static_cast<std::int64_t>(fraction));
  }
  return whole(in, figures);
}

std::optional<row_place> decode_row_key(std::string_view key) {
  auto in = after_kind(key, 'r');
  row_place place;
  place.day = day_in(in);
  place.cell = {in.fixed<std::uint32_t>()};
  return whole(in, place);
}

std::optional<row_place> decode_player_key(std::string_view key) {
  auto in = after_kind(key, 'd');
  row_place place;
  place.day = day_in(in);
  place.player = {in.fixed<std::uint64_t>()};
  place.cell = {in.fixed<std::uint32_t>()};
  in.fixed<std::uint64_t>();
  return whole(in, place);
}

std::optional<std::size_t> decode_page_key(std::string_view key) {
  auto in = after_kind(key, 'p');
  return whole(in, std::size_t{in.fixed<std::uint32_t>()});
}

} // namespace croupier::persistence::report_codec
