#pragma once

#include "persistence/memory_store.hpp"

namespace croupier::persistence {

/// Where a test keeps its ledger. Every medium has these members; `reopen` is what a stop and a start do to it.
struct memory_medium {
  memory_store store{folder_key{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}}};

  persistence::journal& journal() { return store.journal(); }
  persistence::checkpoint_store& checkpoints() { return store.checkpoints(); }
  const folder_key& key() { return store.key(); }
  void reopen() {}
};

} // namespace croupier::persistence
