#pragma once

namespace croupier::detail {

/// Prints the failed condition and where it stands to standard error, then aborts the process.
[[noreturn]] void invariant_failed(const char* condition, const char* file, int line, const char* why) noexcept;

} // namespace croupier::detail

/// Holds an invariant of ours, in every build type. A ledger that has caught itself in a contradiction must stop
/// before it writes the contradiction down. Never for input: bad input is answered, not asserted.
#define CROUPIER_ASSERT(condition, why)                                                                                \
  do {                                                                                                                 \
    if (!(condition)) [[unlikely]]                                                                                     \
      ::croupier::detail::invariant_failed(#condition, __FILE__, __LINE__, why);                                       \
  } while (false)
