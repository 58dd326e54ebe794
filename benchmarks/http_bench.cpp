// What a running server does, seen through HTTP: single movements, batches, streams, reads and redirects, each beside
// the no-op of the same round (the same generator sending the same bodies to POST /healthz, which reads them and
// answers 405). Beside the rates stands the server's processor time for each call, which others on the machine change
// least. It starts its own server, and at the end holds every balance against what was answered.
//
//   http_bench [--server PATH] [--players 100000] [--rounds 5] [--seconds 3] [--only NAME]
//
// --only runs the scenarios whose name contains NAME: --only connections-64, --only reads.

#include "benchmarks/support/arguments.hpp"
#include "benchmarks/support/croupier_calls.hpp"
#include "benchmarks/support/figures.hpp"

#include <cstdio>
#include <functional>
#include <future>
#include <iostream>
#include <stdexcept>

namespace {

using namespace croupier;
using namespace croupier::bench;

constexpr std::size_t usual_connections = 64;
constexpr std::size_t batch_size = 100;
constexpr std::size_t stream_connections = 4;
constexpr std::size_t stream_lines = 5'000;
constexpr double writes_beside_reads_per_s = 1'000;

double milliseconds(std::chrono::nanoseconds value) {
  return std::chrono::duration<double, std::milli>(value).count();
}

/// What one run came to.
struct measured {
  load::report report;
  double per_s = 0;     ///< calls; of batches and streams: movements
  double server_us = 0; ///< processor time of the server for each of those
};

/// One server under test and the runs that can be made against it.
class subject {
public:
  subject(const croupier_options& options, const workload& work, std::chrono::nanoseconds duration)
      : server_(options), work_(work), model_(work), duration_(duration) {
    server_.register_players(work);
  }

  measured no_op(std::size_t connections) {
    no_op_calls calls(work_, server_, shape::uniform);
    return run(plan_of(connections, no_op_calls::outcomes()), calls, 1);
  }

  measured single(shape whom, std::size_t connections, double rate_per_s = 0, bool represented = false) {
    movement_feed feed(model_, numbers_, {whom});
    single_calls calls(feed, movement_head(server_, represented));
    auto plan = plan_of(connections, verdict_names());
    plan.rate_per_s = rate_per_s;
    if (rate_per_s > 0) plan.pace = load::arrivals::poisson;
    return run(plan, calls, static_cast<std::size_t>(verdict::wrong));
  }

  measured batch(batch_calls::form form, std::size_t connections, std::size_t together) {
    movement_feed feed(model_, numbers_, {});
    batch_calls calls(feed, server_, form, together);
    return run(plan_of(connections, verdict_names()), calls, static_cast<std::size_t>(verdict::wrong),
               [&] { return calls.settled(); });
  }

  measured reads(std::size_t connections) {
    balance_reads calls(work_, server_);
    return run(plan_of(connections, balance_reads::outcomes()), calls, 1);
  }

  measured gets(const std::string& path, int expected_status, std::size_t connections) {
    same_gets calls(server_, path, expected_status);
    return run(plan_of(connections, same_gets::outcomes()), calls, 1);
  }

  /// Empty when every balance and the number of movements are what the answers said.
  std::string verdict_on_balances() {
    balance_check check(model_);
    server_.read_balances([&](auto player, auto code, auto value) { check.see(player, code, value); });
    check.see_count(server_.counter("croupier_movements_accepted_total"));
    server_.stop();
    return check.verdict();
  }

  std::uint64_t movements() const { return model_.applied(); }

private:
  load::plan plan_of(std::size_t connections, std::vector<std::string> outcomes) const {
    load::plan plan;
    plan.connections = connections;
    plan.duration = duration_;
    plan.outcomes = std::move(outcomes);
    return plan;
  }

  /// `units` tells how many movements the answers stand for, when that is not one each.
  measured run(const load::plan& plan, load::caller& calls, std::size_t unwanted,
               const std::function<std::uint64_t()>& units = {}) {
    const auto before_s = server_.process().cpu_s();
    measured out;
    out.report = load::run(plan, server_.channels(), calls);
    const auto spent_s = server_.process().cpu_s() - before_s;
    if (out.report.outcomes[unwanted].latency.count() > 0 || out.report.lost_in_all() > 0)
      throw std::runtime_error("not every answer was the expected one:\n" + load::to_text(out.report));
    const auto count = static_cast<double>(units ? units() : out.report.answered());
    out.per_s = count / out.report.elapsed_s;
    out.server_us = 1e6 * spent_s / count;
    return out;
  }

  croupier_server server_;
  const workload& work_;
  model model_;
  std::atomic<std::uint64_t> numbers_{1};
  std::chrono::nanoseconds duration_;
};

struct scenario {
  std::string name;
  std::function<void(subject&, figures&)> run;
};

void tell(figures& out, const std::string& what, const measured& run) {
  out.add(what, "/s", run.per_s);
  out.add(what + ": server", "us", run.server_us);
}

template<std::size_t Count>
void connections(subject& server, figures& out) {
  const auto with = ", " + std::to_string(Count) + " connections";
  const auto no_op = server.no_op(Count);
  const auto single = server.single(shape::uniform, Count);
  tell(out, "no-op" + with, no_op);
  tell(out, "single" + with, single);
  out.add("single / no-op" + with, "x", single.per_s / no_op.per_s);
}

/// `Prefer: return=representation`: what was stored is answered, balances included.
void represented(subject& server, figures& out) {
  const auto single = server.single(shape::uniform, usual_connections);
  const auto shown = server.single(shape::uniform, usual_connections, 0, true);
  tell(out, "single, represented", shown);
  out.add("single, represented / single", "x", shown.per_s / single.per_s);
}

void batches(subject& server, figures& out) {
  const auto single = server.single(shape::uniform, usual_connections);
  const auto batch = server.batch(batch_calls::form::json, usual_connections, batch_size);
  const auto stream = server.batch(batch_calls::form::ndjson, stream_connections, stream_lines);
  tell(out, "batch of 100, movements", batch);
  tell(out, "NDJSON, 4 streams, movements", stream);
  out.add("batch of 100 / single", "x", batch.per_s / single.per_s);
  out.add("NDJSON / single", "x", stream.per_s / single.per_s);
}

void hot_player(subject& server, figures& out) {
  const auto uniform = server.single(shape::uniform, usual_connections);
  const auto hot = server.single(shape::hot_player, usual_connections);
  tell(out, "one hot player", hot);
  out.add("one hot player / uniform", "x", hot.per_s / uniform.per_s);
}

void reads(subject& server, figures& out) {
  const auto beside_writes = [&](auto what) {
    auto writes =
        std::async(std::launch::async, [&] { return server.single(shape::uniform, 8, writes_beside_reads_per_s); });
    const auto found = what();
    writes.get();
    return found;
  };
  const auto no_op = server.no_op(usual_connections);
  const auto no_op_beside = beside_writes([&] { return server.no_op(usual_connections); });
  const auto read = beside_writes([&] { return server.reads(usual_connections); });
  tell(out, "no-op beside 1,000 writes/s", no_op_beside);
  tell(out, "balance reads beside 1,000 writes/s", read);
  out.add("balance reads beside writes / no-op", "x", read.per_s / no_op.per_s);
  out.add("balance reads beside writes / no-op beside the same writes", "x", read.per_s / no_op_beside.per_s);
}

void latency(subject& server, figures& out) {
  const auto full = server.single(shape::uniform, usual_connections).report;
  const auto half = server.single(shape::uniform, usual_connections, full.rate() / 2).report;
  out.add("at full load: p99", "ms", milliseconds(full.latency().quantile(0.99)));
  out.add("at full load: max", "ms", milliseconds(full.latency().max()));
  out.add("at half load, open loop: p50", "ms", milliseconds(half.latency().quantile(0.5)));
  out.add("at half load, open loop: p99", "ms", milliseconds(half.latency().quantile(0.99)));
  out.add("at half load, open loop: max", "ms", milliseconds(half.latency().max()));
}

/// Each click is durable before its visitor is sent on.
void redirects(subject& server, figures& out) {
  const auto alive = server.gets("/healthz", 200, usual_connections);
  const auto redirect = server.gets("/track/click/" + std::string(link_id), 302, usual_connections);
  tell(out, "GET healthz", alive);
  tell(out, "redirects", redirect);
  out.add("redirects / GET healthz", "x", redirect.per_s / alive.per_s);
  out.add("redirects: p50", "ms", milliseconds(redirect.report.latency().quantile(0.5)));
  out.add("redirects: p99", "ms", milliseconds(redirect.report.latency().quantile(0.99)));
}

const std::vector<scenario>& scenarios() {
  static const std::vector<scenario> all{{"connections-1", connections<1>},
                                         {"connections-8", connections<8>},
                                         {"connections-64", connections<64>},
                                         {"connections-256", connections<256>},
                                         {"represented", represented},
                                         {"batches", batches},
                                         {"hot-player", hot_player},
                                         {"reads", reads},
                                         {"redirects", redirects},
                                         {"latency", latency}};
  return all;
}

/// Those whose name contains `part`; throws when there is none.
std::vector<scenario> scenarios_named(const std::string& part) {
  std::vector<scenario> found;
  std::string names;
  for (const auto& each : scenarios()) {
    names += " " + each.name;
    if (each.name.find(part) != std::string::npos) found.push_back(each);
  }
  if (found.empty()) throw std::invalid_argument("--only " + part + ": there is no such scenario, but" + names);
  return found;
}

int run(int argc, char** argv) {
  std::string program = croupier_beside_us();
  std::string only;
  std::uint64_t players = 100'000;
  std::uint64_t rounds = 5;
  std::uint64_t seconds = 3;
  arguments args(argc, argv);
  args.text("--server", program);
  args.text("--only", only);
  args.number("--players", players);
  args.number("--rounds", rounds);
  args.number("--seconds", seconds);
  args.done();
  const auto chosen = scenarios_named(only);

  const scratch_folder scratch("croupier-http");
  workload_options options;
  options.players = static_cast<std::uint32_t>(players);
  const workload work(options);
  subject server({program, scratch.path(), workspace_text(1), {}}, work, std::chrono::seconds(seconds));
  figures out;
  for (std::uint64_t round = 1; round <= rounds; ++round)
    for (const auto& each : chosen) {
      std::cerr << "round " << round << " of " << rounds << ": " << each.name << '\n';
      each.run(server, out);
    }
  std::printf("%s", out.table().c_str());
  const auto movements = server.movements();
  const auto wrong = server.verdict_on_balances();
  std::printf("fsync on, %lu players, %lu movements, %lu rounds of %lu s; balances: %s\n", players, movements, rounds,
              seconds, wrong.empty() ? "every one as answered" : wrong.c_str());
  return wrong.empty() ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
