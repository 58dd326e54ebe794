#include "actors/context.hpp"

namespace croupier::actors {

void ledger_context::note_unreadable(const persistence::storage_error& why) {
  using namespace std::chrono_literals;
  figures.read_errors.fetch_add(1, std::memory_order_relaxed);
  if (!options.on_storage_event) return;
  {
    const std::lock_guard held(telling_unreadable);
    const auto at = std::chrono::steady_clock::now();
    const auto silence = why.text == told_unreadable ? 60s : 1s;
    if (!told_unreadable.empty() && at - told_unreadable_at < silence) return;
    told_unreadable = why.text;
    told_unreadable_at = at;
  }
  options.on_storage_event(storage_event::unreadable, why.text);
}

} // namespace croupier::actors
