#include "cli/answers.hpp"
#include "cli/commands.hpp"
#include "config/text_file.hpp"
#include "config/workspace_file.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace croupier::cli {
namespace {

namespace json = boost::json;

struct apply_arguments {
  std::string file;
  bool is_dry_run = false;
  bool as_json = false;
  std::shared_ptr<server_access> server;
};

constexpr const char* footer =
    R"(The server is brought to what the file says. What is not in the file is left alone, and
a second run changes nothing. Secrets that the file takes from environment variables
are read here and sent to the server. Needs a key with the scope "admin".

Examples:
  croupier apply workspace.toml --dry-run
  croupier apply workspace.toml

Exit codes: 0 the server is as the file says, 1 failure, 2 wrong usage, or the file is
wrong: every problem is listed and nothing was changed.)";

std::string named(const json::object& object) {
  return text_member(object, "kind") + " '" + text_member(object, "name") + "'";
}

std::string value_text(const json::object& field, std::string_view side) {
  const json::value* value = field.if_contains(side);
  return value == nullptr ? "nothing" : json::serialize(*value);
}

void print_field(const json::object& field, bool is_new) {
  std::cout << "    " << text_member(field, "name") << ": ";
  if (field.contains("secret")) {
    std::cout << (is_new ? "(a secret)" : "(the secret is another one)") << '\n';
  } else if (is_new) {
    std::cout << value_text(field, "after") << '\n';
  } else {
    std::cout << value_text(field, "before") << " -> " << value_text(field, "after") << '\n';
  }
}

void print(const json::object& told, bool is_dry_run) {
  for (const json::value& each : list_member(told, "changes")) {
    const json::object* change = each.if_object();
    if (change == nullptr) continue;
    const std::string word = text_member(*change, "change");
    std::cout << word << ' ' << named(*change) << '\n';
    for (const json::value& field : list_member(*change, "fields"))
      if (const json::object* one = field.if_object()) print_field(*one, word == "created");
  }
  for (const json::value& each : list_member(told, "leftAlone"))
    if (const json::object* one = each.if_object()) std::cout << "not in the file, left alone: " << named(*one) << '\n';
  std::cout << list_member(told, "changes").size() << (is_dry_run ? " would change, " : " changed, ")
            << list_member(told, "unchanged").size() << " unchanged\n";
}

/// Every problem of the file on its own line, as for `croupier serve`.
exit_code refuse(const api_answer& answer) {
  boost::system::error_code error;
  const auto parsed = json::parse(answer.body, error);
  const json::object none;
  const json::object& body = !error && parsed.is_object() ? parsed.get_object() : none;
  const json::array& details = list_member(object_member(body, "error"), "details");
  if (details.empty()) return fail(answer.message());
  for (const json::value& each : details)
    if (const json::object* one = each.if_object()) {
      const std::string place = text_member(*one, "field");
      std::cerr << "croupier: " << place << (place.empty() ? "" : ": ") << text_member(*one, "message") << '\n';
    }
  return exit_code::usage;
}

exit_code run(const apply_arguments& arguments) {
  config::problems found;
  const auto toml = config::read_text_file(arguments.file, found);
  if (!toml) {
    std::cerr << "croupier: " << found.front().text() << '\n';
    return exit_code::usage;
  }
  json::object environment;
  for (const std::string& name : config::variables_named_in(*toml))
    if (const char* value = std::getenv(name.c_str())) environment[name] = value;
  const json::object body{{"toml", *toml},
                          {"name", std::filesystem::path(arguments.file).filename().string()},
                          {"dryRun", arguments.is_dry_run},
                          {"environment", environment}};
  api_client client(*arguments.server);
  const auto given = client.post("/admin/v1/workspace/apply", json::serialize(body));
  if (given && given->status == 400) return refuse(*given);
  const auto answer = read_answer(given);
  if (!answer) return fail(answer.error());
  if (arguments.as_json)
    std::cout << answer->text << '\n';
  else
    print(answer->content, arguments.is_dry_run);
  return exit_code::success;
}

} // namespace

void add_apply(CLI::App& app, exit_code& code) {
  CLI::App* command = app.add_subcommand("apply", "Bring a running server to what a workspace file says");
  auto arguments = std::make_shared<apply_arguments>();
  command->add_option("FILE", arguments->file, "Workspace file (TOML)")->required()->type_name("FILE");
  command->add_flag("--dry-run", arguments->is_dry_run, "Change nothing, only say what would change");
  command->add_flag("--json", arguments->as_json, "Print the server's answer as it is");
  arguments->server = add_server_access(*command);
  command->footer(footer);
  command->callback([arguments, &code] { code = run(*arguments); });
}

} // namespace croupier::cli
