#include "engine/event_mapping.hpp"

#include "engine/hidden_metrics.hpp"
#include "engine/plain_number.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace croupier {
namespace {

using problem = std::optional<mapping_problem>;

mapping_problem make_problem(mapping_error why, std::string_view field, std::string_view what) {
  return {why, std::string(field), std::string(what)};
}

bool holds(const mapping_condition& condition, const event_tree& values) {
  const auto value = values.at(condition.path);
  const bool there = value.type != event_value::kind::absent;
  const bool comparable = there && value.type != event_value::kind::structure;
  switch (condition.test) {
  case mapping_test::present: return there;
  case mapping_test::absent: return !there;
  case mapping_test::equals: return comparable && value.text == condition.value;
  case mapping_test::differs: return !comparable || value.text != condition.value;
  }
  return false;
}

problem currency_problem(const event_mapping& rule, const brand& of, const event_tree& values) {
  if (rule.currency_path.empty()) return std::nullopt;
  const auto currency = values.at(rule.currency_path);
  if (currency.type == event_value::kind::absent) return std::nullopt;
  if (currency.type != event_value::kind::text)
    return make_problem(mapping_error::currency_type_wrong, rule.currency_path, "must be a string");
  if (currency.text == of.currency) return std::nullopt;
  return make_problem(mapping_error::currency_differs, rule.currency_path,
                      "must be " + of.currency + ", the currency of the brand");
}

std::string_view form_of(metric_type type) {
  switch (type) {
  case metric_type::integer: return "must be a whole number of a signed 64-bit integer";
  case metric_type::decimal: return "must be a number of at most 18 digits before the point and 8 behind it";
  }
  return {};
}

/// The number that a rule takes from the event, into the update.
problem read_value(const event_mapping& rule, const metric& changed, const event_tree& values, metric_update& update) {
  std::string_view text = rule.constant;
  std::optional<std::string> plain;
  if (!rule.value_path.empty()) {
    const auto value = values.at(rule.value_path);
    switch (value.type) {
    case event_value::kind::absent: return make_problem(mapping_error::value_missing, rule.value_path, "is required");
    case event_value::kind::boolean:
    case event_value::kind::structure:
      return make_problem(mapping_error::value_type_wrong, rule.value_path, "must be a number");
    case event_value::kind::text:
    case event_value::kind::number: break;
    }
    plain = plain_number(value.text);
    if (!plain) return make_problem(mapping_error::value_malformed, rule.value_path, form_of(changed.type));
    text = *plain;
  }
  std::optional<number_error> wrong;
  switch (changed.type) {
  case metric_type::integer: wrong = parse_integer_amount(text, update.value); break;
  case metric_type::decimal: wrong = parse_amount(text, update.value); break;
  }
  if (wrong) return make_problem(mapping_error::value_malformed, rule.value_path, form_of(changed.type));
  if (!rule.negate) return std::nullopt;
  update.value.units = -update.value.units;
  update.value.negative_zero = false;
  return std::nullopt;
}

bool in_range(metric_type type, int128 units) {
  const auto value = amount::from_units(units);
  switch (type) {
  case metric_type::integer: return in_integer_range(value);
  case metric_type::decimal: return in_decimal_range(value);
  }
  return false;
}

/// Makes one update of what the rules do to one metric.
problem merge(const metric& changed, std::string_view field, const metric_update& more, metric_update& into) {
  if (into.how != value_type::relative || more.how != value_type::relative)
    return make_problem(mapping_error::rules_contradict, {},
                        "more than one mapping says what '" + changed.code + "' is to be");
  // Each is within 18 or 19 digits, so that the sum stays far from 128 bits.
  into.value.units += more.value.units;
  into.value.fraction_digits = std::max(into.value.fraction_digits, more.value.fraction_digits);
  into.value.negative_zero = false;
  if (in_range(changed.type, into.value.units)) return std::nullopt;
  return make_problem(mapping_error::value_out_of_range, field,
                      "the mappings together add more to '" + changed.code + "' than it can hold");
}

problem mark_running_total(const workspace& ws, const mapped_event& event, metric_updates& updates) {
  if (event.of.ngr_updates != ngr_mode::month_to_date || event.name != ngr_event_name || updates.empty())
    return std::nullopt;
  const auto ngr = ws.metric_that_means(metric_meaning::ngr);
  if (ngr.value == 0)
    return make_problem(mapping_error::ngr_metric_missing, {},
                        "the brand tells running totals, but no metric of the workspace means the NGR");
  const auto month = calendar_month::of(event.occurred_at);
  for (std::size_t i = 0; i < updates.size(); ++i) {
    if (updates[i].metric != ngr || updates[i].how != value_type::relative) continue;
    if (!running_total_metric(month))
      return make_problem(mapping_error::month_unknown, {}, "a running total is kept for the years 2000 to 2340");
    updates[i].running_total_of = month;
  }
  return std::nullopt;
}

/// Adds what one rule does.
problem apply(const workspace& ws, const event_mapping& rule, const mapped_event& event, const event_tree& values,
              metric_updates& updates) {
  const auto* changed = ws.find(rule.metric);
  CROUPIER_ASSERT(changed != nullptr, "a mapping changes a metric of the workspace");
  if (changed->archived)
    return make_problem(mapping_error::metric_archived, {},
                        "mapping '" + rule.name + "' changes '" + changed->code + "', which is archived");
  if (auto wrong = currency_problem(rule, event.of, values)) return wrong;
  metric_update update;
  update.metric = changed->number;
  update.type = changed->type;
  update.how = rule.how;
  if (auto wrong = read_value(rule, *changed, values, update)) return wrong;
  for (std::size_t i = 0; i < updates.size(); ++i)
    if (updates[i].metric == update.metric) return merge(*changed, rule.value_path, update, updates[i]);
  if (updates.full())
    return make_problem(mapping_error::too_many_metrics, {},
                        "the mappings change more than " + std::to_string(metrics_per_movement_max) + " metrics");
  updates.push_back(update);
  return std::nullopt;
}

} // namespace

bool applies(const event_mapping& rule, const mapped_event& event, const event_tree& values) {
  if (!rule.enabled || rule.event != event.name) return false;
  if (rule.source && *rule.source != event.source) return false;
  if (rule.brand.value != 0 && rule.brand != event.of.number) return false;
  return std::all_of(rule.conditions.begin(), rule.conditions.end(),
                     [&values](const mapping_condition& each) { return holds(each, values); });
}

result<metric_updates, mapping_problem> map_event(const workspace& ws, const mapped_event& event,
                                                  const event_tree& values) {
  metric_updates updates;
  for (const auto& rule : ws.mappings()) {
    if (!applies(rule, event, values)) continue;
    if (auto wrong = apply(ws, rule, event, values, updates)) return std::move(*wrong);
  }
  if (auto wrong = mark_running_total(ws, event, updates)) return std::move(*wrong);
  return updates;
}

} // namespace croupier
