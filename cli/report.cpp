#include "engine/report.hpp"
#include "cli/answers.hpp"
#include "cli/commands.hpp"
#include "cli/text_table.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cctype>
#include <iostream>
#include <utility>

namespace croupier::cli {
namespace {

namespace json = boost::json;

struct report_arguments {
  std::string preset;
  std::vector<std::string> dimensions;
  std::vector<std::string> measures;
  std::vector<std::string> filters;
  std::string from;
  std::string to;
  bool as_json = false;
  bool as_csv = false;
  std::shared_ptr<server_access> server;
};

constexpr const char* footer = R"(Examples:
  croupier report --group-by date,affiliate --measures click_count,ftd_count,ngr
  croupier report --group-by campaign --measures total_reward --filter affiliate="Demo Affiliate" --csv
  croupier report --preset "$REPORT_TOKEN" --from 2026-03-01 --to 2026-03-31 --json

What can be asked for: docs/reports.md.

Exit codes: 0 success, 1 failure (the last line says why), 2 wrong usage.)";

/// The body of a query.
json::object body_of(const report_arguments& from) {
  json::object body;
  body["dimensions"] = json::array(from.dimensions.begin(), from.dimensions.end());
  body["measures"] = json::array(from.measures.begin(), from.measures.end());
  json::object filters;
  for (const auto& filter : from.filters) {
    const auto equals = filter.find('='); // the option's check has seen it
    auto& values = filters[filter.substr(0, equals)];
    if (!values.is_array()) values = json::array();
    values.as_array().push_back(json::string(filter.substr(equals + 1)));
  }
  body["filters"] = std::move(filters);
  if (!from.from.empty()) body["startDate"] = from.from;
  if (!from.to.empty()) body["endDate"] = from.to;
  return body;
}

/// The server's CSV, line by line: cells as text.
std::vector<std::vector<std::string>> cells_of(std::string_view csv) {
  std::vector<std::vector<std::string>> lines;
  std::vector<std::string> line(1);
  bool quoted = false;
  for (std::size_t i = 0; i < csv.size(); ++i) {
    const char c = csv[i];
    if (c == '"' && quoted && i + 1 < csv.size() && csv[i + 1] == '"') {
      line.back() += csv[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      line.emplace_back();
    } else if (c == '\n' && !quoted) {
      lines.push_back(std::exchange(line, std::vector<std::string>(1)));
    } else if (c != '\r' || quoted) {
      line.back() += c;
    }
  }
  return lines;
}

/// Texts of dimensions stand on the left, figures on the right; what could move a terminal's cursor is left out.
void print_table(std::string_view csv, std::size_t dimensions) {
  auto lines = cells_of(csv);
  if (lines.empty()) return;
  std::vector<text_table::side> sides(lines.front().size(), text_table::side::right);
  std::fill_n(sides.begin(), std::min(dimensions, sides.size()), text_table::side::left);
  for (auto& line : lines)
    for (auto& cell : line)
      std::erase_if(cell, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  text_table table(std::move(sides), lines.front());
  for (std::size_t i = 1; i < lines.size(); ++i)
    if (lines[i].size() == lines.front().size()) table.add(std::move(lines[i]));
  table.print(std::cout);
}

/// How many columns of the header are dimensions.
std::size_t dimensions_in(std::string_view csv) {
  const auto lines = cells_of(csv.substr(0, csv.find('\n') + 1));
  if (lines.empty()) return 0;
  return static_cast<std::size_t>(std::count_if(lines.front().begin(), lines.front().end(),
                                                [](const auto& name) { return dimension_named(name).has_value(); }));
}

exit_code run(const report_arguments& arguments) {
  api_client client(*arguments.server);
  const std::string form = arguments.as_json ? "json" : "csv";
  result<api_answer, no_answer> given = no_answer{};
  if (!arguments.preset.empty()) {
    api_client::query query{{"format", form}, {"exact", "true"}};
    if (!arguments.from.empty()) query.emplace_back("startDate", arguments.from);
    if (!arguments.to.empty()) query.emplace_back("endDate", arguments.to);
    given = client.get("/api/v1/reports/" + arguments.preset, query);
  } else {
    given = client.post("/api/v1/reports/query?exact=true&format=" + form, json::serialize(body_of(arguments)));
  }
  if (!given) return fail(given.error().text);
  if (given->status != 200) return fail(given->message());
  if (arguments.as_json)
    std::cout << given->body << '\n';
  else if (arguments.as_csv)
    std::cout << given->body;
  else
    print_table(given->body, dimensions_in(given->body));
  return exit_code::success;
}

} // namespace

void add_report(CLI::App& app, exit_code& code) {
  CLI::App* command = app.add_subcommand("report", "Show a report, by a preset's token or by a question of your own");
  auto arguments = std::make_shared<report_arguments>();
  CLI::Option* preset = command->add_option("--preset", arguments->preset, "The token of a report preset");
  preset->type_name("TOKEN")->check([](const std::string& text) {
    const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; };
    return std::all_of(text.begin(), text.end(), plain) && !text.empty() ? std::string()
                                                                         : std::string("is not a token");
  });
  CLI::Option* group = command->add_option("--group-by", arguments->dimensions, "What rows are told apart by");
  group->type_name("DIMENSION,...")->delimiter(',')->excludes(preset);
  CLI::Option* measures = command->add_option("--measures", arguments->measures, "What is counted");
  measures->type_name("MEASURE,...")->delimiter(',')->excludes(preset);
  command->add_option("--filter", arguments->filters, "Only rows with this; several of one dimension: any of them")
      ->type_name("DIMENSION=VALUE")
      ->check([](const std::string& text) {
        const auto equals = text.find('=');
        const bool whole = equals != 0 && equals != std::string::npos;
        return whole ? std::string() : "must be DIMENSION=VALUE, not " + text;
      })
      ->excludes(preset);
  command->add_option("--from", arguments->from, "The first day; 29 days before the last when not given")
      ->type_name("YYYY-MM-DD");
  command->add_option("--to", arguments->to, "The last day; today when not given")->type_name("YYYY-MM-DD");
  CLI::Option* as_json = command->add_flag("--json", arguments->as_json, "Print the server's JSON, figures as strings");
  command->add_flag("--csv", arguments->as_csv, "Print CSV")->excludes(as_json);
  arguments->server = add_server_access(*command);
  command->footer(footer);
  command->callback([arguments, measures, preset, &code] {
    if (preset->count() == 0 && measures->count() == 0) throw CLI::RequiredError("--preset or --measures");
    code = run(*arguments);
  });
}

} // namespace croupier::cli
