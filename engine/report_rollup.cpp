#include "engine/report_rollup.hpp"

#include "engine/check.hpp"

#include <algorithm>
#include <type_traits>
#include <variant>

namespace croupier {
namespace {

constexpr int128 whole_unit = 100'000'000; // of an amount

/// What a line of an account adds to which reward; nothing when it only moves what was earned before.
std::optional<report_measure> reward_of(adjustment_reason reason) noexcept {
  switch (reason) {
  case adjustment_reason::cpa_released:
  case adjustment_reason::cpa_reversed: return report_measure::cpa_reward;
  case adjustment_reason::tier_true_up:
  case adjustment_reason::fence_offset: return report_measure::revshare_reward;
  case adjustment_reason::manual:
  case adjustment_reason::fence_carried:
  case adjustment_reason::deficit_forgiven:
  case adjustment_reason::deficit_carried:
  case adjustment_reason::deficit_offset:
  case adjustment_reason::advance_recouped: return std::nullopt;
  }
  return std::nullopt;
}

currency_code currency_of(const brand* of) noexcept {
  return of == nullptr ? currency_code{} : currency_code::parse(of->currency).value_or(currency_code{});
}

// clang-format off
std::size_t objects_in_table(const workspace& ws, const brand&) { return ws.brands().size(); }
std::size_t objects_in_table(const workspace& ws, const metric&) { return ws.metrics().size(); }
std::size_t objects_in_table(const workspace& ws, const affiliate&) { return ws.affiliates().size(); }
std::size_t objects_in_table(const workspace& ws, const offer&) { return ws.offers().size(); }
std::size_t objects_in_table(const workspace& ws, const tracking_link&) { return ws.links().size(); }
std::size_t objects_in_table(const workspace& ws, const api_key&) { return ws.api_keys().size(); }
std::size_t objects_in_table(const workspace& ws, const commission_plan&) { return ws.plans().plans().size(); }
std::size_t objects_in_table(const workspace& ws, const marketing_source&) { return ws.sources().size(); }
std::size_t objects_in_table(const workspace& ws, const creative&) { return ws.creatives().size(); }
std::size_t objects_in_table(const workspace& ws, const event_mapping&) { return ws.mappings().size(); }
std::size_t objects_in_table(const workspace& ws, const destination&) { return ws.destinations().size(); }
std::size_t objects_in_table(const workspace& ws, const report_preset&) { return ws.presets().size(); }
// clang-format on

} // namespace

void report_rollup::apply(const committed_entry& next, std::vector<report_change>& changes) {
  context in{next.time, &changes};
  std::visit([&](const auto& what) { take(what, in); }, next.what);
}

void report_rollup::take(const workspace_changed& what, context&) {
  std::visit([this](const auto& object) { ws_.put(object); }, what.after);
  unsaved_.objects.push_back(what.after);
}

void report_rollup::take(const player_registered& what, context& in) {
  create(what.profile, {}, in);
}

void report_rollup::take(const player_attributed& what, context& in) {
  attribute(what.profile, {}, in);
}

void report_rollup::take(const movement_recorded& what, context& in) {
  const std::string_view country = what.event ? what.event->country : std::string_view();
  switch (what.joined) {
  case profile_change::none: break;
  case profile_change::created: create(what.profile, country, in); break;
  case profile_change::attributed: attribute(what.profile, country, in); break;
  }
  const auto day = local_day(what.brand, in.time);
  const auto cell = place_of(what.player).cell;
  if (!what.opening) take_metrics(what, day, cell, in);
  if (what.revshare) add(in, day, what.player, cell, report_measure::revshare_reward, what.revshare->earned.units());
}

void report_rollup::take_metrics(const movement_recorded& what, day_number day, cell_number cell, context& in) {
  using enum report_measure;
  const auto count = [&](report_measure measure, int128 units) { add(in, day, what.player, cell, measure, units); };
  const bool counts_deposits = ws_.metric_that_means(metric_meaning::deposit_count).value != 0;
  const bool has_ggr = ws_.metric_that_means(metric_meaning::ggr).value != 0;
  if (what.first_deposit) count(ftd_count, 1);
  for (const auto& change : what.changes) {
    const auto* known = ws_.find(change.metric);
    if (known == nullptr) continue; // a hidden one
    const auto units = change.delta.units();
    switch (known->meaning) {
    case metric_meaning::none: break;
    case metric_meaning::deposits:
      count(deposit_amount, units);
      if (what.first_deposit) count(ftd_amount, units);
      if (!counts_deposits && units > 0) count(deposit_count, 1);
      break;
    case metric_meaning::deposit_count: count(deposit_count, units / whole_unit); break;
    case metric_meaning::withdrawals: count(withdrawal_amount, units); break;
    case metric_meaning::chargebacks: count(chargeback_amount, units); break;
    case metric_meaning::bonuses: count(bonus_amount, units); break;
    case metric_meaning::wagered:
      if (!has_ggr) count(ggr, units);
      break;
    case metric_meaning::won:
      if (!has_ggr) count(ggr, -units);
      break;
    case metric_meaning::ngr: count(ngr, units); break;
    case metric_meaning::ggr: count(ggr, units); break;
    }
  }
}

void report_rollup::take(const click_tracked& what, context& in) {
  if (what.bot) return;
  cell_request wanted{cell_of_link(what.link), {}, subs_of(what.link, what.sub_ids)};
  wanted.numbers.offer = what.offer;
  wanted.numbers.affiliate = what.affiliate;
  const auto cell = cells_.take(wanted);
  const auto day = local_day(wanted.numbers.brand, in.time);
  add(in, day, {}, cell, report_measure::click_count, 1);
  if (what.unique) add(in, day, {}, cell, report_measure::unique_click_count, 1);
}

void report_rollup::take(const impressions_counted& what, context& in) {
  cell_request wanted{cell_of_link(what.link), {}, subs_of(what.link, {})};
  wanted.numbers.creative = what.creative;
  if (what.affiliate.value != 0) wanted.numbers.affiliate = what.affiliate;
  if (wanted.numbers.offer.value == 0)
    if (const auto* shown = ws_.find(what.creative)) wanted.numbers.offer = shown->offer;
  const auto day = local_day(wanted.numbers.brand, in.time);
  add(in, day, {}, cells_.take(wanted), report_measure::banner_view_count, static_cast<int128>(what.count));
}

void report_rollup::take(const account_adjusted& what, context& in) {
  take_line(what.account, what.line, in);
}

void report_rollup::take(const account_closed& what, context& in) {
  for (const auto& line : what.close.adjustments) take_line(what.account, line, in);
}

void report_rollup::take_line(const account_key& account, const account_adjustment& line, context& in) {
  const auto reward = reward_of(line.reason);
  if (!reward || line.change.open.is_zero()) return;
  auto cell = place_of(line.player).cell;
  if (cell.value == 0) {
    report_cell numbers;
    numbers.brand = line.brand;
    numbers.affiliate = account.affiliate;
    numbers.currency = account.currency;
    if (const auto* plan = ws_.plans().find(line.plan)) numbers.offer = plan->offer;
    cell = cells_.take({numbers, {}, {}});
  }
  add(in, local_day(cells_[cell].brand, line.effective_at), line.player, cell, *reward, line.change.open.units());
}

void report_rollup::create(const player_profile& who, std::string_view country, context& in) {
  const player_place place{cell_of(who, country), local_day(who.brand, in.time)};
  set_place(who.number, place);
  add(in, place.since, who.number, place.cell, report_measure::registration_count, 1);
}

void report_rollup::attribute(const player_profile& who, std::string_view country, context& in) {
  const auto before = place_of(who.number);
  const std::string known_country(country.empty() ? cells_.text(cells_[before.cell].country) : country);
  const player_place now{cell_of(who, known_country), before.since};
  set_place(who.number, now);
  add(in, now.since, who.number, before.cell, report_measure::registration_count, -1);
  add(in, now.since, who.number, now.cell, report_measure::registration_count, 1);
}

cell_number report_rollup::cell_of(const player_profile& who, std::string_view country) {
  cell_request wanted{cell_of_link(who.link), country, {}};
  wanted.numbers.brand = who.brand;
  wanted.numbers.currency = currency_of(ws_.find(who.brand));
  wanted.numbers.offer = who.offer;
  wanted.numbers.affiliate = who.affiliate;
  std::optional<click_words> said;
  if (who.click.value != 0) said = find_click_(who.click);
  std::array<std::string_view, 5> told;
  if (said) std::copy(said->sub_ids.begin(), said->sub_ids.end(), told.begin());
  wanted.subs = subs_of(who.link, told);
  return cells_.take(wanted);
}

report_cell report_rollup::cell_of_link(link_number link) const noexcept {
  report_cell cell;
  cell.link = link;
  if (ws_.brands().size() == 1) {
    cell.brand = ws_.brands().front().number;
    cell.currency = currency_of(&ws_.brands().front());
  }
  const auto* known = ws_.find(link);
  if (known == nullptr) return cell;
  cell.offer = known->offer;
  cell.affiliate = known->affiliate;
  cell.creative = known->creative;
  cell.source = known->source;
  return cell;
}

std::array<std::string_view, 5> report_rollup::subs_of(link_number link,
                                                       const std::array<std::string_view, 5>& told) const noexcept {
  auto subs = told;
  if (const auto* known = ws_.find(link))
    for (std::size_t i = 0; i < subs.size(); ++i)
      if (subs[i].empty()) subs[i] = known->sub_ids[i];
  return subs;
}

day_number report_rollup::local_day(brand_number brand, timestamp time) const noexcept {
  constexpr std::int64_t minute_us = 60'000'000;
  const auto* known = ws_.find(brand);
  return day_of({time.unix_us + (known == nullptr ? 0 : known->utc_offset_minutes * minute_us)});
}

report_rollup::player_place report_rollup::place_of(player_number player) const noexcept {
  return player.value < players_.size() ? players_[player.value] : player_place{};
}

void report_rollup::set_place(player_number player, player_place place) {
  if (player.value >= players_.size()) players_.resize(player.value + 1);
  players_[player.value] = place;
  const auto page = player.value / players_of_page;
  if (page >= page_unsaved_.size()) page_unsaved_.resize(page + 1);
  page_unsaved_[page] = true;
}

report_row& report_rollup::row_at(day_number day, cell_number cell) {
  if (newest_used_.second == nullptr || newest_used_.first != day) newest_used_ = {day, &days_[day]};
  auto& [rows, row_of_cell] = *newest_used_.second;
  const auto [place, is_new] = row_of_cell.try_emplace(cell, static_cast<std::uint32_t>(rows.size()));
  if (is_new) rows.push_back({cell, false, {}});
  auto& row = rows[place->second];
  if (!row.unsaved) {
    row.unsaved = true;
    unsaved_.rows.emplace_back(day, place->second);
  }
  return row;
}

void report_rollup::add(context& in, day_number day, player_number player, cell_number cell, report_measure what,
                        int128 units) {
  if (units == 0) return;
  row_at(day, cell).figures.add(what, units);
  in.changes->push_back({day, player, cell, what, units});
}

const report_rollup::unsaved_parts& report_rollup::unsaved() {
  unsaved_.player_pages.clear();
  for (std::size_t page = 0; page < page_unsaved_.size(); ++page)
    if (page_unsaved_[page]) unsaved_.player_pages.push_back(page);
  return unsaved_;
}

void report_rollup::all_saved() {
  for (const auto& [day, index] : unsaved_.rows) days_.at(day).rows[index].unsaved = false;
  page_unsaved_.assign(page_unsaved_.size(), false);
  unsaved_ = {};
  unsaved_.first_cell = cells_.size();
}

bool report_rollup::restore_row(day_number day, cell_number cell, const report_figures& figures) {
  if (cell.value >= cells_.size()) return false;
  auto& [rows, row_of_cell] = days_[day];
  if (!row_of_cell.try_emplace(cell, static_cast<std::uint32_t>(rows.size())).second) return false;
  rows.push_back({cell, false, figures});
  return true;
}

bool report_rollup::restore_player(std::size_t number, player_place place) {
  if (place.cell.value >= cells_.size()) return false;
  if (number >= players_.size()) players_.resize(number + 1);
  players_[number] = place;
  return true;
}

bool report_rollup::restore_object(workspace_object object) {
  return std::visit(
      [this](auto& one) {
        std::uint64_t number = 0;
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(one)>, api_key>)
          number = one.number;
        else
          number = one.number.value;
        if (number == 0 || number > objects_in_table(ws_, one) + 1) return false;
        ws_.put(std::move(one));
        return true;
      },
      object);
}

} // namespace croupier
