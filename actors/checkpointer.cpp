#include "actors/journal_writer.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

namespace croupier::actors {

namespace {

// Sorting and writing a checkpoint must not take the processor from those who wait for an answer. Linux gives each
// thread a nice value of its own; when it refuses, the checkpoint is only less polite.
void lower_priority_of_this_thread() noexcept {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), 10);
}

bool write_checkpoint(ledger_context& context) {
  const auto outcome = context.view.write_frozen();
  const bool written = outcome.has_value();
  if (!written && context.options.on_storage_event)
    context.options.on_storage_event(storage_event::failed, outcome.error().text);
  auto& counted = written ? context.figures.checkpoints_written : context.figures.checkpoint_errors;
  counted.fetch_add(1, std::memory_order_relaxed);
  context.checkpoint_running.store(false);
  context.checkpoint_running.notify_all();
  return written;
}

} // namespace

checkpointer_actor::behavior_type checkpointer(checkpointer_actor::pointer, ledger_context* context) {
  return {
      [context, polite = false](write_atom) mutable {
        if (!std::exchange(polite, true)) lower_priority_of_this_thread();
        write_checkpoint(*context);
      },
      [context](finish_atom) { return write_checkpoint(*context); },
  };
}

} // namespace croupier::actors
