#pragma once

#include "engine/dialect.hpp"
#include "engine/metric_rule.hpp"
#include "engine/result.hpp"
#include "engine/timestamp.hpp"
#include "engine/workspace.hpp"

#include <string_view>

/// What events do to metrics: the rules (`workspace::mappings()`) applied to an event, whatever format it came in.
namespace croupier {

/// What the rules need to know of an event beside its values.
struct mapped_event {
  dialect source = dialect::trackdesk;
  const brand& of; ///< the event's; one of the workspace's
  std::string_view name;
  timestamp occurred_at; ///< the month of a running total
};

/// Whether a rule applies to an event: enabled, of its dialect, brand and name, all conditions hold. O(conditions).
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
