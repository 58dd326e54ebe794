#include "actors/lane.hpp"

#include <caf/scheduler/abstract_coordinator.hpp>

namespace croupier::actors {

void lane::exec_later(caf::resumable* actor) {
  if (stepped_)
    system().scheduler().enqueue(actor);
  else
    runnable_.push_back(actor);
}

void lane::run() {
  for (std::size_t resumed = 0; !runnable_.empty(); ++resumed) {
    auto* actor = runnable_.front();
    runnable_.pop_front();
    if (resumed >= resumes_max) {
      system().scheduler().enqueue(actor);
      continue;
    }
    switch (actor->resume(this, messages_per_resume)) {
    case caf::resumable::resume_later: runnable_.push_back(actor); break;
    case caf::resumable::awaiting_message:
    case caf::resumable::done:
      // The reference that made it runnable is ours to release.
      caf::intrusive_ptr_release(actor);
      break;
    case caf::resumable::shutdown_execution_unit: break;
    }
  }
}

} // namespace croupier::actors
