#include "engine/event_mapping.hpp"

#include "engine/hidden_metrics.hpp"

#include <array>
#include <optional>
#include <utility>

namespace croupier {
namespace {

using problem = std::optional<mapping_problem>;

mapping_problem make_problem(mapping_error why, std::string_view field, std::string_view what) {
  return {why, std::string(field), std::string(what)};
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
  const std::array taken{mapping_term{rule.value_path, rule.constant, rule.negate}};
  return add_update({changed->number, changed->code, changed->type, rule.how, taken}, values, updates);
}

} // namespace

bool applies(const event_mapping& rule, const mapped_event& event, const event_tree& values) {
  if (!rule.enabled || rule.event != event.name) return false;
  if (rule.source && *rule.source != event.source) return false;
  if (rule.brand.value != 0 && rule.brand != event.of.number) return false;
  return all_hold(rule.conditions, values);
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
