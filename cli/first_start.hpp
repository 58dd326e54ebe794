#pragma once

#include "actors/gateway.hpp"
#include "cli/exit_code.hpp"
#include "config/problems.hpp"
#include "config/settings.hpp"
#include "engine/result.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace croupier::cli {

/// What a start changed in the workspace of the data folder.
struct workspace_start {
  std::size_t objects_loaded = 0;           ///< from the workspace file
  bool file_ignored = false;                ///< one was given, and the folder has a workspace of its own
  bool admin_key_replaced = false;          ///< CROUPIER_ADMIN_KEY was another one than the folder had
  std::optional<std::string> new_admin_key; ///< generated now; to be shown once, since only its hash is kept
};

/// Why a ledger cannot be started.
struct start_refusal {
  exit_code code = exit_code::failed;
  config::problems problems;
};

/// Gives a new data folder its workspace and its admin key, in one change: all of it is durable, or none.
///
/// The workspace comes from the file of the settings; a folder that has brands, metrics and so on keeps what it has.
/// The admin key is CROUPIER_ADMIN_KEY, which also replaces the one of an earlier start, or is generated. Refused is a
/// server that others can reach while it has a key that everyone knows (see `config::is_public`).
///
/// The error is of exit_code::usage when the operator can mend it.
result<workspace_start, start_refusal>
start_workspace(actors::gateway& ledger, const config::settings& settings,
                const std::function<std::optional<std::string>(const std::string&)>& environment);

} // namespace croupier::cli
