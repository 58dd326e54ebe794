// Many new connections at the same moment while others are held open and idle: every one gets its answer, and the idle
// ones are still there afterwards.
//
//   connections_bench [--server PATH] [--new 500] [--idle 200] [--rounds 10]

#include "benchmarks/support/arguments.hpp"
#include "benchmarks/support/croupier_calls.hpp"
#include "benchmarks/support/figures.hpp"

#include <poll.h>

#include <cstdio>
#include <iostream>
#include <stdexcept>

namespace {

using namespace croupier;
using namespace croupier::bench;

constexpr int patience_ms = 10'000;

/// A kept-alive connection that is asked from time to time.
class idle_connection {
public:
  explicit idle_connection(const load::channel_maker& make) : line_(make()) {
    if (line_->connect() == load::channel::io::pending && (!ready(POLLOUT) || line_->continue_connect() != done))
      throw std::runtime_error("an idle connection cannot be made");
  }

  void ask(const load::request& what) {
    struct status_taker final : load::answer_sink {
      void answered(const load::answer& got) override { status = got.status; }
      int status = 0;
    } taker;
    line_->queue(what);
    if (line_->flush() != done || !ready(POLLIN) || line_->receive(taker) != done || taker.status != 200)
      throw std::runtime_error("an idle connection was dropped");
  }

private:
  static constexpr auto done = load::channel::io::done;
  bool ready(short event) {
    pollfd watched{line_->descriptor(), event, 0};
    return ::poll(&watched, 1, patience_ms) == 1;
  }

  std::unique_ptr<load::channel> line_;
};

/// That many requests of one kind.
class limited_requests final : public load::caller {
public:
  limited_requests(std::string wire, std::uint64_t limit) : wire_(std::move(wire)), left_(limit) {}
  bool next(load::request& to_fill) override {
    if (left_ == 0) return false;
    --left_;
    to_fill.wire = wire_;
    return true;
  }
  std::size_t judge(const load::request&, const load::answer& got) override { return got.status == 200 ? 0 : 1; }
  void lost(const load::request&, load::loss) override {}

private:
  std::string wire_;
  std::uint64_t left_;
};

int run(int argc, char** argv) {
  std::string program = croupier_beside_us();
  std::uint64_t fresh = 500;
  std::uint64_t idle = 200;
  std::uint64_t rounds = 10;
  arguments args(argc, argv);
  args.text("--server", program);
  args.number("--new", fresh);
  args.number("--idle", idle);
  args.number("--rounds", rounds);
  args.done();

  const scratch_folder scratch("croupier-connections");
  croupier_server server({program, scratch.path(), workspace_text(1), {}});
  load::request ask;
  server.head("GET", "/api/node/clients/v1/metrics").render_without_body(ask.wire);
  const auto channels = server.channels();
  std::vector<idle_connection> held;
  for (std::uint64_t i = 0; i < idle; ++i) held.emplace_back(channels).ask(ask);

  figures out;
  std::uint64_t unanswered = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    load::plan plan;
    plan.connections = fresh;
    plan.connection_per_request = true;
    plan.outcomes = {"answered", "other"};
    limited_requests calls(ask.wire, fresh);
    const auto report = load::run(plan, channels, calls);
    unanswered += fresh - report.outcomes[0].latency.count();
    for (const auto& [name, share] : {std::pair{"p50", 0.5}, std::pair{"p99", 0.99}, std::pair{"max", 1.0}})
      out.add(std::string("connect and answer, ") + name, "ms",
              std::chrono::duration<double, std::milli>(report.latency().quantile(share)).count());
  }
  for (auto& each : held) each.ask(ask);
  server.stop();
  std::printf("%s%lu new connections at once, %lu rounds, %lu idle ones held and alive: %lu without an answer\n",
              out.table().c_str(), fresh, rounds, idle, unanswered);
  return unanswered == 0 ? 0 : 1;
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
