#pragma once

#include "engine/entry.hpp"
#include "engine/result.hpp"
#include "persistence/storage_error.hpp"

#include <string_view>

namespace croupier::persistence {

/// Books that are kept beside the ledger: a fold over the committed entries, in order, each exactly once. The journal
/// stays the truth: books that are lost, or older than they should be, are made again from it.
///
/// Purpose: affiliates' accounts, report rollups, players' traits: what needs every entry and slows no movement.
/// Operation: the projector calls `restore` once, then `apply` for every entry after the position that it gave,
///   `settle` before it tells others how far it is, and `save` from time to time. The books are shown to others by
///   members of their own.
/// Concurrency: these members from the projector's thread only; whatever else a class has says so itself.
class projection {
public:
  virtual ~projection() = default;

  /// A short name, for the log and for what it saves.
  virtual std::string_view name() const noexcept = 0;

  /// Takes up the books as they were saved last, and says up to which entry they are: 0 when there are none (also when
  /// they are of another format or folder: then it forgets them).
  virtual result<sequence, storage_error> restore() = 0;

  /// Takes in the next entry. Its views are valid during the call only. Must not fail: the entry was committed, and
  /// every rule about it was asked before.
  virtual void apply(const committed_entry& entry) = 0;

  /// What was applied so far must be seen by others when this returns: for books that gather before they take in.
  virtual void settle() {}

  /// All entries up to `upto` have been applied and settled: makes the books durable up to there, whole or not at all.
  /// An error is not the end: it is logged, and a later save covers it.
  virtual result<done, storage_error> save(sequence upto) = 0;
};

} // namespace croupier::persistence
