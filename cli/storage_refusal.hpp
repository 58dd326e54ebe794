#pragma once

#include "cli/exit_code.hpp"
#include "persistence/storage_error.hpp"

namespace croupier::cli {

/// Prints the error on standard error, "croupier: ...". Gives exit_code::data_refused for a folder that cannot be used
/// as it is, exit_code::failed for a disk that fails.
exit_code refusal_of(const persistence::storage_error& error);

} // namespace croupier::cli
