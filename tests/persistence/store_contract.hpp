#pragma once

#include "persistence/checkpoint_store.hpp"
#include "persistence/journal.hpp"

#include <functional>

namespace croupier::persistence {

/// A medium of any kind, and what a stop and a start do to it.
struct any_medium {
  std::function<persistence::journal&()> journal;
  std::function<persistence::checkpoint_store&()> checkpoints;
  std::function<void()> reopen;
};

/// What journal.hpp and checkpoint_store.hpp promise, checked on an empty medium.
void check_journal(const any_medium& medium);
void check_checkpoints(const any_medium& medium);

template<class Medium>
any_medium as_any(Medium& medium) {
  return {[&]() -> persistence::journal& { return medium.journal(); },
          [&]() -> persistence::checkpoint_store& { return medium.checkpoints(); }, [&] { medium.reopen(); }};
}

} // namespace croupier::persistence
