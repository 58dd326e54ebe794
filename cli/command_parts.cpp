#include "cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace croupier::cli {
namespace {

constexpr const char* footer = R"(Examples:
  croupier serve --workspace config/demo-workspace.toml
  croupier import bets.csv --mapping mapping.toml
  croupier balance --brand 0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11 --player player-42

Exit codes: 0 success, 1 failure, 2 wrong usage, settings or files, 3 data folder
refused, 4 stop forced by a second signal. "croupier COMMAND --help" says more.)";

} // namespace

void add_subcommands(CLI::App& app, exit_code& code) {
  app.require_subcommand(1);
  app.footer(footer);
#define CROUPIER_ADD(name) add_##name(app, code);
  CROUPIER_SUBCOMMANDS(CROUPIER_ADD)
#undef CROUPIER_ADD
}

std::shared_ptr<server_access> add_server_access(CLI::App& command) {
  auto access = std::make_shared<server_access>();
  command.add_option("--url", access->url, "Where the server is")->envname("CROUPIER_URL")->capture_default_str();
  command
      .add_option("--api-key", access->api_key,
                  "The API key; better given as an environment variable, since everyone on the machine can read "
                  "command lines")
      ->envname("CROUPIER_API_KEY")
      ->type_name("KEY");
  command.parse_complete_callback([access] {
    if (const auto wrong = api_client::problem_with(*access)) throw CLI::ValidationError("--url", *wrong);
  });
  return access;
}

exit_code fail(const std::string& why) {
  std::cerr << "croupier: " << why << '\n';
  return exit_code::failed;
}

} // namespace croupier::cli
