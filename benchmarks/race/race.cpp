#include "benchmarks/race/race.hpp"

#include "benchmarks/support/figures.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace croupier::race {

namespace {

using report_line = std::function<void(const std::string&)>;

/// One round: the field, and what has become of it.
class round_of {
public:
  round_of(const race_options& options, const bench::workload& work, std::uint64_t number, results& all,
           const report_line& progress)
      : options_(options), number_(number), all_(all), progress_(progress), field_(make_field(work, options.field)) {}

  void run() {
    for (auto& each : field_.systems) start(each);
    for (auto& each : field_.entrants) turn(*each, [&] { each->start(); });
    for (std::size_t i = 0; i < all_.cells.size(); ++i) run_cell(i);
    for (auto& each : field_.entrants) turn(*each, [&] { each->stop(); });
    for (auto& each : field_.systems) stop(each);
  }

private:
  std::filesystem::path folder_of(const field::home& home) const {
    return options_.folder / ("round-" + std::to_string(number_)) / home.name;
  }

  void start(field::home& home) {
    progress_("round " + std::to_string(number_) + ": starting " + home.name);
    std::filesystem::create_directories(folder_of(home).parent_path());
    home.what->start(folder_of(home));
    home.what->freeze();
  }

  void stop(field::home& home) {
    home.what->thaw();
    const auto movements = home.what->numbers() - 1;
    all_.systems.push_back({home.name, movements, home.what->disk_bytes(folder_of(home)), home.what->memory_bytes()});
    home.what->stop();
    std::filesystem::remove_all(folder_of(home));
  }

  /// Has the machine to itself while it acts.
  template<class Action>
  void turn(entrant& who, Action action) {
    ::sync(); // nobody pays for the pages that another one left to be written
    who.home().thaw();
    action();
    who.home().freeze();
  }

  void run_cell(std::size_t index) {
    const auto& what = all_.cells[index];
    const auto count = field_.entrants.size();
    for (std::size_t i = 0; i < count; ++i) {
      auto& who = *field_.entrants[(i + number_) % count];
      if (!who.takes(what)) continue;
      const auto& full = full_rates_[&who];
      if (what.load_share > 0 && full <= 0) continue;
      turn(who, [&] { run_turn(who, index, what.load_share * full); });
    }
  }

  void run_turn(entrant& who, std::size_t index, double rate_per_s) {
    const auto& what = all_.cells[index];
    result_row row{number_, who.name(), index, {}};
    try {
      // The first call of a system after its start finds nothing warm; that is not what is measured.
      if (index == 0) who.run(what, {options_.size.duration / 2, options_.size.movements_max / 2}, 0);
      row.found = who.run(what, options_.size, rate_per_s);
      row.found.voided = verdict_on(who);
      if (!row.found.voided.empty() && !row.found.evidence.empty())
        row.found.voided += "; the first wrong answer: " + row.found.evidence;
    } catch (const std::exception& problem) {
      row.found.voided = problem.what();
    }
    if (index == 0) full_rates_[&who] = row.found.calls_per_s;
    progress_("round " + std::to_string(number_) + ", " + what.name + ": " + who.name() + ": " +
              (row.found.voided.empty() ? bench::readable(row.found.movements_per_s) + " movements/s"
                                        : "void: " + row.found.voided));
    all_.rows.push_back(std::move(row));
  }

  std::string verdict_on(entrant& who) {
    bench::balance_check check(who.home().model());
    who.home().show(check);
    return check.verdict();
  }

  const race_options& options_;
  std::uint64_t number_;
  results& all_;
  const report_line& progress_;
  field field_;
  std::map<const entrant*, double> full_rates_; ///< calls per second in the first cell
};

} // namespace

bool results::any_void() const {
  return std::any_of(rows.begin(), rows.end(), [](const result_row& each) { return !each.found.voided.empty(); });
}

std::vector<cell> all_cells() {
  using bench::shape;
  std::vector<cell> all{{"base", "64 connections"}};
  for (const std::size_t count : {1, 8, 256})
    all.push_back(
        {"connections", std::to_string(count) + (count == 1 ? " connection" : " connections"), shape::uniform, count});
  for (const auto whom : {shape::zipf, shape::hot_player, shape::hot_brand})
    all.push_back({"players", std::string(bench::name_of(whom)), whom});
  for (const std::uint32_t percent : {10U, 50U})
    all.push_back({"retries", std::to_string(percent) + " % retries", shape::uniform, 64, percent});
  for (const int percent : {50, 80})
    all.push_back({"latency", "open loop at " + std::to_string(percent) + " % of its own rate", shape::uniform, 64, 0,
                   percent / 100.0});
  return all;
}

results run_race(const race_options& options, const report_line& progress) {
  const bench::workload work(options.work);
  results all;
  all.cells = all_cells();
  for (const auto& each : make_field(work, options.field).entrants) all.entrants.push_back(each->name());
  for (std::uint64_t round = 1; round <= options.rounds; ++round) round_of(options, work, round, all, progress).run();
  return all;
}

} // namespace croupier::race
