#include "engine/report_table.hpp"

#include "engine/check.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace croupier {
namespace {

constexpr auto currency_place = static_cast<std::size_t>(report_dimension::currency) - 2;

/// Where a dimension of cells is in a part.
std::size_t place_in_part(report_dimension dimension) noexcept {
  CROUPIER_ASSERT(dimension != report_dimension::date && dimension != report_dimension::player,
                  "days and players are no part of a cell");
  if (dimension == report_dimension::currency) return currency_place;
  return static_cast<std::size_t>(dimension) - 1;
}

std::uint32_t packed(currency_code currency) noexcept {
  std::uint32_t bits = 0;
  for (const char letter : currency.letters) bits = bits << 8U | static_cast<unsigned char>(letter);
  return bits;
}

std::uint64_t mixed(std::uint64_t before, std::uint64_t value) noexcept {
  const auto product = (before ^ value) * 0x9e3779b97f4a7c15U;
  return product ^ product >> 29U;
}

/// Calls with the table that a dimension's numbers are places in; nothing when it has none.
template<class Visit>
void with_table(const workspace& ws, report_dimension dimension, Visit visit) {
  switch (dimension) {
  case report_dimension::brand: return visit(ws.brands());
  case report_dimension::affiliate: return visit(ws.affiliates());
  case report_dimension::campaign: return visit(ws.offers());
  case report_dimension::link: return visit(ws.links());
  case report_dimension::creative: return visit(ws.creatives());
  case report_dimension::marketing_source: return visit(ws.sources());
  case report_dimension::date:
  case report_dimension::country:
  case report_dimension::sub1:
  case report_dimension::sub2:
  case report_dimension::sub3:
  case report_dimension::sub4:
  case report_dimension::sub5:
  case report_dimension::player:
  case report_dimension::currency: return;
  }
}

bool is_text(report_dimension dimension) noexcept {
  return dimension == report_dimension::country ||
         (dimension >= report_dimension::sub1 && dimension <= report_dimension::sub5);
}

constexpr std::uint32_t no_currency = 'X' << 16U | 'X' << 8U | 'X';

} // namespace

std::size_t report_builder::part_hash::operator()(const part& of) const noexcept {
  std::uint64_t hash = 0;
  for (const auto value : of) hash = mixed(hash, value);
  return static_cast<std::size_t>(hash);
}

std::size_t report_builder::group_hash::operator()(const group_key& of) const noexcept {
  const auto low = std::uint64_t{static_cast<std::uint32_t>(of.day)} << 32U | of.part;
  return static_cast<std::size_t>(mixed(mixed(0, low), of.player.value));
}

report_builder::report_builder(const report_query& query, const workspace& ws, const report_cells& cells,
                               std::vector<player_number> players)
    : query_(query), ws_(ws), cells_(cells), part_of_cell_(cells.size(), unknown) {
  for (const auto dimension : query.dimensions) {
    by_day_ |= dimension == report_dimension::date;
    by_player_ |= dimension == report_dimension::player;
  }
  for (const auto& filter : query.filters) {
    if (filter.dimension == report_dimension::player)
      filters_players_ = true;
    else
      filters_.push_back(resolve(filter));
  }
  for (const auto player : players) players_.insert(player.value);
}

report_builder::resolved_filter report_builder::resolve(const report_filter& filter) const {
  resolved_filter resolved{filter.dimension, {}};
  for (const auto& value : filter.values) {
    if (filter.dimension == report_dimension::currency) {
      if (value == report_none) resolved.allowed.insert(no_currency);
      if (const auto code = currency_code::parse(value)) resolved.allowed.insert(packed(*code));
    } else if (value == report_none) {
      resolved.allowed.insert(0);
    } else if (is_text(filter.dimension)) {
      if (const auto known = cells_.find_text(value); known.value != 0) resolved.allowed.insert(known.value);
    }
    with_table(ws_, filter.dimension, [&](const auto& table) {
      for (const auto& object : table)
        if (object.name == value || object.id.text() == value) resolved.allowed.insert(object.number.value);
    });
  }
  return resolved;
}

std::uint32_t report_builder::value_of(const report_cell& cell, report_dimension dimension) noexcept {
  switch (dimension) {
  case report_dimension::brand: return cell.brand.value;
  case report_dimension::affiliate: return cell.affiliate.value;
  case report_dimension::campaign: return cell.offer.value;
  case report_dimension::link: return cell.link.value;
  case report_dimension::creative: return cell.creative.value;
  case report_dimension::country: return cell.country.value;
  case report_dimension::marketing_source: return cell.source.value;
  case report_dimension::sub1: return cell.subs[0].value;
  case report_dimension::sub2: return cell.subs[1].value;
  case report_dimension::sub3: return cell.subs[2].value;
  case report_dimension::sub4: return cell.subs[3].value;
  case report_dimension::sub5: return cell.subs[4].value;
  case report_dimension::currency: return packed(cell.currency);
  case report_dimension::date:
  case report_dimension::player: break;
  }
  CROUPIER_ASSERT(false, "days and players are no part of a cell");
  return 0;
}

bool report_builder::passes(const report_cell& cell) const {
  if (query_.brands && std::find(query_.brands->begin(), query_.brands->end(), cell.brand) == query_.brands->end())
    return false;
  return std::all_of(filters_.begin(), filters_.end(), [&](const resolved_filter& filter) {
    return filter.allowed.contains(value_of(cell, filter.dimension));
  });
}

std::uint32_t report_builder::part_of(cell_number cell) {
  if (cell.value >= part_of_cell_.size()) part_of_cell_.resize(cells_.size(), unknown); // cells that were added since
  auto& known = part_of_cell_[cell.value];
  if (known != unknown) return known;
  const auto& what = cells_[cell];
  if (!passes(what)) return known = left_out;
  part made{};
  for (const auto dimension : query_.dimensions)
    if (dimension != report_dimension::date && dimension != report_dimension::player)
      made[place_in_part(dimension)] = value_of(what, dimension);
  made[currency_place] = packed(what.currency);
  const auto [place, is_new] = number_of_part_.try_emplace(made, static_cast<std::uint32_t>(parts_.size()));
  if (is_new) parts_.push_back(made);
  return known = place->second;
}

std::uint32_t& report_builder::quick_place(const group_key& key) {
  if (quick_day_ != key.day) {
    quick_day_ = key.day;
    group_of_part_.clear();
  }
  if (key.part >= group_of_part_.size()) group_of_part_.resize(parts_.size(), unknown);
  auto& place = group_of_part_[key.part];
  if (place == unknown)
    if (const auto before = group_of_key_.find(key); before != group_of_key_.end()) place = before->second;
  return place;
}

report_builder::group* report_builder::group_at(const group_key& key) {
  if (!by_player_) {
    auto& place = quick_place(key);
    if (place != unknown) return &groups_[place];
    place = static_cast<std::uint32_t>(groups_.size());
  }
  const auto [place, is_new] = group_of_key_.try_emplace(key, static_cast<std::uint32_t>(groups_.size()));
  if (is_new) {
    if (groups_.size() == report_rows_max) return nullptr;
    groups_.push_back({key, {}});
  }
  return &groups_[place->second];
}

bool report_builder::add(day_number day, player_number player, cell_number cell, const report_figures& figures) {
  const auto of_cell = part_of(cell);
  if (of_cell == left_out || (filters_players_ && !players_.contains(player.value)) || !has_row(figures)) return true;
  auto* into = group_at({by_day_ ? day : 0, of_cell, by_player_ ? player : player_number{}});
  if (into == nullptr) return false;
  into->figures += figures;
  return true;
}

/// A row that has nothing of what was asked for adds nothing to any sum that is shown. What rates are made of counts,
/// too: without their divisors they would be of other clicks.
bool report_builder::has_row(const report_figures& figures) const noexcept {
  return std::any_of(query_.measures.begin(), query_.measures.end(), [&](report_measure measure) {
    return kind_of(measure) == measure_kind::rate ? !figures.is_zero() : !figures.is_zero(measure);
  });
}

bool report_builder::splits_currencies() const {
  const auto is_money = [](report_measure one) { return kind_of(one) == measure_kind::money; };
  if (!std::any_of(query_.measures.begin(), query_.measures.end(), is_money)) return false;
  std::uint32_t first = no_currency;
  for (const auto& one : groups_) {
    const auto currency = parts_[one.key.part][currency_place];
    if (currency == no_currency) continue;
    if (first == no_currency) first = currency;
    if (currency != first) return true;
  }
  return false;
}

/// The texts of keys. Names that two objects of the report share get the objects' ids.
struct report_builder::labels {
  labels(const report_builder& from, const std::function<player_words(player_number)>& players) : of(from) {
    for (const auto dimension : of.query_.dimensions) gather(dimension);
    if (of.by_player_) gather_players(players);
  }

  void gather(report_dimension dimension) {
    with_table(of.ws_, dimension, [&](const auto& table) {
      auto& texts = names[dimension];
      std::unordered_map<std::string_view, std::size_t> holders;
      for (const auto& each : of.parts_) {
        const auto number = each[place_in_part(dimension)];
        if (number == 0 || number > table.size() || !texts.emplace(number, table[number - 1].name).second) continue;
        ++holders[table[number - 1].name];
      }
      for (auto& [number, text] : texts)
        if (holders.at(table[number - 1].name) > 1) text += " (" + table[number - 1].id.text() + ")";
    });
  }

  void gather_players(const std::function<player_words(player_number)>& players) {
    std::unordered_map<std::uint64_t, player_words> words;
    std::unordered_map<std::string, std::size_t> holders;
    for (const auto& one : of.groups_) {
      const auto number = one.key.player;
      if (number.value == 0 || words.contains(number.value)) continue;
      ++holders[words.emplace(number.value, players(number)).first->second.external_id];
    }
    for (const auto& [number, each] : words)
      player_names[number] =
          holders.at(each.external_id) > 1 ? each.external_id + " (" + each.id + ")" : each.external_id;
  }

  std::string key(const group& from, report_dimension dimension) const {
    if (dimension == report_dimension::date) return text_of_day(from.key.day);
    if (dimension == report_dimension::player)
      return from.key.player.value == 0 ? std::string(report_none) : player_names.at(from.key.player.value);
    const auto value = of.parts_[from.key.part][place_in_part(dimension)];
    if (dimension == report_dimension::currency) {
      if (value == no_currency) return std::string(report_none);
      return {static_cast<char>(value >> 16U), static_cast<char>(value >> 8U & 0xffU),
              static_cast<char>(value & 0xffU)};
    }
    if (value == 0) return std::string(report_none);
    if (is_text(dimension)) return std::string(of.cells_.text({value}));
    const auto& texts = names.at(dimension);
    const auto known = texts.find(value);
    // Figures may be of a moment after the workspace: then there is a number without a name yet.
    return known == texts.end() ? "#" + std::to_string(value) : known->second;
  }

  const report_builder& of;
  std::map<report_dimension, std::unordered_map<std::uint32_t, std::string>> names;
  std::unordered_map<std::uint64_t, std::string> player_names;
};

report report_builder::finish(const std::function<player_words(player_number)>& players) {
  report out;
  out.dimensions = query_.dimensions;
  out.measures = query_.measures;
  const bool asked =
      std::find(out.dimensions.begin(), out.dimensions.end(), report_dimension::currency) != out.dimensions.end();
  const bool split = splits_currencies();
  if (split && !asked) out.dimensions.push_back(report_dimension::currency);
  const labels names(*this, players);
  std::map<std::string, report_figures> sums;
  for (const auto& each : groups_) {
    auto& row = out.rows.emplace_back();
    for (const auto dimension : out.dimensions) row.keys.push_back(names.key(each, dimension));
    row.figures = each.figures;
    out.total += each.figures;
    if (split) sums[names.key(each, report_dimension::currency)] += each.figures;
  }
  if (split) out.by_currency.assign(sums.begin(), sums.end());
  std::sort(out.rows.begin(), out.rows.end(),
            [](const report::row& a, const report::row& b) { return a.keys < b.keys; });
  join_equal(out.rows);
  std::erase_if(out.rows, [this](const report::row& one) { return !has_row(one.figures); });
  return out;
}

/// Groups that differ in a currency which is not shown are one row.
void report_builder::join_equal(std::vector<report::row>& rows) {
  auto last = rows.begin();
  if (last == rows.end()) return;
  for (auto next = last + 1; next != rows.end(); ++next) {
    if (next->keys == last->keys)
      last->figures += next->figures;
    else if (++last != next)
      *last = std::move(*next);
  }
  rows.erase(last + 1, rows.end());
}

} // namespace croupier
