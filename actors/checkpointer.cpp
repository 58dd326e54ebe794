#include "actors/journal_writer.hpp"
#include "persistence/thread_priority.hpp"

#include <memory>
#include <string>
#include <utility>

namespace croupier::actors {

namespace {

/// `told` is what was told of the outage so far; empty: there is none.
void tell(const ledger_context& context, const result<done, persistence::storage_error>& outcome, std::string& told) {
  const auto now = outcome ? std::string() : outcome.error().text;
  if (now == std::exchange(told, now) || !context.options.on_storage_event) return;
  context.options.on_storage_event(outcome ? storage_event::back : storage_event::failed, now);
}

bool write_checkpoint(ledger_context& context, std::string& told) {
  const auto outcome = context.view.write_frozen();
  const bool written = outcome.has_value();
  tell(context, outcome, told);
  auto& counted = written ? context.figures.checkpoints_written : context.figures.checkpoint_errors;
  counted.fetch_add(1, std::memory_order_relaxed);
  context.checkpoint_running.store(false);
  context.checkpoint_running.notify_all();
  return written;
}

} // namespace

checkpointer_actor::behavior_type checkpointer(checkpointer_actor::pointer, ledger_context* context) {
  const auto told = std::make_shared<std::string>();
  return {
      [context, told, polite = false](write_atom) mutable {
        // Sorting and writing a checkpoint must not take the processor from those who wait for an answer.
        if (!std::exchange(polite, true)) persistence::lower_priority_of_this_thread(10);
        write_checkpoint(*context, *told);
      },
      [context, told](finish_atom) { return write_checkpoint(*context, *told); },
  };
}

} // namespace croupier::actors
