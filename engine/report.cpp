#include "engine/report.hpp"

#include "engine/check.hpp"
#include "engine/rounding.hpp"

#include <algorithm>

namespace croupier {
namespace {

constexpr std::array<std::string_view, report_dimensions> dimension_names{
    "date", "brand", "affiliate", "campaign", "link", "creative", "country", "marketing_source",
    "sub1", "sub2",  "sub3",      "sub4",     "sub5", "player",   "currency"};

constexpr std::array<std::string_view, report_measures> measure_names{"click_count",
                                                                      "unique_click_count",
                                                                      "banner_view_count",
                                                                      "registration_count",
                                                                      "ftd_count",
                                                                      "deposit_count",
                                                                      "ftd_amount",
                                                                      "deposit_amount",
                                                                      "withdrawal_amount",
                                                                      "chargeback_amount",
                                                                      "bonus_amount",
                                                                      "ggr",
                                                                      "ngr",
                                                                      "cpa_reward",
                                                                      "revshare_reward",
                                                                      "total_reward",
                                                                      "click_through_rate",
                                                                      "click_to_registration_rate",
                                                                      "click_to_ftd_rate",
                                                                      "registration_to_ftd_rate"};

constexpr std::size_t filter_values_max = 1000;

template<std::size_t Size>
std::optional<std::size_t> place_in(const std::array<std::string_view, Size>& names, std::string_view name) noexcept {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

template<std::size_t Size>
std::string all_of(const std::array<std::string_view, Size>& names) {
  std::string text;
  for (const auto name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

std::size_t index_of(report_measure measure) noexcept {
  return static_cast<std::size_t>(measure);
}

/// What a rate divides, and by what.
std::pair<report_measure, report_measure> parts_of(report_measure rate) noexcept {
  using enum report_measure;
  if (rate == click_through_rate) return {click_count, banner_view_count};
  if (rate == click_to_registration_rate) return {registration_count, click_count};
  if (rate == click_to_ftd_rate) return {ftd_count, click_count};
  CROUPIER_ASSERT(rate == registration_to_ftd_rate, "a rate was asked for what is none");
  return {ftd_count, registration_count};
}

std::string whole_text(int128 number) {
  return detail::print_fixed_exact(number, 0, 0, false);
}

/// Reads names into `out`; what is wrong with them, if anything is.
template<class Value, class Named>
std::optional<std::string> read_names(std::string_view field, std::span<const std::string> names, Named named,
                                      const std::string& all, std::vector<Value>& out) {
  for (const auto& name : names) {
    const auto known = named(name);
    if (!known) return std::string(field) + ": '" + name + "' is not one of " + all;
    if (std::find(out.begin(), out.end(), *known) != out.end())
      return std::string(field) + ": '" + name + "' is listed twice";
    out.push_back(*known);
  }
  return std::nullopt;
}

std::optional<std::string> read_filters(const named_filters& filters, std::vector<report_filter>& out) {
  std::size_t values_left = filter_values_max;
  for (const auto& [name, values] : filters) {
    const auto dimension = dimension_named(name);
    if (!dimension) return "filters: '" + name + "' is not one of " + all_of(dimension_names);
    if (*dimension == report_dimension::date) return "filters: the days are given by from and to, not by a filter";
    const auto same = [&](const report_filter& one) { return one.dimension == *dimension; };
    if (std::any_of(out.begin(), out.end(), same)) return "filters: '" + name + "' is listed twice";
    if (values.empty()) return "filters: '" + name + "' names no value";
    if (values.size() > values_left) return "filters: must not name more than 1000 values";
    values_left -= values.size();
    out.push_back({*dimension, values});
  }
  return std::nullopt;
}

} // namespace

std::string_view name_of(report_dimension dimension) noexcept {
  return dimension_names[static_cast<std::size_t>(dimension)];
}

std::string_view name_of(report_measure measure) noexcept {
  return measure_names[index_of(measure)];
}

std::optional<report_dimension> dimension_named(std::string_view name) noexcept {
  const auto place = place_in(dimension_names, name);
  if (!place) return std::nullopt;
  return static_cast<report_dimension>(*place);
}

std::optional<report_measure> measure_named(std::string_view name) noexcept {
  const auto place = place_in(measure_names, name);
  if (!place) return std::nullopt;
  return static_cast<report_measure>(*place);
}

measure_kind kind_of(report_measure measure) noexcept {
  if (measure <= report_measure::deposit_count) return measure_kind::count;
  return measure <= report_measure::total_reward ? measure_kind::money : measure_kind::rate;
}

void report_figures::add(report_measure kept, int128 units) noexcept {
  const auto index = index_of(kept);
  CROUPIER_ASSERT(index < kept_measures, "a figure was added to what is not kept");
  if (index >= plain_measures) {
    rewards[index - plain_measures] += commission::from_units(units);
    return;
  }
  const bool overflows = __builtin_add_overflow(plain[index], units, &plain[index]);
  CROUPIER_ASSERT(!overflows, "a figure of a report is larger than any ledger can make it");
}

report_figures& report_figures::operator+=(const report_figures& other) noexcept {
  bool overflows = false;
  for (std::size_t i = 0; i < plain_measures; ++i)
    overflows |= __builtin_add_overflow(plain[i], other.plain[i], &plain[i]);
  CROUPIER_ASSERT(!overflows, "a figure of a report is larger than any ledger can make it");
  for (std::size_t i = 0; i < rewards.size(); ++i)
    if (!other.rewards[i].is_zero()) rewards[i] += other.rewards[i];
  return *this;
}

int128 report_figures::units(report_measure kept) const noexcept {
  CROUPIER_ASSERT(index_of(kept) < plain_measures, "a measure was asked for units that it has not");
  return plain[index_of(kept)];
}

commission_sum report_figures::reward(report_measure reward) const noexcept {
  if (reward == report_measure::total_reward) return rewards[0] + rewards[1];
  const auto index = index_of(reward);
  CROUPIER_ASSERT(index >= plain_measures && index < kept_measures, "a measure that is no reward was asked for one");
  return rewards[index - plain_measures];
}

std::optional<percentage> report_figures::rate(report_measure rate) const noexcept {
  constexpr int128 percent_units = 1'000'000; // 100 % in units of 10^-4
  const auto [above, below] = parts_of(rate);
  if (units(below) <= 0) return std::nullopt;
  const auto quotient = product_over(units(above), percent_units, units(below), 1);
  if (!quotient) return std::nullopt;
  return percentage::from_units(*quotient);
}

std::optional<std::string> report_figures::text(report_measure measure) const {
  switch (kind_of(measure)) {
  case measure_kind::count: return whole_text(units(measure));
  case measure_kind::money:
    return index_of(measure) < plain_measures ? amount::from_units(units(measure)).text() : reward(measure).text();
  case measure_kind::rate: {
    const auto known = rate(measure);
    if (!known) return std::nullopt;
    return known->text();
  }
  }
  return std::nullopt;
}

bool report_figures::is_zero(report_measure measure) const noexcept {
  if (kind_of(measure) == measure_kind::rate) return units(parts_of(measure).first) == 0;
  return index_of(measure) < plain_measures ? units(measure) == 0 : reward(measure).is_zero();
}

bool report_figures::is_zero() const noexcept {
  return *this == report_figures{};
}

bool report_query::asks_for_players() const noexcept {
  const auto is_player = [](report_dimension one) { return one == report_dimension::player; };
  return std::any_of(dimensions.begin(), dimensions.end(), is_player) ||
         std::any_of(filters.begin(), filters.end(),
                     [&](const report_filter& one) { return is_player(one.dimension); });
}

result<report_query, std::string> read_report_query(std::span<const std::string> dimensions,
                                                    std::span<const std::string> measures,
                                                    const named_filters& filters) {
  report_query query;
  if (auto wrong = read_names("dimensions", dimensions, dimension_named, all_of(dimension_names), query.dimensions))
    return std::move(*wrong);
  if (measures.empty()) return std::string("measures: name at least one of ") + all_of(measure_names);
  if (auto wrong = read_names("measures", measures, measure_named, all_of(measure_names), query.measures))
    return std::move(*wrong);
  if (auto wrong = read_filters(filters, query.filters)) return std::move(*wrong);
  return query;
}

std::optional<day_number> parse_day(std::string_view text) noexcept {
  constexpr std::size_t length = 10;
  if (text.size() != length) return std::nullopt;
  std::array<char, 20> whole{};
  std::copy(text.begin(), text.end(), whole.begin());
  constexpr std::string_view midnight = "T00:00:00Z";
  std::copy(midnight.begin(), midnight.end(), whole.begin() + length);
  const auto time = timestamp::parse({whole.data(), whole.size()});
  if (!time) return std::nullopt;
  return day_of(*time);
}

std::string text_of_day(day_number day) {
  return begin_of(day).text().substr(0, 10);
}

} // namespace croupier
