#pragma once

#include "cli/api_client.hpp"
#include "cli/exit_code.hpp"

#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace croupier::cli {

/// Every subcommand, in the order of --help. A new one is one line here: `name` is added by `add_name`, in
/// cli/name.cpp.
// clang-format off: a line each
#define CROUPIER_SUBCOMMANDS(each) \
  each(serve) \
  each(import) \
  each(export) \
  each(balance) \
  each(movements) \
  each(tail) \
  each(report) \
  each(statement) \
  each(settle) \
  each(bench) \
  each(backup) \
  each(restore) \
  each(verify) \
  each(apply) \
  each(keys) \
  each(completion) \
  each(version)
// clang-format on

// Each adds one subcommand to the application. When it is the one that was called it runs at the end of parsing and
// leaves how it went in `code`, which outlives the application.
#define CROUPIER_DECLARE(name) void add_##name(CLI::App& app, exit_code& code);
CROUPIER_SUBCOMMANDS(CROUPIER_DECLARE)
#undef CROUPIER_DECLARE

/// Adds all of them, and what the application says of itself.
void add_subcommands(CLI::App& app, exit_code& code);

/// Adds --url and --api-key to a command that talks to a running server. The address has been checked when the command
/// runs.
std::shared_ptr<server_access> add_server_access(CLI::App& command);

/// Prints one line on standard error, "croupier: ...", and gives exit_code::failed.
exit_code fail(const std::string& why);

} // namespace croupier::cli
