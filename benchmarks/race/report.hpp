#pragma once

#include "benchmarks/race/race.hpp"

#include <string>

namespace croupier::race {

/// Where and how the race was run, for the head of the report.
struct circumstances {
  std::string machine;  ///< processor, cores, memory, kernel
  std::string disk;     ///< file system, and how long it takes to sync
  std::string commit;   ///< of the sources; "unknown" outside a repository
  std::string settings; ///< rounds, players, metrics, durations
};

/// Looks around; measures the disk in that folder.
circumstances look_around(const race_options& options);

/// The report in Markdown: circumstances, tables with medians and ranges, ratios.
std::string to_markdown(const results& all, const circumstances& where);
/// Every run as a line, with the column names first.
std::string to_csv(const results& all);

/// The median over the rounds of a figure of one entrant in one cell, void runs left out; negative when there is none.
double median_of(const results& all, const std::string& entrant, std::size_t cell, double (*figure)(const measured&));

} // namespace croupier::race
