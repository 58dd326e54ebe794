#pragma once

#include "cli/api_client.hpp"
#include "cli/exit_code.hpp"

#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace croupier::cli {

// Each adds one subcommand to the application. When it is the one that was called it runs at the end of parsing and
// leaves how it went in `code`, which outlives the application.

void add_serve(CLI::App& app, exit_code& code);
void add_import(CLI::App& app, exit_code& code);
void add_balance(CLI::App& app, exit_code& code);
void add_movements(CLI::App& app, exit_code& code);
void add_keys(CLI::App& app, exit_code& code);
void add_version(CLI::App& app, exit_code& code);

/// Adds --url and --api-key to a command that talks to a running server. The address has been checked when the command
/// runs.
std::shared_ptr<server_access> add_server_access(CLI::App& command);

/// Prints one line on standard error, "croupier: ...", and gives exit_code::failed.
exit_code fail(const std::string& why);

} // namespace croupier::cli
