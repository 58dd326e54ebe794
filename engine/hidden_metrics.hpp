#pragma once

#include "engine/calendar_month.hpp"
#include "engine/ids.hpp"

#include <optional>

namespace croupier {

/// Some facts about a player are no client's business, but must be journalled, checkpointed, restored and looked back
/// at exactly as its balances are. They are kept as balances of metrics with numbers that no workspace gives out:
///
///   0xE000 + months since 2000-01   the running total that the platform has told for a month (2000 to 2340)
///   0xFF00                          1: the player's CPA was claimed
///   0xFF01                          1: the player has made a deposit
///
/// Nothing that lists metrics shows them: they are in no workspace.
inline constexpr metric_number first_hidden_metric{0xE000};
inline constexpr metric_number cpa_claimed_metric{0xFF00};
inline constexpr metric_number deposited_metric{0xFF01};

constexpr bool is_hidden(metric_number metric) noexcept {
  return metric >= first_hidden_metric;
}

/// Where a month's running total is kept; nothing for months before 2000 and after 2340.
constexpr std::optional<metric_number> running_total_metric(calendar_month month) noexcept {
  if (month.year < 2000 || month.year > 2340) return std::nullopt;
  const auto months = (month.year - 2000) * 12 + month.month - 1;
  return metric_number{static_cast<metric_number::rep>(first_hidden_metric.value + months)};
}

} // namespace croupier
