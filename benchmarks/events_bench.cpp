// What events cost beside movements: batches of 100 Revvvs and of 50 Wynta events through HTTP, each a deposit that one
// mapping takes to one metric, beside batches of 100 movements that change the same metric, in the same run. Beside the
// rates stands the server's processor time for each. It starts its own server, and at the end holds every balance
// against what was answered.
//
//   events_bench [--server PATH] [--players 100000] [--rounds 5] [--seconds 3]

#include "benchmarks/support/arguments.hpp"
#include "benchmarks/support/croupier_calls.hpp"
#include "benchmarks/support/figures.hpp"

#include <cstdio>
#include <iostream>
#include <stdexcept>

namespace {

using namespace croupier;
using namespace croupier::bench;

constexpr std::size_t connections = 64;
constexpr std::size_t revvvs_size = 100;
constexpr std::size_t wynta_size = 50;

constexpr std::string_view mappings = R"(
[[event_mappings]]
name = "Revvvs deposit"
dialect = "revvvs"
event = "deposit"
metric = "deposits-total"
value_path = "amount"
currency_path = "currency"
[[event_mappings]]
name = "Wynta deposit"
dialect = "wynta"
event = "deposit_success"
metric = "deposits-total"
value_path = "properties.amount"
currency_path = "properties.currency"
)";

enum class kind : std::uint8_t { revvvs, wynta };

/// Many events per request, all of them new. Outcomes: `verdict_names()`, of whole requests.
class event_calls final : public load::caller {
public:
  event_calls(movement_feed& feed, const croupier_server& server, kind as)
      : feed_(feed),
        groups_(feed),
        head_(server.head("POST", as == kind::revvvs ? "/api/v1/events" : "/v1/events/track")),
        kind_(as) {}

  bool next(load::request& to_fill) override {
    const auto size = kind_ == kind::revvvs ? revvvs_size : wynta_size;
    if (!groups_.take(size, to_fill.tag)) return false;
    body_.assign(R"({"events":[)");
    for (const auto& each : groups_.of(to_fill.tag)) {
      if (body_.back() != '[') body_ += ',';
      feed_.make(each, movement_);
      if (kind_ == kind::revvvs)
        append_revvvs();
      else
        append_wynta();
    }
    body_ += "]}";
    head_.render(body_, to_fill.wire);
    return true;
  }

  std::size_t judge(const load::request& sent, const load::answer& got) override {
    const auto all = R"("accepted":)" + std::to_string(groups_.of(sent.tag).size()) + ",";
    auto said = verdict::wrong;
    if (got.status == 503) said = verdict::overloaded;
    if (got.status == 202 && got.body.find(all) != std::string_view::npos) said = verdict::applied;
    return outcome_of(groups_.settle(sent.tag, said), feed_, got.status, got.body);
  }

  void lost(const load::request& sent, load::loss why) override {
    feed_.remember(load::name_of(why));
    groups_.lost(sent.tag);
  }

  std::uint64_t settled() const noexcept { return groups_.settled(); }

private:
  void append_revvvs() {
    body_.append(R"({"event_type":"deposit","event_time":"2026-05-28T10:34:12Z","brand_id":")");
    body_.append(brand_id(movement_.brand)).append(R"(","player_external_ref":")").append(movement_.external_id);
    body_.append(R"(","idempotency_key":")").append(movement_.request_id).append(R"(","currency":"EUR","amount":)");
    append_value(body_, movement_.changes.front(), true);
    body_.append(R"(,"metadata":{"payment_method":"visa"}})");
  }

  void append_wynta() {
    body_.append(R"({"user_id":")")
        .append(movement_.external_id)
        .append(R"(","session_id":"sess_abc12398","event_id":")");
    body_.append(movement_.request_id)
        .append(R"(","event_name":"deposit_success","timestamp":"2026-05-28T10:34:12Z",)");
    body_.append(R"("device_type":"mobile","platform":"android","brand_id":")").append(brand_id(movement_.brand));
    body_.append(R"(","properties":{"currency":"EUR","payment_method":"visa","amount":)");
    append_value(body_, movement_.changes.front(), true);
    body_.append("}}");
  }

  movement_feed& feed_;
  draft_groups groups_;
  load::request_head head_;
  kind kind_;
  movement movement_;
  std::string body_;
};

/// One server under test and the runs that can be made against it.
class subject {
public:
  subject(const croupier_options& options, const workload& work, std::chrono::nanoseconds duration)
      : server_(options), model_(work), duration_(duration) {
    server_.register_players(work);
  }

  struct measured {
    double per_s = 0;     ///< movements or events
    double server_us = 0; ///< processor time of the server for each
  };

  measured movements() {
    movement_feed feed(model_, numbers_, {});
    batch_calls calls(feed, server_, batch_calls::form::json, revvvs_size);
    return run(calls);
  }

  measured events(kind as) {
    movement_feed feed(model_, numbers_, {});
    event_calls calls(feed, server_, as);
    return run(calls);
  }

  /// Empty when every balance and the number of movements are what the answers said.
  std::string verdict_on_balances() {
    balance_check check(model_);
    server_.read_balances([&](auto player, auto code, auto value) { check.see(player, code, value); });
    check.see_count(server_.counter("croupier_movements_accepted_total"));
    server_.stop();
    return check.verdict();
  }

private:
  template<class Calls>
  measured run(Calls& calls) {
    load::plan plan;
    plan.connections = connections;
    plan.duration = duration_;
    plan.outcomes = verdict_names();
    const auto before_s = server_.process().cpu_s();
    const auto report = load::run(plan, server_.channels(), calls);
    const auto spent_s = server_.process().cpu_s() - before_s;
    const auto& wrong = report.outcomes[static_cast<std::size_t>(verdict::wrong)];
    if (wrong.latency.count() > 0 || report.lost_in_all() > 0)
      throw std::runtime_error("not every answer was the expected one:\n" + load::to_text(report));
    const auto count = static_cast<double>(calls.settled());
    return {count / report.elapsed_s, 1e6 * spent_s / count};
  }

  croupier_server server_;
  model model_;
  std::atomic<std::uint64_t> numbers_{1};
  std::chrono::nanoseconds duration_;
};

int run(int argc, char** argv) {
  std::string program = croupier_beside_us();
  std::uint64_t players = 100'000;
  std::uint64_t rounds = 5;
  std::uint64_t seconds = 3;
  arguments args(argc, argv);
  args.text("--server", program);
  args.number("--players", players);
  args.number("--rounds", rounds);
  args.number("--seconds", seconds);
  args.done();

  const scratch_folder scratch("croupier-events");
  workload_options options;
  options.players = static_cast<std::uint32_t>(players);
  const workload work(options);
  subject server({program, scratch.path(), workspace_text(1) + std::string(mappings), {}}, work,
                 std::chrono::seconds(seconds));
  figures out;
  for (std::uint64_t round = 1; round <= rounds; ++round) {
    std::cerr << "round " << round << " of " << rounds << '\n';
    // What comes later in a round meets a larger ledger, so each is first in turn.
    subject::measured movements, revvvs, wynta;
    for (std::uint64_t turn = 0; turn < 3; ++turn) {
      const auto which = (round + turn) % 3;
      if (which == 1) movements = server.movements();
      if (which == 2) revvvs = server.events(kind::revvvs);
      if (which == 0) wynta = server.events(kind::wynta);
    }
    const auto tell = [&out](const std::string& what, const auto& of) {
      out.add(what, "/s", of.per_s);
      out.add(what + ": server", "us", of.server_us);
    };
    tell("movements in batches of 100", movements);
    tell("Revvvs events in batches of 100", revvvs);
    tell("Wynta events in batches of 50", wynta);
    out.add("Revvvs events / movements", "x", revvvs.per_s / movements.per_s);
    out.add("Wynta events / movements", "x", wynta.per_s / movements.per_s);
  }
  std::printf("%s", out.table().c_str());
  const auto wrong = server.verdict_on_balances();
  std::printf("fsync on, %lu players, %lu rounds of %lu s; balances: %s\n", players, rounds, seconds,
              wrong.empty() ? "every one as answered" : wrong.c_str());
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
