#pragma once

#include "actors/counters.hpp"
#include "actors/gateway.hpp"
#include "actors/journal_inbox.hpp"
#include "persistence/committed_view.hpp"
#include "persistence/journal.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>

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

  /// A read of what is durable failed: counts it, and tells of it. A damaged file may be asked for thousands of times a
  /// second, so it tells at most once a second, and once a minute while the reason is the same. Any thread.
  void note_unreadable(const persistence::storage_error& why);

  std::mutex telling_unreadable{};
  std::string told_unreadable{};
  std::chrono::steady_clock::time_point told_unreadable_at{};
};

} // namespace croupier::actors
