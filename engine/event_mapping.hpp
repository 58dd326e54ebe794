#pragma once

#include "engine/dialect.hpp"
#include "engine/movement.hpp"
#include "engine/result.hpp"
#include "engine/timestamp.hpp"
#include "engine/workspace.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// What events do to metrics: the rules (`workspace::mappings()`) applied to an event, whatever format it came in.
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

/// What the rules need to know of an event beside its values.
struct mapped_event {
  dialect source = dialect::trackdesk;
  const brand& of; ///< the event's; one of the workspace's
  std::string_view name;
  timestamp occurred_at; ///< the month of a running total
};

/// Why an event cannot be applied. Nothing of it is.
enum class mapping_error : std::uint8_t {
  value_missing,       ///< a rule applies, and the value that it asks for is not there
  value_type_wrong,    ///< it is there and neither a number nor a text
  value_malformed,     ///< it is not a number of the metric's type, or has more digits than one
  value_out_of_range,  ///< or what several rules make of it together is
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

/// Whether a rule applies to an event: enabled, of its dialect, brand and name, all conditions hold. A condition
/// compares the texts of values; what is absent differs from everything. O(conditions).
bool applies(const event_mapping& rule, const mapped_event& event, const event_tree& values);

/// What all the rules together do to metrics, each metric once, in the order of the rules: what several rules add to
/// one metric is added up. Exact: numbers are taken by their digits. The updates may be none, and none of them is
/// malformed.
///
/// In a brand with `ngr_mode::month_to_date`, what an event named "ngr_update" adds to the metric that means the net
/// gaming revenue is the running total of the month of `occurred_at`. O(rules).
result<metric_updates, mapping_problem> map_event(const workspace& ws, const mapped_event& event,
                                                  const event_tree& values);

/// The name of the event that may tell running totals.
inline constexpr std::string_view ngr_event_name = "ngr_update";

} // namespace croupier
