#pragma once

#include "engine/report.hpp"
#include "engine/result.hpp"
#include "engine/workspace.hpp"
#include "http/route.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace croupier::http::reports {

/// What is wrong with a request: a sentence for the client.
using problem = std::string;

/// The days of a report: those that are given; otherwise the 30 days up to the newest day that some brand has now.
struct day_range {
  day_number from = 0;
  day_number to = 0;
};
result<day_range, problem> read_days(const std::optional<std::string>& start, const std::optional<std::string>& end,
                                     const workspace& ws, timestamp now);

/// The preset that the token opens, whether or not it is enabled; nullptr when there is none. Compares hashes, each in
/// constant time, and all of them.
const report_preset* find_preset(const workspace& ws, std::string_view token);

/// The question that a preset asks, without days; a preset of the workspace asks one (CROUPIER_ASSERT).
report_query query_of(const report_preset& preset);

/// Reads the body of a query: `dimensions`, `measures`, `filters`, `brands`, `startDate`, `endDate`; other members are
/// refused. Brands that the key does not see do not exist.
result<report_query, problem> read_query(const request& req, timestamp now);

/// "true" or "false"; nothing given: false.
result<bool, problem> read_flag(const request& req, std::string_view name);

} // namespace croupier::http::reports
