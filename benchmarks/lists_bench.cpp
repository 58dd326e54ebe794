// The lists that the dashboard shows first, over HTTP, one request after the other on one connection, in a ledger with
// many players: the first page of players, their search and filters, the first page of movements. Each line has the
// median, the 99th percentile and the longest, and the processor time of the server.
//
//   lists_bench [--server PATH] [--players 1000000] [--requests 200] [--only NAME]

#include "benchmarks/load/driver.hpp"
#include "benchmarks/support/arguments.hpp"
#include "benchmarks/support/bench_ledger.hpp"
#include "benchmarks/support/croupier_server.hpp"
#include "benchmarks/support/feeding.hpp"

#include <chrono>
#include <cstdio>
#include <iostream>
#include <stdexcept>

namespace {

using namespace croupier;
using namespace croupier::bench;

constexpr std::uint16_t brands = 2;
constexpr std::string_view players_path = "/api/node/clients/v1/list";
constexpr std::string_view movements_path = "/api/node/clients/v1/metrics/movements/list";
constexpr std::string_view always = R"("timeRange":{"from":"2000-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z"})";

/// The same call again and again. Outcomes: answered, other.
class same_posts final : public load::caller {
public:
  same_posts(const croupier_server& server, std::string_view path, const std::string& body, std::uint64_t times)
      : left_(times) {
    server.head("POST", path).render(body, wire_);
  }

  bool next(load::request& to_fill) override {
    if (left_ == 0) return false;
    --left_;
    to_fill.wire = wire_;
    return true;
  }
  std::size_t judge(const load::request&, const load::answer& got) override {
    bytes_ = got.body.size();
    return got.status == 200 ? 0 : 1;
  }
  void lost(const load::request&, load::loss) override {}
  std::size_t bytes() const noexcept { return bytes_; }

private:
  std::string wire_;
  std::uint64_t left_;
  std::size_t bytes_ = 0;
};

struct question {
  std::string name;
  std::string_view path;
  std::string page;
  std::string filters;
};

/// Every player has moved all of its metrics once.
void fill(const std::filesystem::path& folder, std::uint64_t players) {
  ledger_setup setup;
  setup.brands = brands;
  bench_ledger ledger(folder, setup);
  ledger.register_players(0, players);
  feed(ledger.gateway(), {0, players}, [&](std::uint64_t n) { return ledger.wide_movement(n, n); });
}

std::string between(const std::string& text, const std::string& before, const std::string& after) {
  const auto from = text.find(before);
  if (from == std::string::npos) throw std::runtime_error("there is no " + before + " in " + text.substr(0, 500));
  const auto at = from + before.size();
  return text.substr(at, text.find(after, at) - at);
}

std::vector<question> questions(const croupier_server& server, std::uint64_t players) {
  const std::string first = R"("limit":50,"offset":0)";
  const auto brand = between(server.get("/admin/v1/brands?limit=1"), R"("id":")", "\"");
  const auto nobody = between(server.post("/admin/v1/affiliates", R"({"name":"Has nobody"})", 201), R"("id":")", "\"");
  const auto page = server.post(std::string(players_path), R"({"pagination":{"limit":500,"offset":0}})");
  const auto cursor = between(page, R"("nextCursor":")", "\"");
  const auto one = "player-" + std::to_string(players / 2);
  return {{"players", players_path, first, ""},
          {"players, 500 a page", players_path, R"("limit":500,"offset":0)", ""},
          {"players, by cursor", players_path, R"("limit":50,"cursor":")" + cursor + "\"", ""},
          {"players, by external id", players_path, first, R"("clientExternalIds":[")" + one + "\"]"},
          {"players, by the beginning of an id", players_path, first, R"("clientExternalIdPrefix":"player-12")"},
          {"players, by the beginning of all ids", players_path, first, R"("clientExternalIdPrefix":"player-")"},
          {"players, by an unknown beginning", players_path, first, R"("clientExternalIdPrefix":"nobody")"},
          {"players, of a brand", players_path, first, R"("revenueOriginIds":[")" + brand + "\"]"},
          {"players, of an affiliate without any", players_path, first, R"("affiliateIds":[")" + nobody + "\"]"},
          {"players, registered long ago", players_path, first, R"("registered":{"to":"2001-01-01T00:00:00Z"})"},
          {"movements", movements_path, first, std::string(always)},
          {"movements, of a brand", movements_path, first,
           std::string(always) + R"(,"revenueOriginIds":[")" + brand + "\"]"},
          {"movements, of a player", movements_path, first,
           std::string(always) + R"(,"clientExternalIds":[")" + one + "\"]"}};
}

double milliseconds(std::chrono::nanoseconds value) {
  return std::chrono::duration<double, std::milli>(value).count();
}

void ask(croupier_server& server, const question& what, std::uint64_t times) {
  const auto body = R"({"pagination":{)" + what.page + R"(},"filters":{)" + what.filters + "}}";
  same_posts warm(server, what.path, body, 3);
  same_posts calls(server, what.path, body, times);
  load::plan plan;
  plan.connections = 1;
  plan.answer_timeout = std::chrono::seconds(60);
  plan.outcomes = {"answered", "other"};
  load::run(plan, server.channels(), warm);
  const auto cpu_before = server.process().cpu_s();
  const auto report = load::run(plan, server.channels(), calls);
  const auto cpu_ms = (server.process().cpu_s() - cpu_before) * 1e3 / static_cast<double>(times);
  if (report.outcomes[1].latency.count() > 0 || report.lost_in_all() > 0)
    throw std::runtime_error(what.name + " is not answered");
  const auto latency = report.latency();
  std::printf("%-40s %9.2f %9.2f %9.2f %9.2f %9zu\n", what.name.c_str(), milliseconds(latency.quantile(0.5)),
              milliseconds(latency.quantile(0.99)), milliseconds(latency.max()), cpu_ms, calls.bytes());
  std::fflush(stdout);
}

int run(int argc, char** argv) {
  std::string program = croupier_beside_us();
  std::string only;
  std::uint64_t players = 1'000'000;
  std::uint64_t requests = 200;
  arguments args(argc, argv);
  args.text("--server", program);
  args.text("--only", only);
  args.number("--players", players);
  args.number("--requests", requests);
  args.done();

  const scratch_folder scratch("croupier-lists");
  fill(scratch.path() / "data", players);
  croupier_server server({program, scratch.path(), workspace_text(1), {}});
  std::printf("%-40s %9s %9s %9s %9s %9s\n", "", "p50 ms", "p99 ms", "max ms", "CPU ms", "bytes");
  for (const auto& each : questions(server, players))
    if (each.name.find(only) != std::string::npos) ask(server, each, requests);
  std::printf("%lu players in %u brands with ten metrics each, one movement of each; %lu requests\n", players,
              static_cast<unsigned>(brands), requests);
  server.stop();
  return 0;
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
