// What a running server does, seen through HTTP: single movements, batches, streams, reads and redirects, each beside
// the no-op of the same round (the same generator sending the same bodies to POST /healthz, which reads them and
// answers 405). It starts its own server, and at the end holds every balance against what was answered.
//
//   http_bench [--server PATH] [--players 100000] [--rounds 5] [--seconds 3] [--only NAME]

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

/// One server under test and the runs that can be made against it.
class subject {
public:
  subject(const croupier_options& options, const workload& work, std::chrono::nanoseconds duration)
      : server_(options), work_(work), model_(work), duration_(duration) {
    server_.register_players(work);
  }

  load::report no_op(std::size_t connections) {
    no_op_calls calls(work_, server_, shape::uniform);
    return checked(load::run(plan_of(connections, no_op_calls::outcomes()), server_.channels(), calls), 1);
  }

  load::report single(shape whom, std::size_t connections, double rate_per_s = 0) {
    movement_feed feed(model_, numbers_, {whom});
    single_calls calls(feed, movement_head(server_, false));
    auto plan = plan_of(connections, verdict_names());
    plan.rate_per_s = rate_per_s;
    if (rate_per_s > 0) plan.pace = load::arrivals::poisson;
    return checked(load::run(plan, server_.channels(), calls), static_cast<std::size_t>(verdict::wrong));
  }

  /// Movements per second.
  double batch(batch_calls::form form, std::size_t connections, std::size_t together) {
    movement_feed feed(model_, numbers_, {});
    batch_calls calls(feed, server_, form, together);
    const auto report = checked(load::run(plan_of(connections, verdict_names()), server_.channels(), calls),
                                static_cast<std::size_t>(verdict::wrong));
    return static_cast<double>(calls.settled()) / report.elapsed_s;
  }

  load::report reads(std::size_t connections) {
    balance_reads calls(work_, server_);
    return checked(load::run(plan_of(connections, balance_reads::outcomes()), server_.channels(), calls), 1);
  }

  load::report gets(const std::string& path, int expected_status, std::size_t connections) {
    same_gets calls(server_, path, expected_status);
    return checked(load::run(plan_of(connections, same_gets::outcomes()), server_.channels(), calls), 1);
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

  static load::report checked(load::report report, std::size_t unwanted) {
    if (report.outcomes[unwanted].latency.count() > 0 || report.lost_in_all() > 0)
      throw std::runtime_error("not every answer was the expected one:\n" + load::to_text(report));
    return report;
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

void connections(subject& server, figures& out) {
  for (const std::size_t count : {1, 8, 64, 256}) {
    const auto with = ", " + std::to_string(count) + " connections";
    const auto no_op = server.no_op(count).rate();
    const auto single = server.single(shape::uniform, count).rate();
    out.add("no-op" + with, "/s", no_op);
    out.add("single" + with, "/s", single);
    out.add("single / no-op" + with, "x", single / no_op);
  }
}

void batches(subject& server, figures& out) {
  const auto single = server.single(shape::uniform, usual_connections).rate();
  const auto batch = server.batch(batch_calls::form::json, usual_connections, batch_size);
  const auto stream = server.batch(batch_calls::form::ndjson, stream_connections, stream_lines);
  out.add("batch of 100, movements", "/s", batch);
  out.add("NDJSON, 4 streams, movements", "/s", stream);
  out.add("batch of 100 / single", "x", batch / single);
  out.add("NDJSON / single", "x", stream / single);
}

void hot_player(subject& server, figures& out) {
  const auto uniform = server.single(shape::uniform, usual_connections).rate();
  const auto hot = server.single(shape::hot_player, usual_connections).rate();
  out.add("one hot player", "/s", hot);
  out.add("one hot player / uniform", "x", hot / uniform);
}

void reads(subject& server, figures& out) {
  const auto beside_writes = [&](auto what) {
    auto writes =
        std::async(std::launch::async, [&] { return server.single(shape::uniform, 8, writes_beside_reads_per_s); });
    const auto rate = what();
    writes.get();
    return rate;
  };
  const auto no_op = server.no_op(usual_connections).rate();
  const auto no_op_beside = beside_writes([&] { return server.no_op(usual_connections).rate(); });
  const auto read = beside_writes([&] { return server.reads(usual_connections).rate(); });
  out.add("balance reads beside 1,000 writes/s", "/s", read);
  out.add("balance reads beside writes / no-op", "x", read / no_op);
  out.add("balance reads beside writes / no-op beside the same writes", "x", read / no_op_beside);
}

void latency(subject& server, figures& out) {
  const auto full = server.single(shape::uniform, usual_connections);
  const auto half = server.single(shape::uniform, usual_connections, full.rate() / 2);
  out.add("at full load: p99", "ms", milliseconds(full.latency().quantile(0.99)));
  out.add("at full load: max", "ms", milliseconds(full.latency().max()));
  out.add("at half load, open loop: p50", "ms", milliseconds(half.latency().quantile(0.5)));
  out.add("at half load, open loop: p99", "ms", milliseconds(half.latency().quantile(0.99)));
  out.add("at half load, open loop: max", "ms", milliseconds(half.latency().max()));
}

/// Each click is durable before its visitor is sent on.
void redirects(subject& server, figures& out) {
  const auto alive = server.gets("/healthz", 200, usual_connections).rate();
  const auto report = server.gets("/track/click/" + std::string(link_id), 302, usual_connections);
  out.add("redirects", "/s", report.rate());
  out.add("redirects / GET healthz", "x", report.rate() / alive);
  out.add("redirects: p50", "ms", milliseconds(report.latency().quantile(0.5)));
  out.add("redirects: p99", "ms", milliseconds(report.latency().quantile(0.99)));
}

const std::vector<scenario>& scenarios() {
  static const std::vector<scenario> all{{"connections", connections}, {"batches", batches},
                                         {"hot-player", hot_player},   {"reads", reads},
                                         {"redirects", redirects},     {"latency", latency}};
  return all;
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

  const scratch_folder scratch("croupier-http");
  workload_options options;
  options.players = static_cast<std::uint32_t>(players);
  const workload work(options);
  subject server({program, scratch.path(), workspace_text(1), {}}, work, std::chrono::seconds(seconds));
  figures out;
  for (std::uint64_t round = 1; round <= rounds; ++round)
    for (const auto& each : scenarios()) {
      if (!only.empty() && only != each.name) continue;
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
