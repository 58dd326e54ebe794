#include "persistence/thread_priority.hpp"

#include <sys/resource.h>

namespace croupier::persistence {

void lower_priority_of_this_thread(int nice) noexcept {
  ::setpriority(PRIO_PROCESS, 0, nice); // 0: of this thread, not of the process
}

} // namespace croupier::persistence
