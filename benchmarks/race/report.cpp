#include "benchmarks/race/report.hpp"

#include "benchmarks/support/arguments.hpp"
#include "benchmarks/support/figures.hpp"

#include <algorithm>
#include <sstream>

namespace croupier::race {

namespace {

using bench::readable;
using bench::sample;

double rate(const measured& found) {
  return found.movements_per_s;
}
double server_us(const measured& found) {
  return found.movements == 0 ? 0 : found.server_cpu_s * 1e6 / static_cast<double>(found.movements);
}
double caller_us(const measured& found) {
  return found.movements == 0 ? 0 : found.caller_cpu_s * 1e6 / static_cast<double>(found.movements);
}
double calls(const measured& found) {
  return found.calls_per_s;
}

template<int PerMille>
double latency_ms(const measured& found) {
  return std::chrono::duration<double, std::milli>(found.latency.quantile(PerMille / 1000.0)).count();
}

sample sample_of(const results& all, const std::string& entrant, std::size_t cell, double (*figure)(const measured&)) {
  sample values;
  for (const auto& each : all.rows)
    if (each.entrant == entrant && each.cell == cell && each.found.voided.empty()) values.add(figure(each.found));
  return values;
}

bool ran(const results& all, const std::string& entrant, std::size_t cell) {
  return std::any_of(all.rows.begin(), all.rows.end(), [&](const auto& each) {
    return each.entrant == entrant && each.cell == cell && each.found.voided.empty();
  });
}

/// The median, or a dash where there is none: not run, or a figure that the entrant has not got, such as the processor
/// time of a server that is a library.
std::string shown(const results& all, const std::string& entrant, std::size_t cell, double (*figure)(const measured&)) {
  const auto median = sample_of(all, entrant, cell, figure).median();
  return median > 0 ? readable(median) : "–";
}

void base_table(std::ostringstream& out, const results& all) {
  out << "## Uniform players, 64 connections, no retries, closed loop\n\n"
         "| | movements/s | lowest – highest | × PostgreSQL native | call p50 ms | p99 ms | p99.9 ms | max ms | server "
         "CPU "
         "µs/movement | caller CPU µs/movement |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n";
  const auto postgres = median_of(all, postgres_name, 0, rate);
  for (const auto& name : all.entrants) {
    if (!ran(all, name, 0)) continue;
    const auto rates = sample_of(all, name, 0, rate);
    out << "| " << name << " | " << readable(rates.median()) << " | " << readable(rates.quantile(0)) << " – "
        << readable(rates.quantile(1)) << " | " << (postgres > 0 ? readable(rates.median() / postgres) : "–");
    for (auto* figure : {latency_ms<500>, latency_ms<990>, latency_ms<999>, latency_ms<1000>, server_us, caller_us})
      out << " | " << shown(all, name, 0, figure);
    out << " |\n";
  }
}

/// Movements per second of the cells of a group, the base cell first.
void group_table(std::ostringstream& out, const results& all, const std::string& group, const std::string& title,
                 const std::string& base_name) {
  out << "\n## " << title << "\n\nMovements per second, medians.\n\n| | " << base_name;
  std::vector<std::size_t> cells{0};
  std::string line = "|\n|---|---:|";
  for (std::size_t i = 0; i < all.cells.size(); ++i) {
    if (all.cells[i].group != group) continue;
    cells.push_back(i);
    out << " | " << all.cells[i].name;
    line += "---:|";
  }
  out << ' ' << line << '\n';
  for (const auto& name : all.entrants) {
    if (std::none_of(cells.begin() + 1, cells.end(), [&](std::size_t i) { return ran(all, name, i); })) continue;
    out << "| " << name;
    for (const auto i : cells) out << " | " << shown(all, name, i, rate);
    out << " |\n";
  }
}

void latency_tables(std::ostringstream& out, const results& all) {
  for (std::size_t i = 0; i < all.cells.size(); ++i) {
    if (all.cells[i].group != "latency") continue;
    out << "\n## Latency, " << all.cells[i].name
        << "\n\nPoisson arrivals over 64 connections; latency of a call from the moment it was due. Medians of the "
           "rounds.\n\n| | calls/s | p50 ms | p99 ms | p99.9 ms | max ms |\n|---|---:|---:|---:|---:|---:|\n";
    for (const auto& name : all.entrants) {
      if (!ran(all, name, i)) continue;
      out << "| " << name;
      for (auto* figure : {calls, latency_ms<500>, latency_ms<990>, latency_ms<999>, latency_ms<1000>})
        out << " | " << shown(all, name, i, figure);
      out << " |\n";
    }
  }
}

void ratio_table(std::ostringstream& out, const results& all) {
  struct ratio {
    const char* over;
    const char* under;
    const char* goal;
  };
  static constexpr ratio ratios[] = {{single_name, no_op_name, "0.65"},       {single_name, postgres_name, "2.5"},
                                     {single_name, postgres_http_name, "4"},  {batch_name, postgres_name, "20"},
                                     {batch_name, redis_pipelined_name, "3"}, {batch_name, postgres_batch_name, "–"},
                                     {in_process_name, bare_name, "0.7"}};
  out << "\n## Ratios\n\nOf rates in the first table, round by round.\n\n| ratio | median | lowest | highest | goal "
         "|\n|---|---:|---:|---:|---:|\n";
  for (const auto& each : ratios) {
    sample found;
    for (const auto& over : all.rows)
      for (const auto& under : all.rows)
        if (over.round == under.round && over.cell == 0 && under.cell == 0 && over.entrant == each.over &&
            under.entrant == each.under && over.found.voided.empty() && under.found.voided.empty())
          found.add(over.found.movements_per_s / under.found.movements_per_s);
    if (found.empty()) continue;
    out << "| " << each.over << " / " << each.under;
    for (const double share : {0.5, 0.0, 1.0}) out << " | " << readable(found.quantile(share));
    out << " | " << each.goal << " |\n";
  }
}

void system_table(std::ostringstream& out, const results& all) {
  out << "\n## After a round\n\n| data of | movements | bytes on disk per movement | memory MB "
         "|\n|---|---:|---:|---:|\n";
  std::vector<std::string> names;
  for (const auto& each : all.systems)
    if (std::find(names.begin(), names.end(), each.system) == names.end()) names.push_back(each.system);
  for (const auto& name : names) {
    sample movements;
    sample bytes;
    sample memory;
    for (const auto& each : all.systems) {
      if (each.system != name || each.movements == 0) continue;
      movements.add(static_cast<double>(each.movements));
      bytes.add(static_cast<double>(each.disk_bytes) / static_cast<double>(each.movements));
      memory.add(static_cast<double>(each.memory_bytes) / 1e6);
    }
    out << "| " << name << " | " << readable(movements.median()) << " | " << readable(bytes.median()) << " | "
        << (memory.median() > 0 ? readable(memory.median()) : "–") << " |\n";
  }
}

void void_list(std::ostringstream& out, const results& all) {
  out << "\n## Correctness\n\n";
  std::uint64_t wrong = 0;
  std::uint64_t unsent = 0;
  for (const auto& each : all.rows) {
    wrong += each.found.wrong;
    unsent += each.found.unsent;
    if (!each.found.voided.empty())
      out << "- void: round " << each.round << ", " << all.cells[each.cell].name << ", " << each.entrant << ": "
          << each.found.voided << '\n';
  }
  out << (all.any_void() ? "\n" : "After every turn every balance and the number of movements were as answered. ")
      << wrong << " wrong or missing answers; " << unsent << " calls of open loops never found a free connection.\n";
}

} // namespace

double median_of(const results& all, const std::string& entrant, std::size_t cell, double (*figure)(const measured&)) {
  return ran(all, entrant, cell) ? sample_of(all, entrant, cell, figure).median() : -1;
}

std::string to_markdown(const results& all, const circumstances& where) {
  std::ostringstream out;
  out << "# The race\n\n- " << where.machine << "\n- " << where.disk << "\n- commit " << where.commit << "\n- "
      << where.settings << "\n\n";
  base_table(out, all);
  ratio_table(out, all);
  group_table(out, all, "connections", "Connections", "64 connections");
  group_table(out, all, "players", "Who plays", "uniform");
  group_table(out, all, "retries", "Retries", "0 % retries");
  latency_tables(out, all);
  system_table(out, all);
  void_list(out, all);
  return out.str();
}

std::string to_csv(const results& all) {
  std::ostringstream out;
  out << "round,entrant,cell,shape,connections,retry_percent,load_share,movements_per_s,calls_per_s,movements,p50_us,"
         "p90_us,p99_us,p999_us,max_us,server_cpu_s,caller_cpu_s,wrong,unsent,void\n";
  for (const auto& each : all.rows) {
    const auto& what = all.cells[each.cell];
    const auto& found = each.found;
    out << each.round << ",\"" << each.entrant << "\",\"" << what.name << "\"," << bench::name_of(what.whom) << ','
        << what.connections << ',' << what.retry_percent << ',' << what.load_share << ',' << std::fixed
        << found.movements_per_s << ',' << found.calls_per_s << ',' << std::defaultfloat << found.movements;
    for (const double share : {0.5, 0.9, 0.99, 0.999, 1.0}) out << ',' << found.latency.quantile(share).count() / 1000;
    out << ',' << found.server_cpu_s << ',' << found.caller_cpu_s << ',' << found.wrong << ',' << found.unsent << ','
        << (found.voided.empty() ? 0 : 1) << '\n';
  }
  return out.str();
}

} // namespace croupier::race
