#pragma once

namespace croupier::cli {

/// What the process ends with. Scripts rely on the numbers: do not change them.
enum class exit_code : int {
  success = 0,
  failed = 1,       ///< the command was understood and did not succeed: the last line says why
  usage = 2,        ///< the command line, the settings or a file of the operator's is wrong: every problem is listed
  data_refused = 3, ///< the data folder is locked, foreign, of an unknown version or corrupt
  forced = 4        ///< a second signal ended the process before the stop was complete
};

} // namespace croupier::cli
