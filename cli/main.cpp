#include "cli/commands.hpp"
#include "cli/storage_refusal.hpp"

#include <CLI/CLI.hpp>

int main(int argc, char* argv[]) {
  using namespace croupier::cli;
  CLI::App app("A ledger for players' movements and the revenue share that affiliates earn on them.", "croupier");
  exit_code code = exit_code::success;
  add_subcommands(app, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : static_cast<int>(exit_code::usage);
  } catch (const croupier::persistence::storage_failure& failure) {
    return static_cast<int>(refusal_of(failure.error()));
  } catch (const std::exception& problem) {
    return static_cast<int>(fail(problem.what()));
  }
  return static_cast<int>(code);
}
