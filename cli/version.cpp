#include "cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace croupier::cli {

void add_version(CLI::App& app, exit_code& code) {
  CLI::App* command = app.add_subcommand("version", "Print the version");
  command->footer("Examples:\n  croupier version\n\nExit codes: 0 printed, 2 wrong usage.");
  command->callback([&code] {
    std::cout << "croupier " CROUPIER_VERSION "\n";
    code = exit_code::success;
  });
}

} // namespace croupier::cli
