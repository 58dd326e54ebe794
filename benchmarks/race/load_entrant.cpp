#include "benchmarks/race/load_entrant.hpp"

#include <algorithm>
#include <csignal>
#include <stdexcept>

namespace croupier::race {

using bench::draft_of;
using bench::tag_of;
using bench::verdict;

namespace {

constexpr auto helper_patience = std::chrono::seconds(30);

/// Calls that did not get what they must: wrong answers and none at all. Calls refused for now are repeated and do no
/// harm but time.
std::uint64_t wrong_in(const load::report& report) {
  return report.outcomes.back().latency.count() + report.lost_in_all();
}

/// Calls that did their work.
std::uint64_t done_in(const load::report& report) {
  auto done = report.answered() - report.outcomes.back().latency.count();
  for (const auto& each : report.outcomes)
    if (each.name == "overloaded") done -= each.latency.count();
  return done;
}

} // namespace

measured load_entrant::run(const cell& what, const extent& size, double rate_per_s) {
  bench::movement_feed feed(home().model(), home().numbers(),
                            {what.whom, what.retry_percent, size.movements_max, home().numbers()});
  auto way = prepare_(*this, feed, what);
  load::plan plan;
  plan.connections = std::min(what.connections, way.connections_max);
  plan.in_flight_per_connection = way.in_flight_per_connection;
  plan.duration = size.duration;
  plan.outcomes = way.outcomes;
  plan.rate_per_s = rate_per_s;
  if (rate_per_s > 0) plan.pace = load::arrivals::poisson;

  const auto cpu_before = home().cpu_s() + helper_cpu_s();
  const auto report = load::run(plan, way.channels, *way.calls);
  measured found;
  found.server_cpu_s = home().cpu_s() + helper_cpu_s() - cpu_before;
  found.caller_cpu_s = report.generator_cpu_s;
  found.calls_per_s = report.rate();
  found.movements = way.movements ? way.movements() : done_in(report);
  found.movements_per_s = report.elapsed_s > 0 ? static_cast<double>(found.movements) / report.elapsed_s : 0;
  found.latency = report.latency();
  found.wrong = wrong_in(report);
  found.unsent = report.unsent;
  found.evidence = feed.evidence();
  return found;
}

void load_entrant::start() {
  if (!make_helper_) return;
  helper_ = make_helper_();
  const auto line = helper_->read_line(helper_patience);
  if (!line) throw std::runtime_error(name() + ": the thin HTTP server does not start");
  helper_port_ = static_cast<std::uint16_t>(std::stoi(*line));
}

void load_entrant::stop() {
  if (helper_ && helper_->stop(SIGTERM, helper_patience) != 0)
    throw std::runtime_error(name() + ": the thin HTTP server did not stop in order");
  helper_.reset();
}

double load_entrant::helper_cpu_s() const {
  return helper_ ? helper_->cpu_s() : 0;
}

bool native_calls::next(load::request& to_fill) {
  bench::draft what;
  if (!feed_.next(what)) return false;
  to_fill.tag = tag_of(what);
  return true;
}

std::size_t native_calls::judge(const load::request& sent, const load::answer& got) {
  return outcome_of(feed_.settle(draft_of(sent.tag), static_cast<verdict>(got.status)), feed_, got.status, got.body);
}

void native_calls::lost(const load::request& sent, load::loss why) {
  feed_.remember(load::name_of(why));
  feed_.lost(draft_of(sent.tag));
}

bool native_batch_calls::next(load::request& to_fill) {
  return groups_.take(per_call_, to_fill.tag);
}

void native_batch_calls::movements_of(std::uint64_t tag, std::vector<bench::movement>& into) {
  const auto& group = groups_.of(tag);
  into.resize(group.size());
  for (std::size_t i = 0; i < group.size(); ++i) feed_.make(group[i], into[i]);
  std::sort(into.begin(), into.end(), [](const auto& a, const auto& b) {
    return a.player != b.player ? a.player < b.player : a.number < b.number;
  });
}

std::size_t native_batch_calls::judge(const load::request& sent, const load::answer& got) {
  const auto all = groups_.of(sent.tag).size();
  const auto fresh = groups_.fresh_in(sent.tag);
  std::uint64_t conflicts = 0;
  for (const auto& each : groups_.of(sent.tag)) conflicts += each.expected == verdict::conflict ? 1 : 0;
  const auto expected =
      std::to_string(fresh) + " " + std::to_string(all - fresh - conflicts) + " " + std::to_string(conflicts);
  const auto said = got.body == expected ? verdict::applied : verdict::wrong;
  return outcome_of(groups_.settle(sent.tag, said), feed_, got.status, got.body);
}

void native_batch_calls::lost(const load::request& sent, load::loss why) {
  feed_.remember(load::name_of(why));
  groups_.lost(sent.tag);
}

} // namespace croupier::race
