#pragma once

#include "engine/report_table.hpp"
#include "engine/result.hpp"
#include "engine/workspace.hpp"
#include "http/route.hpp"

#include <chrono>
#include <functional>
#include <vector>

/// Reports: by the token of a preset, and for whoever has a key.
namespace croupier::http::reports {

/// Makes a report with names as the workspace has them, of everything that is durable when it is called; it may wait
/// for that until the deadline. From any thread; may throw persistence::storage_failure.
using report_source = std::function<result<report_answer, report_refusal>(const report_query&, const workspace&,
                                                                          std::chrono::steady_clock::time_point)>;

/// Adds the calls.
void add_routes(std::vector<route>& table, report_source source);

} // namespace croupier::http::reports
