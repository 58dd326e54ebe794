#pragma once

#include "engine/movement.hpp"
#include "engine/workspace_object.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// One rule of a mapping: when it holds of some named values, what it makes of them for one metric. Events and the rows
/// of an imported table are mapped by these.
namespace croupier {

/// One value of an event.
struct event_value {
  enum class kind : std::uint8_t {
    absent,    ///< there is none, or it is null
    text,      ///< `text`: decoded
    number,    ///< `text`: its digits as they were sent
    boolean,   ///< `text`: "true" or "false"
    structure, ///< a list or an object
  };
  kind type = kind::absent;
  std::string_view text = {};
};

/// An event as a tree of named values, so that JSON and the rows of a table both fit.
class event_tree {
public:
  virtual ~event_tree() = default;
  /// The value at a path of names joined by dots ("properties.amount"). The view lives as long as the event.
  virtual event_value at(std::string_view path) const = 0;
};

/// Why an event cannot be applied. Nothing of it is.
enum class mapping_error : std::uint8_t {
  value_missing,       ///< a rule applies, and the value that it asks for is not there
  value_type_wrong,    ///< it is there and neither a number nor a text
  value_malformed,     ///< it is not a number of the metric's type, or has more digits than one
  value_out_of_range,  ///< or what several values make of it together is
  currency_type_wrong, ///< the currency is there and no text
  currency_differs,    ///< it is not the brand's
  month_unknown,       ///< a running total of a month before 2000 or after 2340
  rules_contradict,    ///< two rules say what the balance is, or one says and another one adds to it
  too_many_metrics,    ///< the rules change more metrics than a movement may
  metric_archived,     ///< a rule changes a metric that was archived since
  ngr_metric_missing   ///< running totals are told, and no metric means the net gaming revenue
};

struct mapping_problem {
  mapping_error why{};
  std::string field; ///< the path of the value that is wrong; empty: none in particular
  std::string what;  ///< in words, without the field: "must be a whole number"
};

/// A part of the sum that a rule takes. The views are the rule's owner's.
struct mapping_term {
  std::string_view path;     ///< where the value is; empty: it is `constant`
  std::string_view constant; ///< a plain number
  bool negate = false;       ///< it is taken off
};

/// What a rule that applies does: the sum of its terms replaces the metric's balance, or is added to it.
struct metric_rule {
  metric_number metric;
  std::string_view code; ///< the metric's, for words
  metric_type type = metric_type::decimal;
  value_type how = value_type::relative;
  std::span<const mapping_term> terms; ///< at least one
};

/// Whether all conditions hold. A condition compares the texts of values; what is absent differs from everything.
/// O(conditions).
bool all_hold(std::span<const mapping_condition> conditions, const event_tree& values);

/// Adds what the rule makes of the values to what the rules before it made: each metric has one update, and what
/// several rules add to one metric is added up. Exact: numbers are taken by their digits, and a sum has as many
/// fraction digits as the term with the most. After a problem the updates are of no use.
std::optional<mapping_problem> add_update(const metric_rule& rule, const event_tree& values, metric_updates& updates);

} // namespace croupier
