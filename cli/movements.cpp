#include "cli/answers.hpp"
#include "cli/commands.hpp"
#include "cli/text_table.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <iostream>
#include <vector>

namespace croupier::cli {
namespace {

namespace json = boost::json;

struct movements_arguments {
  std::string from = "0001-01-01T00:00:00Z";
  std::string to = "9999-12-31T23:59:59Z";
  std::vector<std::string> brands;
  std::vector<std::string> players;
  std::vector<std::string> request_ids;
  std::uint64_t limit = 20;
  bool as_json = false;
  std::shared_ptr<server_access> server;
};

constexpr std::uint64_t page_rows_max = 500;

constexpr const char* footer = R"(Examples:
  croupier movements --player player-42
  croupier movements --from 2026-06-01T00:00:00Z --limit 1000000 --json > june.ndjson)";

json::object filters_of(const movements_arguments& arguments) {
  json::object filters{{"timeRange", {{"from", arguments.from}, {"to", arguments.to}}}};
  const auto add = [&](std::string_view name, const std::vector<std::string>& values) {
    if (!values.empty()) filters[name] = json::array(values.begin(), values.end());
  };
  add("revenueOriginIds", arguments.brands);
  add("clientExternalIds", arguments.players);
  add("requestIds", arguments.request_ids);
  return filters;
}

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

/// Asks page after page and gives each row to `take`; one line when that fails.
template<class Take>
std::string each_row(const movements_arguments& arguments, Take take) {
  api_client client(*arguments.server);
  json::object body{{"filters", filters_of(arguments)}};
  json::object pagination{{"offset", 0}};
  for (std::uint64_t left = arguments.limit; left > 0;) {
    pagination["limit"] = std::min(left, page_rows_max);
    body["pagination"] = pagination;
    const auto answer = read_answer(client.post("/api/node/clients/v1/metrics/movements/list", json::serialize(body)));
    if (!answer) return answer.error();
    const json::array& rows = list_member(answer->content, "rows");
    for (const json::value& row : rows)
      if (const json::object* one = row.if_object()) take(*one);
    const std::string cursor = text_member(object_member(answer->content, "pagination"), "nextCursor");
    if (rows.empty() || cursor.empty()) return {};
    pagination = {{"cursor", cursor}};
    left -= std::min<std::uint64_t>(left, rows.size());
  }
  return {};
}

exit_code run(const movements_arguments& arguments) {
  using enum text_table::side;
  text_table table({right, left, left, left, left, right},
                   {"SEQUENCE", "TIME", "PLAYER", "REQUEST ID", "CHANGES", "REVSHARE"});
  const std::string wrong = each_row(arguments, [&](const json::object& row) {
    if (arguments.as_json) {
      std::cout << json::serialize(row) << '\n';
      return;
    }
    table.add({text_member(row, "sequence"), text_member(row, "createdAt"),
               text_member(object_member(row, "client"), "externalId"), text_member(row, "requestId"), changes_of(row),
               text_member(row, "totalRevshare")});
  });
  if (!wrong.empty()) return fail(wrong);
  if (!arguments.as_json) table.print(std::cout);
  return exit_code::success;
}

} // namespace

void add_movements(CLI::App& app, exit_code& code) {
  CLI::App* command = app.add_subcommand("movements", "List movements, newest first");
  auto arguments = std::make_shared<movements_arguments>();
  command->add_option("--from", arguments->from, "At or after this time")->type_name("TIME")->capture_default_str();
  command->add_option("--to", arguments->to, "Before this time")->type_name("TIME")->capture_default_str();
  command->add_option("--brand", arguments->brands, "Only of these brands (ids)")->type_name("UUID");
  command->add_option("--player", arguments->players, "Only of these players (external ids)")->type_name("ID");
  command->add_option("--request-id", arguments->request_ids, "Only with these request ids")->type_name("ID");
  command->add_option("--limit", arguments->limit, "At most so many")->type_name("N")->capture_default_str();
  command->add_flag("--json", arguments->as_json, "Print each movement as the server gives it, one a line");
  arguments->server = add_server_access(*command);
  command->footer(footer);
  command->callback([arguments, &code] { code = run(*arguments); });
}

} // namespace croupier::cli
