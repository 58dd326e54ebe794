#pragma once

#include "actors/counters.hpp"
#include "actors/gateway.hpp"
#include "actors/journal_inbox.hpp"
#include "persistence/committed_view.hpp"
#include "persistence/journal.hpp"

#include <atomic>
#include <functional>

namespace croupier::actors {

/// What every actor of one ledger shares: read-only references and counters. It outlives the actor system.
struct ledger_context {
  persistence::journal& log;
  persistence::committed_view& view;
  gateway_options options;
  counters figures;
  journal_inbox inbox;
  std::atomic<bool> journal_broken{false};
  std::atomic<bool> checkpoint_running{
      false}; ///< set by the journal writer, cleared (and notified) by the checkpointer

  /// The time that new entries get. The wall clock, except in a simulation.
  std::function<timestamp()> now;

  /// In a simulation: nobody may wait for another actor, because one thread runs them all.
  bool stepped = false;
};

} // namespace croupier::actors
