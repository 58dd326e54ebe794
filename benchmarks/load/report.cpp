#include "benchmarks/load/report.hpp"

#include <cstdio>
#include <utility>

namespace croupier::load {

namespace {

constexpr std::array<std::pair<const char*, double>, 4> shares{
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}}};

template<class... Values>
void print(std::string& out, const char* form, Values... values) {
  char line[256];
  const int length = std::snprintf(line, sizeof line, form, values...);
  if (length > 0) out.append(line, std::min<std::size_t>(static_cast<std::size_t>(length), sizeof line - 1));
}

double milliseconds(histogram::duration value) noexcept {
  return std::chrono::duration<double, std::milli>(value).count();
}

void print_row(std::string& out, const std::string& name, const histogram& latency) {
  print(out, "%-14s %12llu", name.c_str(), static_cast<unsigned long long>(latency.count()));
  for (const auto& share : shares) print(out, " %9.2f", milliseconds(latency.quantile(share.second)));
  print(out, " %9.2f\n", milliseconds(latency.max()));
}

/// Names of outcomes and losses are ours; quotes and backslashes would still not break the form.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void append_figures(std::string& out, const histogram& latency) {
  const auto us = [](histogram::duration value) { return static_cast<long long>(value.count() / 1000); };
  print(out, "{\"count\":%llu,\"latencyUs\":{\"mean\":%lld", static_cast<unsigned long long>(latency.count()),
        us(latency.mean()));
  for (const auto& [name, share] : shares) print(out, ",\"%s\":%lld", name, us(latency.quantile(share)));
  print(out, ",\"max\":%lld}}", us(latency.max()));
}

} // namespace

std::string_view name_of(loss why) noexcept {
  switch (why) {
  case loss::refused: return "refused";
  case loss::closed: return "closed";
  case loss::timed_out: return "timed out";
  case loss::malformed: return "malformed";
  case loss::cut: return "cut on purpose";
  }
  return {};
}

std::uint64_t report::answered() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& each : outcomes) sum += each.latency.count();
  return sum;
}

std::uint64_t report::lost_in_all() const noexcept {
  std::uint64_t sum = 0;
  for (const auto each : lost) sum += each;
  return sum;
}

double report::rate() const noexcept {
  return elapsed_s > 0 ? static_cast<double>(answered()) / elapsed_s : 0;
}

histogram report::latency() const {
  histogram all;
  for (const auto& each : outcomes) all.merge(each.latency);
  return all;
}

std::string to_text(const report& what) {
  std::string out;
  print(out, "%.0f answers/s, %llu answers in %.2f s, generator CPU %.2f s, %llu connections made\n", what.rate(),
        static_cast<unsigned long long>(what.answered()), what.elapsed_s, what.generator_cpu_s,
        static_cast<unsigned long long>(what.connects));
  print(out, "%-14s %12s %9s %9s %9s %9s %9s\n", "outcome", "count", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms",
        "max ms");
  for (const auto& each : what.outcomes) print_row(out, each.name, each.latency);
  if (what.outcomes.size() > 1) print_row(out, "all", what.latency());
  for (std::size_t i = 0; i < loss_kinds; ++i)
    if (what.lost[i] > 0)
      print(out, "no answer, %s: %llu\n", std::string(name_of(static_cast<loss>(i))).c_str(),
            static_cast<unsigned long long>(what.lost[i]));
  if (what.unsent > 0) print(out, "due and never sent: %llu\n", static_cast<unsigned long long>(what.unsent));
  return out;
}

std::string to_json(const report& what) {
  std::string out;
  print(
      out,
      "{\"elapsedSeconds\":%.6f,\"ratePerSecond\":%.3f,\"generatorCpuSeconds\":%.6f,\"connects\":%llu,\"unsent\":%llu",
      what.elapsed_s, what.rate(), what.generator_cpu_s, static_cast<unsigned long long>(what.connects),
      static_cast<unsigned long long>(what.unsent));
  out += ",\"outcomes\":{";
  for (std::size_t i = 0; i < what.outcomes.size(); ++i) {
    if (i > 0) out += ',';
    append_quoted(out, what.outcomes[i].name);
    out += ':';
    append_figures(out, what.outcomes[i].latency);
  }
  out += "},\"all\":";
  append_figures(out, what.latency());
  out += ",\"lost\":{";
  for (std::size_t i = 0; i < loss_kinds; ++i) {
    if (i > 0) out += ',';
    append_quoted(out, name_of(static_cast<loss>(i)));
    print(out, ":%llu", static_cast<unsigned long long>(what.lost[i]));
  }
  return out + "}}";
}

} // namespace croupier::load
