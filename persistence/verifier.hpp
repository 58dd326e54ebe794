#pragma once

#include "engine/keyed_hash.hpp"
#include "engine/result.hpp"
#include "persistence/checkpoint_rows.hpp"
#include "persistence/checkpoint_store.hpp"
#include "persistence/journal.hpp"
#include "persistence/storage_error.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>

namespace croupier::persistence {

/// Proves a ledger from its journal.
///
/// Purpose: says whether what a data folder holds is what its entries amount to, or names the first entry where it is
///   not.
/// Operation: folds the whole journal from nothing, with none of the code that served it but the engine's arithmetic
///   and the decoders.
///   Of the journal: the hash chain and the form of each page; sequences without gaps, times that never run backwards,
///   counts of movements; each player registered once, by number and by name; ordinals; every balance the one before
///   and the change, the change what its value asks for; revshare the rate of the entry (by the
///   deductions of the plan that it names, if any) times the change of the entry, for the player's own offer and
///   affiliate; key frames the sum of all before; no request id twice for one player; each change of the workspace
///   beginning where the last one ended. Of accounts: each CPA the fee of its plan, earned once by a player and booked
///   once; adjustments with a request id of their own; months closed in order; each settlement the exact sum of the
///   movements and adjustments that it says it covers, rounded once, with a request id of its own; no movement and no
///   adjustment in two settlements that stand; no paid one deleted, no status that does not follow. So what is open,
///   pending, paid and left of rounding is what was earned. Of the checkpoint, at its position: players, names, request
///   ids, history, workspace and counts are those of the fold, each row and no row more. What
///   comes after the checkpoint is the same fold, so checkpoint and tail together are the whole. The checkpoint is only
///   judged when the journal is sound.
/// Memory: about `memory_bytes`, whatever the size of the ledger, beside the store's own. A ledger that needs more is
///   cut into slices (players and request ids by their hashes), and each slice walks the journal once: time is
///   O(slices x entries), the sorting of a slice's request ids aside. A ledger with settlements is walked once more,
///   which is not part of the progress that is told. Accounts are folded in the first slice, on top of the memory: some
///   40 bytes an attributed player, and what accounts, claims, open adjustments and settlements take.
/// Concurrency: one thread. The journal may grow meanwhile: what is there at the start is judged, and the checkpoint
///   must not change.
/// Limitations: terms are judged by what each entry states of them, since a movement may be decided before a change of
///   the workspace and committed after it. What a close of a month books is taken as it stands there: its tiers, fences
///   and carried sums are not calculated again. The books in `projections` are not looked at: they are made from the
///   journal, and made again when they are thrown away.

struct verify_options {
  std::uint64_t memory_bytes = 1ULL << 30;
};

/// What was found in order.
struct verification {
  position journal_end;
  sequence checkpoint; ///< 0: none was made yet
  std::uint64_t players = 0;
  std::uint64_t request_ids = 0;
  std::uint64_t accounts = 0;    ///< of affiliates, by currency, that something happened to
  std::uint64_t settlements = 0; ///< made, also those that were deleted
  std::uint64_t slices = 0;
};

/// Called now and then; `whole` is fixed.
using verify_progress = std::function<void(std::uint64_t entries_done, std::uint64_t whole)>;

/// The parts of a ledger; whoever calls keeps them.
struct ledger_parts {
  const folder_key& key;
  const journal& log;
  const checkpoint_store& checkpoints;
  const checkpoint_rows& rows;
};

/// The error is storage_errc::corrupt with the first entry that breaks an invariant (a row of the checkpoint is named
/// by the entry that it should tell of), or that of a disk that could not be read. Throws nothing.
result<verification, storage_error> verify_ledger(const ledger_parts& parts, const verify_options& options,
                                                  const verify_progress& progress);

/// The same for a data folder that no process has open. Changes nothing in it; while it works it holds the folder's
/// lock, so that no server starts meanwhile, unless the folder cannot be written to at all.
result<verification, storage_error> verify_folder(const std::filesystem::path& folder, const verify_options& options,
                                                  const verify_progress& progress);

} // namespace croupier::persistence
