#include "cli/bench/other_calls.hpp"
#include "cli/bench/retry_storm.hpp"
#include "cli/commands.hpp"
#include "cli/progress_bar.hpp"
#include "cli/text_table.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>
#include <iostream>

namespace croupier::cli {
namespace {

namespace json = boost::json;

enum class scenario : std::uint8_t { retry_storm, single, batch, reads };

struct bench_arguments {
  scenario what = scenario::retry_storm;
  std::string brand = "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11";
  std::string link = "5d1f0c2a-0001-4000-8000-000000000002";
  std::uint32_t players = 1'000;
  std::size_t connections = 64;
  storm_options storm;
  bool as_json = false;
  std::shared_ptr<server_access> server;
};

/// What came of a run, whatever the scenario.
struct bench_result {
  load::report load;
  std::uint64_t asked_again = 0;
  std::uint64_t contradictions = 0; ///< movements whose answers cannot all be true
  std::uint64_t wrong_balances = 0; ///< players whose balances are not what the answers promise
  std::uint64_t errors = 0;         ///< answers that nothing explains
  std::string first_problem;

  bool good() const noexcept { return contradictions == 0 && wrong_balances == 0 && errors == 0; }
};

constexpr const char* footer = R"(It registers players of its own and moves their balances only; use a ledger that is
made for it all the same, since nothing is ever deleted from one.

Scenarios:
  retry-storm  every movement several times, in random order, over many connections;
               some connections are cut mid-answer, some copies have another amount
  single       every movement once
  batch        every movement once, a hundred in a request
  reads        balances, as many reads as --movements says

At the end every balance is compared with what the answers promised.

Examples:
  croupier bench --scenario retry-storm --movements 100000 --copies 3
  croupier bench --scenario single --movements 50000 --connections 8 --json

Exit codes: 0 every balance is as answered, 1 something is not, 2 wrong usage.)";

template<class Index>
std::uint64_t count_of(const load::report& report, Index outcome) {
  return report.outcomes[static_cast<std::size_t>(outcome)].latency.count();
}

void keep_first(bench_result& result, const std::string& problem) {
  if (result.first_problem.empty()) result.first_problem = problem;
}

load::plan plan_of(const bench_arguments& arguments, std::vector<std::string> outcomes) {
  load::plan plan;
  plan.connections = arguments.connections;
  plan.outcomes = std::move(outcomes);
  plan.answer_timeout = std::chrono::seconds(60);
  return plan;
}

void compare(bench_result& result, const contestants& whom, const std::vector<expected_balance>& promised) {
  std::string first;
  result.wrong_balances = whom.differences(promised, first);
  if (result.wrong_balances > 0) keep_first(result, first);
}

void merge(load::report& into, const load::report& more) {
  into.elapsed_s += more.elapsed_s;
  into.connects += more.connects;
  into.generator_cpu_s += more.generator_cpu_s;
  for (std::size_t i = 0; i < into.outcomes.size(); ++i) into.outcomes[i].latency.merge(more.outcomes[i].latency);
  for (std::size_t i = 0; i < into.lost.size(); ++i) into.lost[i] += more.lost[i];
}

bench_result run_storm(const contestants& whom, const bench_arguments& arguments, progress_bar& bar) {
  storm_options options = arguments.storm;
  if (arguments.what == scenario::single) options = {options.movements, 1, 0, 0, options.seed};
  const std::uint64_t all = std::uint64_t{options.movements} * options.copies;
  retry_storm storm(whom, options, [&](std::uint64_t done) {
    bar.show(done, all, with_thousands(done) + " of " + with_thousands(all) + " requests");
  });
  bench_result result;
  const auto plan = plan_of(arguments, retry_storm::outcomes());
  result.load = load::run(plan, whom.channels(), storm);
  for (int round = 0; round < 3 && storm.ask_again(); ++round)
    merge(result.load, load::run(plan, whom.channels(), storm));
  result.asked_again = storm.asked_again();
  result.errors = count_of(result.load, retry_storm::outcome::error);
  result.first_problem = storm.first_error();
  std::string first;
  result.contradictions = storm.contradictions(first);
  if (result.contradictions > 0) keep_first(result, first);
  compare(result, whom, storm.promised());
  return result;
}

bench_result run_batches(const contestants& whom, const bench_arguments& arguments, progress_bar& bar) {
  const std::uint32_t all = arguments.storm.movements;
  batch_calls calls(whom, all, arguments.storm.seed, [&](std::uint64_t done) {
    bar.show(done, all, with_thousands(done) + " of " + with_thousands(all) + " movements");
  });
  bench_result result;
  result.load = load::run(plan_of(arguments, batch_calls::outcomes()), whom.channels(), calls);
  result.errors = count_of(result.load, batch_calls::outcome::error) + (calls.accepted() == all ? 0 : 1);
  result.first_problem = calls.first_error();
  compare(result, whom, calls.promised());
  return result;
}

bench_result run_reads(const contestants& whom, const bench_arguments& arguments, progress_bar& bar) {
  const std::uint32_t all = arguments.storm.movements;
  read_calls calls(whom, all, [&](std::uint64_t done) {
    bar.show(done, all, with_thousands(done) + " of " + with_thousands(all) + " reads");
  });
  bench_result result;
  result.load = load::run(plan_of(arguments, read_calls::outcomes()), whom.channels(), calls);
  result.errors = count_of(result.load, read_calls::outcome::error) + result.load.lost_in_all();
  result.first_problem = calls.first_error();
  return result;
}

std::string milliseconds(std::chrono::nanoseconds value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", std::chrono::duration<double, std::milli>(value).count());
  return text;
}

void print(const bench_result& result, const bench_arguments& arguments) {
  using enum text_table::side;
  text_table table({left, right, right, right, right, right},
                   {"ANSWER", "COUNT", "P50 MS", "P90 MS", "P99 MS", "MAX MS"});
  for (const auto& [name, latency] : result.load.outcomes) {
    if (latency.count() == 0) continue;
    table.add({name, with_thousands(latency.count()), milliseconds(latency.quantile(0.5)),
               milliseconds(latency.quantile(0.9)), milliseconds(latency.quantile(0.99)), milliseconds(latency.max())});
  }
  for (std::size_t i = 0; i < load::loss_kinds; ++i)
    if (result.load.lost[i] > 0)
      table.add({"none: " + std::string(load::name_of(static_cast<load::loss>(i))), with_thousands(result.load.lost[i]),
                 "", "", "", ""});
  table.print(std::cout);
  std::printf("\n%s answers/s over %zu connections, %.1f s, seed %llu\n",
              with_thousands(static_cast<std::uint64_t>(result.load.rate())).c_str(), arguments.connections,
              result.load.elapsed_s, static_cast<unsigned long long>(arguments.storm.seed));
  if (result.asked_again > 0)
    std::printf("%s movements of which no answer had come were asked about again\n",
                with_thousands(result.asked_again).c_str());
  if (arguments.what != scenario::reads && result.good())
    std::printf("the balances of all %s players are what the answers promised\n",
                with_thousands(arguments.players).c_str());
}

json::object latency_of(const load::histogram& latency) {
  const auto us = [](std::chrono::nanoseconds value) { return value.count() / 1000; };
  return {{"count", latency.count()},
          {"p50Us", us(latency.quantile(0.5))},
          {"p90Us", us(latency.quantile(0.9))},
          {"p99Us", us(latency.quantile(0.99))},
          {"p999Us", us(latency.quantile(0.999))},
          {"maxUs", us(latency.max())}};
}

void print_json(const bench_result& result, const bench_arguments& arguments) {
  json::object answers;
  for (const auto& [name, latency] : result.load.outcomes) answers[name] = latency_of(latency);
  json::object unanswered;
  for (std::size_t i = 0; i < load::loss_kinds; ++i)
    unanswered[load::name_of(static_cast<load::loss>(i))] = result.load.lost[i];
  std::cout << json::serialize(json::object{{"movements", arguments.storm.movements},
                                            {"copies", arguments.storm.copies},
                                            {"players", arguments.players},
                                            {"connections", arguments.connections},
                                            {"seed", arguments.storm.seed},
                                            {"elapsedMs", static_cast<std::uint64_t>(result.load.elapsed_s * 1'000)},
                                            {"answersPerSecond", static_cast<std::uint64_t>(result.load.rate())},
                                            {"answers", std::move(answers)},
                                            {"unanswered", std::move(unanswered)},
                                            {"askedAgain", result.asked_again},
                                            {"contradictions", result.contradictions},
                                            {"wrongBalances", result.wrong_balances},
                                            {"errors", result.errors},
                                            {"firstProblem", result.first_problem}})
            << '\n';
}

bench_result run_scenario(const contestants& whom, const bench_arguments& arguments) {
  progress_bar bar;
  switch (arguments.what) {
  case scenario::retry_storm:
  case scenario::single: return run_storm(whom, arguments, bar);
  case scenario::batch: return run_batches(whom, arguments, bar);
  case scenario::reads: return run_reads(whom, arguments, bar);
  }
  return {};
}

exit_code run(const bench_arguments& arguments) {
  const contestants whom(
      {*arguments.server, arguments.brand, arguments.link, arguments.players, arguments.connections});
  const bench_result result = run_scenario(whom, arguments);
  if (arguments.as_json) {
    print_json(result, arguments);
  } else {
    print(result, arguments);
  }
  if (result.good()) return exit_code::success;
  return fail(with_thousands(result.contradictions) + " movements with answers that cannot all be true, " +
              with_thousands(result.wrong_balances) + " players with wrong balances, " + with_thousands(result.errors) +
              " unexpected answers; the first: " + result.first_problem);
}

} // namespace

void add_bench(CLI::App& app, exit_code& code) {
  CLI::App* command = app.add_subcommand("bench", "Load a running server and check what it answered");
  auto arguments = std::make_shared<bench_arguments>();
  const std::map<std::string, scenario> scenarios{{"retry-storm", scenario::retry_storm},
                                                  {"single", scenario::single},
                                                  {"batch", scenario::batch},
                                                  {"reads", scenario::reads}};
  // The transformer would describe itself with the bytes of the values.
  command->add_option("--scenario", arguments->what, "What to do")
      ->transform(CLI::CheckedTransformer(scenarios).description(""))
      ->default_str("retry-storm")
      ->type_name("retry-storm, single, batch or reads");
  storm_options& storm = arguments->storm;
  const auto number = [&](const char* name, auto& value, const char* what, std::uint32_t from, std::uint32_t to) {
    command->add_option(name, value, what)->check(CLI::Range(from, to))->type_name("N")->capture_default_str();
  };
  number("--movements", storm.movements, "Different movements, or reads", 1, 20'000'000);
  number("--copies", storm.copies, "How often each is sent in a storm", 1, 20);
  number("--players", arguments->players, "Players that are registered for the run", 1, 1'000'000);
  number("--connections", arguments->connections, "Connections, one request at a time on each", 1, 10'000);
  number("--cut", storm.cut_percent, "Percent of a storm's requests whose connection is cut", 0, 100);
  number("--changed", storm.changed_percent, "Percent of a storm's repeats with another amount", 0, 100);
  command->add_option("--seed", storm.seed, "Decides order, amounts and cuts")->type_name("N")->capture_default_str();
  command->add_option("--brand", arguments->brand, "The brand's id")->type_name("UUID")->capture_default_str();
  command->add_option("--link", arguments->link, "A tracking link of the brand, to register players with")
      ->type_name("UUID")
      ->capture_default_str();
  command->add_flag("--json", arguments->as_json, "Print the report as one line of JSON");
  arguments->server = add_server_access(*command);
  command->footer(footer);
  command->callback([arguments, &code] { code = run(*arguments); });
}

} // namespace croupier::cli
