#include "cli/answers.hpp"
#include "cli/commands.hpp"
#include "cli/text_table.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace croupier::cli {
namespace {

namespace json = boost::json;

struct balance_arguments {
  std::string brand;
  std::string player;
  std::string at;
  std::uint64_t at_sequence = 0;
  bool as_json = false;
  std::shared_ptr<server_access> server;
};

constexpr const char* footer = R"(Examples:
  croupier balance --brand 0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11 --player player-42
  croupier balance --brand ... --player player-42 --at 2026-06-01T00:00:00Z --json

Exit codes: 0 success, 1 failure (the last line says why), 2 wrong usage.)";

void add_metrics(const json::object& from, std::string_view list, text_table& table) {
  for (const json::value& metric : list_member(from, list))
    if (const json::object* one = metric.if_object())
      table.add({text_member(*one, "code"), text_member(*one, "value")});
}

void print(const json::object& balances) {
  const json::object& client = object_member(balances, "client");
  const json::object& revshare = object_member(balances, "revshare");
  std::cout << "player    " << text_member(client, "externalId") << "  (" << text_member(client, "id") << ")\n"
            << "updated   " << text_member(balances, "updatedAt") << "  (sequence " << text_member(balances, "sequence")
            << ")\n"
            << "revshare  " << text_member(revshare, "total") << " in all, " << text_member(revshare, "open")
            << " open\n\n";
  text_table table({text_table::side::left, text_table::side::right}, {"METRIC", "BALANCE"});
  add_metrics(balances, "integerMetrics", table);
  add_metrics(balances, "decimalMetrics", table);
  table.print(std::cout);
}

exit_code run(const balance_arguments& arguments) {
  api_client client(*arguments.server);
  api_client::query query{{"revenueOriginId", arguments.brand}, {"externalId", arguments.player}};
  if (!arguments.at.empty()) query.emplace_back("at", arguments.at);
  if (arguments.at_sequence > 0) query.emplace_back("atSequence", std::to_string(arguments.at_sequence));
  const auto answer = read_answer(client.get("/api/node/clients/v1/balances", query));
  if (!answer) return fail(answer.error());
  if (arguments.as_json) {
    std::cout << answer->text << '\n';
  } else {
    print(answer->content);
  }
  return exit_code::success;
}

} // namespace

void add_balance(CLI::App& app, exit_code& code) {
  CLI::App* command = app.add_subcommand("balance", "Show a player's balances, now or in the past");
  auto arguments = std::make_shared<balance_arguments>();
  command->add_option("--brand", arguments->brand, "The brand's id")->required()->type_name("UUID");
  command->add_option("--player", arguments->player, "The player's external id")->required()->type_name("ID");
  CLI::Option* at = command->add_option("--at", arguments->at, "The balances as of this time (RFC 3339)");
  at->type_name("TIME");
  command->add_option("--at-sequence", arguments->at_sequence, "The balances as of this sequence")
      ->type_name("N")
      ->excludes(at);
  command->add_flag("--json", arguments->as_json, "Print the server's answer as it is");
  arguments->server = add_server_access(*command);
  command->footer(footer);
  command->callback([arguments, &code] { code = run(*arguments); });
}

} // namespace croupier::cli
