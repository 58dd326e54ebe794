#pragma once

namespace croupier::persistence {

/// Lets other threads go before this one from now on, above all those that answer callers: `nice` as of setpriority(2),
/// 1 to 19. Linux gives each thread a value of its own. Where the system refuses, it is only less polite.
void lower_priority_of_this_thread(int nice) noexcept;

} // namespace croupier::persistence
