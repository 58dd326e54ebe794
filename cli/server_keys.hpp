#pragma once

#include "cli/exit_code.hpp"

namespace CLI {
class App;
}

namespace croupier::cli {

/// Adds list, create and revoke to `croupier keys`: they talk to a running server with a key that administers.
void add_server_keys(CLI::App& keys, exit_code& code);

} // namespace croupier::cli
