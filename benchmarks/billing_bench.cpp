// What paying affiliates costs. One affiliate has all players and movements of a running server:
//   reads     its open balance and the first page of its statement, one call after the other
//   settling  settling all of it, and deleting that again, over and over, while batches of movements go on; beside the
//             rate of the same batches without
//   cost      the write path without HTTP, accounts and reports behind it: a ledger whose offer pays by a plan with
//             tiers and a CPA takes turns with one whose offer pays nothing. Processor time of all threads, until the
//             books have everything.
//
//   billing_bench [--server PATH] [--players 100000] [--movements 1000000] [--rounds 3] [--seconds 3] [--only NAME]
//                 [--cost-movements 600000] (of each side and round)

#include "actors/books.hpp"
#include "benchmarks/support/arguments.hpp"
#include "benchmarks/support/bench_ledger.hpp"
#include "benchmarks/support/croupier_calls.hpp"
#include "benchmarks/support/feeding.hpp"
#include "benchmarks/support/figures.hpp"
#include "benchmarks/support/machine.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <future>
#include <iostream>
#include <stdexcept>
#include <thread>

namespace {

using namespace croupier;
using namespace croupier::bench;
using clock_type = std::chrono::steady_clock;

const std::string billing = "/api/node/billing/v1/";
constexpr auto patience = std::chrono::minutes(10);

double milliseconds_since(clock_type::time_point start) {
  return std::chrono::duration<double, std::milli>(clock_type::now() - start).count();
}

double milliseconds(std::chrono::nanoseconds value) {
  return std::chrono::duration<double, std::milli>(value).count();
}

/// The text of a member of a JSON body, from its first mention on.
std::string member(const std::string& body, const std::string& name) {
  const auto at = body.find('"' + name + "\":");
  if (at == std::string::npos) throw std::runtime_error("no " + name + " in " + body.substr(0, 300));
  auto from = at + name.size() + 3;
  if (body[from] == '"') ++from;
  return body.substr(from, body.find_first_of("\",}", from) - from);
}

/// The workspace of all benchmarks, with an affiliate that can be paid.
std::string paying_workspace() {
  const std::string name = "[[affiliates]]\nname = \"Affiliate\"\n";
  auto text = workspace_text(1);
  return text.replace(text.find(name), name.size(), name + "payment_details = \"IBAN\"\n");
}

/// A server whose affiliate has earned on many movements.
class subject {
public:
  subject(const croupier_options& options, const workload& work, std::chrono::nanoseconds duration)
      : server_(options), model_(work), duration_(duration) {
    server_.register_players(work);
  }

  /// Writes movements until there are as many; gives how many there are.
  std::uint64_t fill(std::uint64_t movements) {
    while (model_.applied() < movements) {
      feed_options options;
      options.limit = movements - model_.applied();
      write(batch_calls::form::ndjson, 4, 5'000, options, std::chrono::minutes(30));
    }
    catch_up();
    return model_.applied();
  }

  /// Movements per second, in batches of 100.
  double batches() { return write(batch_calls::form::json, 16, 100, {}, duration_); }

  void reads(figures& out) {
    const auto id = member(server_.get(billing + "open-balances"), "affiliateId");
    const auto account = billing + "accounts/" + id + "/statement";
    for (const auto& [name, path] :
         {std::pair<std::string, std::string>{"open balance", billing + "open-balances?affiliateId=" + id},
          {"first 50 lines of a statement", account + "?limit=50"},
          {"first 500 lines of a statement", account}}) {
      same_gets calls(server_, path, 200);
      load::plan plan;
      plan.connections = 1;
      plan.duration = duration_;
      plan.outcomes = same_gets::outcomes();
      const auto computed_before = server_.process().cpu_s();
      const auto found = load::run(plan, server_.channels(), calls);
      const auto computed_s = server_.process().cpu_s() - computed_before;
      if (found.outcomes[1].latency.count() > 0 || found.lost_in_all() > 0)
        throw std::runtime_error(path + " was not always answered 200");
      out.add(name + ": median", "ms", milliseconds(found.latency().quantile(0.5)));
      out.add(name + ": p99", "ms", milliseconds(found.latency().quantile(0.99)));
      out.add(name + ": the server's processor time", "ms", 1e3 * computed_s / static_cast<double>(found.answered()));
    }
  }

  void settling(figures& out) {
    const auto alone = batches();
    catch_up();
    std::atomic<bool> enough{false};
    auto settled = std::async(std::launch::async, [&] { settle_until(enough, out); });
    const auto beside = batches();
    enough = true;
    settled.get();
    out.add("writes alone", "/s", alone);
    out.add("writes beside settling", "/s", beside);
    out.add("writes beside settling / alone", "x", beside / alone);
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
  double write(batch_calls::form form, std::size_t connections, std::size_t together, const feed_options& options,
               std::chrono::nanoseconds duration) {
    movement_feed feed(model_, numbers_, options);
    batch_calls calls(feed, server_, form, together);
    load::plan plan;
    plan.connections = connections;
    plan.duration = duration;
    plan.outcomes = verdict_names();
    const auto found = load::run(plan, server_.channels(), calls);
    const auto& wrong = found.outcomes[static_cast<std::size_t>(verdict::wrong)];
    if (wrong.latency.count() > 0 || found.lost_in_all() > 0)
      throw std::runtime_error("not every answer was the expected one:\n" + load::to_text(found));
    return static_cast<double>(calls.settled()) / found.elapsed_s;
  }

  /// Waits until the accounts have everything that was written.
  void catch_up() {
    for (const auto until = clock_type::now() + patience; clock_type::now() < until;) {
      try {
        server_.get(billing + "open-balances");
        return;
      } catch (const std::runtime_error&) { // 503: not yet
      }
    }
    throw std::runtime_error("the accounts do not catch up");
  }

  void settle_until(const std::atomic<bool>& enough, figures& out) {
    std::uint64_t refused = 0;
    // 503: the accounts are more than two seconds behind the writes.
    const auto is_done = [&refused](const auto& call) {
      try {
        call();
        return true;
      } catch (const std::runtime_error& no) {
        if (std::string(no.what()).find(": 503 ") == std::string::npos) throw;
        ++refused;
        return false;
      }
    };
    while (!enough) {
      const auto body = R"({"all":true,"requestId":"s)" + std::to_string(++settlements_) + "\"}";
      auto start = clock_type::now();
      std::string made;
      if (!is_done([&] { made = server_.post(billing + "settle-balances", body); })) continue;
      out.add("settling everything, beside writes", "ms", milliseconds_since(start));
      const auto parts = made.substr(made.find("\"accountSettlements\""));
      out.add("movements settled at once", "", std::stod(member(parts, "movements")));
      start = clock_type::now();
      while (!is_done([&] { server_.erase(billing + "account-settlements/" + member(parts, "id")); }))
        start = clock_type::now();
      out.add("deleting that settlement", "ms", milliseconds_since(start));
    }
    out.add("calls refused because the accounts were behind", "", static_cast<double>(refused));
  }

  croupier_server server_;
  model model_;
  std::atomic<std::uint64_t> numbers_{1};
  std::chrono::nanoseconds duration_;
  std::uint64_t settlements_ = 0;
};

/// A ledger without HTTP, with its books.
class in_process {
public:
  in_process(const std::filesystem::path& folder, bool pays, std::uint64_t players)
      : ledger_(folder, setup(pays)), players_(players) {
    if (pays) add_plan();
    ledger_.register_players(0, players);
    auto opened = actors::books::open(folder, ledger_.view());
    if (!opened) throw std::runtime_error(opened.error().text);
    books_ = std::move(opened).value();
  }
  ~in_process() { books_->stop(); }
  in_process(const in_process&) = delete;
  in_process& operator=(const in_process&) = delete;

  /// Processor time of each movement, in microseconds.
  double cost_of(std::uint64_t movements) {
    const auto before = own_processor_time_us();
    feeding plan;
    plan.first = next_;
    plan.count = movements;
    feed(ledger_.gateway(), plan, [&](std::uint64_t number) {
      return ledger_.movement(((number * 0x9e3779b97f4a7c15U) >> 20) % players_, number);
    });
    next_ += movements;
    if (!books_->feed().wait_for(ledger_.view().durable(), clock_type::now() + patience))
      throw std::runtime_error("the books do not catch up");
    return (own_processor_time_us() - before) / static_cast<double>(movements);
  }

private:
  static ledger_setup setup(bool pays) {
    ledger_setup out;
    out.with_offer = pays;
    return out;
  }

  /// Tiers, deductions, and a CPA that nobody reaches, on deposits.
  void add_plan() {
    commission_plan plan;
    plan.number = {1};
    plan.id = uuid::from_halves(1, 1);
    plan.name = "Plan";
    plan.offer = {1};
    const auto now = std::chrono::system_clock::now().time_since_epoch() + std::chrono::milliseconds(500);
    plan.valid_from = {std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
    revshare_leg leg;
    leg.metric = {1};
    leg.tiers = {{*amount::parse("1000000"), percentage::from_integer(5)}, {{}, percentage::from_integer(8)}};
    leg.deductions = {percentage::from_integer(3), percentage::from_integer(20)};
    plan.revshare = leg;
    cpa_leg cpa;
    cpa.fee = *amount::parse("20");
    cpa.deposits = cpa_condition{{1}, *amount::parse("1000000000")};
    plan.cpa = cpa;
    const auto until = clock_type::now() + patience;
    if (!std::holds_alternative<actors::receipt>(ledger_.gateway().change_workspace({plan}, "benchmark", until)))
      throw std::runtime_error("the plan was refused");
    std::this_thread::sleep_for(std::chrono::seconds(1)); // it is in force before the players register
  }

  bench_ledger ledger_;
  std::uint64_t players_;
  std::unique_ptr<actors::books> books_;
  std::uint64_t next_ = 1;
};

void cost(const std::filesystem::path& folder, std::uint64_t players, std::uint64_t movements, std::uint64_t rounds,
          figures& out) {
  in_process paying(folder / "paying", true, players);
  in_process free_of(folder / "free", false, players);
  // Many short turns, and each pair in the other order: what else the machine does falls on both alike.
  constexpr std::uint64_t turns_per_round = 6;
  const auto each = std::max<std::uint64_t>(1, movements / turns_per_round);
  for (std::uint64_t turn = 0; turn <= rounds * turns_per_round; ++turn) {
    const auto first = turn % 2 == 0 ? paying.cost_of(each) : free_of.cost_of(each);
    const auto second = turn % 2 == 0 ? free_of.cost_of(each) : paying.cost_of(each);
    const auto with = turn % 2 == 0 ? first : second;
    const auto without = turn % 2 == 0 ? second : first;
    if (turn == 0) continue; // the players wake
    out.add("processor time of a movement, with commission", "us", with);
    out.add("processor time of a movement, without", "us", without);
    out.add("rate with commission / without, by processor time", "x", without / with);
  }
}

int run(int argc, char** argv) {
  std::string program = croupier_beside_us();
  std::string only;
  std::uint64_t players = 100'000;
  std::uint64_t movements = 1'000'000;
  std::uint64_t cost_movements = 600'000;
  std::uint64_t rounds = 3;
  std::uint64_t seconds = 3;
  arguments args(argc, argv);
  args.text("--server", program);
  args.text("--only", only);
  args.number("--players", players);
  args.number("--movements", movements);
  args.number("--cost-movements", cost_movements);
  args.number("--rounds", rounds);
  args.number("--seconds", seconds);
  args.done();

  const scratch_folder scratch("croupier-billing");
  figures out;
  if (only.empty() || only == "cost") {
    std::cerr << "cost\n";
    cost(scratch.path(), players, cost_movements, rounds, out);
  }
  std::string wrong;
  std::uint64_t filled = 0;
  if (only != "cost") {
    workload_options options;
    options.players = static_cast<std::uint32_t>(players);
    const workload work(options);
    subject server({program, scratch.path() / "server", paying_workspace(), {}}, work, std::chrono::seconds(seconds));
    std::cerr << "writing " << movements << " movements\n";
    filled = server.fill(movements);
    for (std::uint64_t round = 1; round <= rounds; ++round) {
      std::cerr << "round " << round << " of " << rounds << '\n';
      if (only.empty() || only == "reads") server.reads(out);
      if (only.empty() || only == "settling") server.settling(out);
    }
    wrong = server.verdict_on_balances();
  }
  std::printf("%s", out.table().c_str());
  std::printf("fsync on, %lu players, %lu movements before the rounds, %lu rounds of %lu s; balances: %s\n", players,
              filled, rounds, seconds, wrong.empty() ? "every one as answered" : wrong.c_str());
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
