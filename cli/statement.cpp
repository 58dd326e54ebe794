#include "cli/answers.hpp"
#include "cli/commands.hpp"
#include "cli/text_table.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace croupier::cli {
namespace {

namespace json = boost::json;

struct statement_arguments {
  std::string affiliate;
  std::string currency;
  std::string cursor;
  std::uint64_t limit = 50;
  bool as_json = false;
  std::shared_ptr<server_access> server;
};

constexpr const char* footer = R"(Examples:
  croupier statement --affiliate 5d1f0c2a-0002-4000-8000-000000000001 --currency EUR
  croupier statement --affiliate ... --currency EUR --limit 500 --json

The newest lines come first. "earned in all" is what had been earned after each line.

Exit codes: 0 success, 1 failure (the last line says why), 2 wrong usage.)";

/// The rule that made a line.
std::string rule_of(const json::object& line) {
  if (const auto rule = text_member(object_member(line, "adjustment"), "rule"); !rule.empty()) return rule;
  if (!text_member(line, "metric").empty())
    return text_member(line, "metric") + " x " + text_member(line, "rate") + " %";
  return text_member(line, "status");
}

void print(const json::object& statement) {
  const json::object& buckets = object_member(statement, "buckets");
  std::cout << "affiliate  " << text_member(statement, "affiliateName") << ", " << text_member(statement, "currency")
            << "\nopen       " << text_member(buckets, "open") << "\non hold    " << text_member(buckets, "onHold")
            << "\ncarried    " << text_member(buckets, "carried") << "\npending    " << text_member(buckets, "pending")
            << "\npaid       " << text_member(buckets, "paid") << "\n\n";
  using side = text_table::side;
  text_table table({side::right, side::left, side::left, side::left, side::right, side::right, side::right},
                   {"ENTRY", "TIME", "KIND", "RULE", "GROSS", "EARNED", "EARNED IN ALL"});
  for (const json::value& each : list_member(statement, "lines"))
    if (const json::object* line = each.if_object())
      table.add({text_member(*line, "sequence"), text_member(*line, "time"), text_member(*line, "kind"), rule_of(*line),
                 text_member(*line, "gross"), text_member(*line, "earned"), text_member(*line, "earnedAfter")});
  table.print(std::cout);
  if (const auto next = text_member(object_member(statement, "pagination"), "nextCursor"); !next.empty())
    std::cout << "older lines: --cursor " << next << '\n';
}

exit_code run(const statement_arguments& arguments) {
  api_client client(*arguments.server);
  api_client::query query{{"limit", std::to_string(arguments.limit)}};
  if (!arguments.currency.empty()) query.emplace_back("currency", arguments.currency);
  if (!arguments.cursor.empty()) query.emplace_back("cursor", arguments.cursor);
  const auto answer =
      read_answer(client.get("/api/node/billing/v1/accounts/" + arguments.affiliate + "/statement", query));
  if (!answer) return fail(answer.error());
  if (arguments.as_json)
    std::cout << answer->text << '\n';
  else
    print(answer->content);
  return exit_code::success;
}

} // namespace

void add_statement(CLI::App& app, exit_code& code) {
  CLI::App* command = app.add_subcommand("statement", "Show what an affiliate earned, line by line");
  auto arguments = std::make_shared<statement_arguments>();
  command->add_option("--affiliate", arguments->affiliate, "The affiliate's id")
      ->required()
      ->type_name("UUID")
      ->check([](const std::string& text) {
        const auto plain = text.find_first_not_of("0123456789abcdefABCDEF-") == std::string::npos;
        return plain && !text.empty() ? std::string() : std::string("is not a UUID");
      });
  command->add_option("--currency", arguments->currency, "The currency of the account")->type_name("CODE");
  command->add_option("--limit", arguments->limit, "How many lines")->check(CLI::Range(1, 500))->type_name("N");
  command->add_option("--cursor", arguments->cursor, "Where to go on, from the page before")->type_name("CURSOR");
  command->add_flag("--json", arguments->as_json, "Print the server's answer as it is");
  arguments->server = add_server_access(*command);
  command->footer(footer);
  command->callback([arguments, &code] { code = run(*arguments); });
}

} // namespace croupier::cli
