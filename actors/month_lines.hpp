#pragma once

#include "engine/period_close.hpp"
#include "persistence/committed_view.hpp"

#include <map>
#include <set>
#include <vector>

namespace croupier::actors {

/// What players did for accounts in one month, by account; the lines are ordered as `close_input` asks. `plans` has a
/// plan for each offer's own terms behind the workspace's plans (see `plans_of`). Reads every entry of the month.
/// Throws storage_failure.
std::map<account_key, std::vector<revshare_line>> month_lines(const persistence::committed_view& view,
                                                              const workspace& ws, calendar_month month,
                                                              const std::set<account_key>& wanted);

/// The workspace's plans, and behind them one for the own terms of each offer that has some: number = plans + offer.
plan_book plans_of(const workspace& ws);

/// Takes the numbers of those additional plans out of what is to be journalled: there they are no plan.
void forget_own_terms(close_outcome& outcome, const workspace& ws);

} // namespace croupier::actors
