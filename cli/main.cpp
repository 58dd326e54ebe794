#include "cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace {

constexpr const char* footer = R"(Examples:
  croupier serve --workspace config/demo-workspace.toml
  croupier import bets.csv --mapping mapping.toml
  croupier balance --brand 0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11 --player player-42

Exit codes: 0 success, 1 failure, 2 wrong usage, settings or files, 3 data folder
refused, 4 stop forced by a second signal. "croupier COMMAND --help" says more.)";

} // namespace

int main(int argc, char* argv[]) {
  using namespace croupier::cli;
  CLI::App app("A ledger for players' movements and the revenue share that affiliates earn on them.", "croupier");
  app.require_subcommand(1);
  app.footer(footer);
  exit_code code = exit_code::success;
  add_serve(app, code);
  add_import(app, code);
  add_balance(app, code);
  add_movements(app, code);
  add_keys(app, code);
  add_version(app, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : static_cast<int>(exit_code::usage);
  } catch (const std::exception& problem) {
    return static_cast<int>(fail(problem.what()));
  }
  return static_cast<int>(code);
}
