#include "cli/answers.hpp"
#include "cli/commands.hpp"
#include "cli/movement_pages.hpp"
#include "cli/text_table.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <iostream>
#include <optional>

namespace croupier::cli {
namespace {

namespace json = boost::json;

struct movements_arguments {
  movement_filters filters;
  std::uint64_t limit = 20;
  bool as_json = false;
  std::shared_ptr<server_access> server;
};

constexpr const char* footer = R"(Examples:
  croupier movements --player player-42
  croupier movements --from 2026-06-01T00:00:00Z --limit 1000000 --json > june.ndjson

Exit codes: 0 success, 1 failure (the last line says why), 2 wrong usage.)";

/// "bets +1, ngr -25.50": what the movement did to each metric.
std::string changes_of(const json::object& row) {
  std::string text;
  for (const std::string_view list : {"integerMetrics", "decimalMetrics"})
    for (const json::value& metric : list_member(row, list)) {
      const json::object* one = metric.if_object();
      if (one == nullptr) continue;
      const std::string delta = text_member(*one, "delta");
      text += (text.empty() ? "" : ", ") + text_member(*one, "code") + (delta.starts_with('-') ? " " : " +") + delta;
    }
  return text;
}

exit_code run(const movements_arguments& arguments) {
  using enum text_table::side;
  text_table table({right, left, left, left, left, right},
                   {"SEQUENCE", "TIME", "PLAYER", "REQUEST ID", "CHANGES", "REVSHARE"});
  const auto take = [&](const json::array& rows, std::optional<std::uint64_t>) {
    for (const json::value& value : rows) {
      const json::object* row = value.if_object();
      if (row == nullptr) continue;
      if (arguments.as_json)
        std::cout << json::serialize(*row) << '\n';
      else
        table.add({text_member(*row, "sequence"), text_member(*row, "createdAt"),
                   text_member(object_member(*row, "client"), "externalId"), text_member(*row, "requestId"),
                   changes_of(*row), text_member(*row, "totalRevshare")});
    }
  };
  const std::string wrong = each_movement_page(*arguments.server, arguments.filters, arguments.limit, take);
  if (!wrong.empty()) return fail(wrong);
  if (!arguments.as_json) table.print(std::cout);
  return exit_code::success;
}

} // namespace

void add_movements(CLI::App& app, exit_code& code) {
  CLI::App* command = app.add_subcommand("movements", "List movements, newest first");
  auto arguments = std::make_shared<movements_arguments>();
  command->add_option("--from", arguments->filters.from, "At or after this time")
      ->type_name("TIME")
      ->capture_default_str();
  command->add_option("--to", arguments->filters.to, "Before this time")->type_name("TIME")->capture_default_str();
  command->add_option("--brand", arguments->filters.brands, "Only of these brands (ids)")->type_name("UUID");
  command->add_option("--player", arguments->filters.players, "Only of these players (external ids)")->type_name("ID");
  command->add_option("--request-id", arguments->filters.request_ids, "Only with these request ids")->type_name("ID");
  command->add_option("--limit", arguments->limit, "At most so many")->type_name("N")->capture_default_str();
  command->add_flag("--json", arguments->as_json, "Print each movement as the server gives it, one a line");
  arguments->server = add_server_access(*command);
  command->footer(footer);
  command->callback([arguments, &code] { code = run(*arguments); });
}

} // namespace croupier::cli
