#include "engine/metric_rule.hpp"

#include "engine/plain_number.hpp"

#include <algorithm>
#include <utility>

namespace croupier {
namespace {

using problem = std::optional<mapping_problem>;

mapping_problem make_problem(mapping_error why, std::string_view field, std::string what) {
  return {why, std::string(field), std::move(what)};
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

const char* form_of(metric_type type) {
  switch (type) {
  case metric_type::integer: return "must be a whole number of a signed 64-bit integer";
  case metric_type::decimal: return "must be a number of at most 18 digits before the point and 8 behind it";
  }
  return "";
}

/// The number that a term stands for.
problem read_term(const mapping_term& term, metric_type type, const event_tree& values, number_text& out) {
  std::string_view text = term.constant;
  std::optional<std::string> plain;
  if (!term.path.empty()) {
    const auto value = values.at(term.path);
    switch (value.type) {
    case event_value::kind::absent: return make_problem(mapping_error::value_missing, term.path, "is required");
    case event_value::kind::boolean:
    case event_value::kind::structure:
      return make_problem(mapping_error::value_type_wrong, term.path, "must be a number");
    case event_value::kind::text:
    case event_value::kind::number: break;
    }
    plain = plain_number(value.text);
    if (!plain) return make_problem(mapping_error::value_malformed, term.path, form_of(type));
    text = *plain;
  }
  std::optional<number_error> wrong;
  switch (type) {
  case metric_type::integer: wrong = parse_integer_amount(text, out); break;
  case metric_type::decimal: wrong = parse_amount(text, out); break;
  }
  if (wrong) return make_problem(mapping_error::value_malformed, term.path, form_of(type));
  if (!term.negate) return std::nullopt;
  out.units = -out.units;
  out.negative_zero = false;
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

/// Each term has 18 or 19 digits, so that no sum of them comes near 128 bits.
void add(const number_text& more, number_text& to) {
  to.units += more.units;
  to.fraction_digits = std::max(to.fraction_digits, more.fraction_digits);
  to.negative_zero = false;
}

problem read_sum(const metric_rule& rule, const event_tree& values, number_text& sum) {
  CROUPIER_ASSERT(!rule.terms.empty(), "a rule takes at least one value");
  if (auto wrong = read_term(rule.terms.front(), rule.type, values, sum)) return wrong;
  for (const auto& term : rule.terms.subspan(1)) {
    number_text more;
    if (auto wrong = read_term(term, rule.type, values, more)) return wrong;
    add(more, sum);
  }
  if (in_range(rule.type, sum.units)) return std::nullopt;
  return make_problem(mapping_error::value_out_of_range, {},
                      "the sum for '" + std::string(rule.code) + "' is more than it can hold");
}

/// Makes one update of what the rules do to one metric.
problem merge(const metric_rule& rule, const metric_update& more, metric_update& into) {
  if (into.how != value_type::relative || more.how != value_type::relative)
    return make_problem(mapping_error::rules_contradict, {},
                        "more than one mapping says what '" + std::string(rule.code) + "' is to be");
  add(more.value, into.value);
  if (in_range(rule.type, into.value.units)) return std::nullopt;
  return make_problem(mapping_error::value_out_of_range, rule.terms.front().path,
                      "the mappings together add more to '" + std::string(rule.code) + "' than it can hold");
}

} // namespace

bool all_hold(std::span<const mapping_condition> conditions, const event_tree& values) {
  return std::all_of(conditions.begin(), conditions.end(),
                     [&values](const mapping_condition& each) { return holds(each, values); });
}

std::optional<mapping_problem> add_update(const metric_rule& rule, const event_tree& values, metric_updates& updates) {
  metric_update update;
  update.metric = rule.metric;
  update.type = rule.type;
  update.how = rule.how;
  if (auto wrong = read_sum(rule, values, update.value)) return wrong;
  for (std::size_t i = 0; i < updates.size(); ++i)
    if (updates[i].metric == update.metric) return merge(rule, update, updates[i]);
  if (updates.full())
    return make_problem(mapping_error::too_many_metrics, {},
                        "the mappings change more than " + std::to_string(metrics_per_movement_max) + " metrics");
  updates.push_back(update);
  return std::nullopt;
}

} // namespace croupier
