#pragma once

#include "persistence/verifier.hpp"
#include "persistence/verifier_fold.hpp"

#include <optional>

namespace croupier::persistence {

/// What of a checkpoint is not the fold.
struct checkpoint_findings {
  std::optional<storage_error> row;   ///< the first entry that something tells wrongly of
  std::optional<storage_error> count; ///< a number of rows that is wrong; says less, so it is for when no row is
};

/// Of two errors the one with the earlier entry; on equal ones the choice does not depend on the order.
void keep_earlier(std::optional<storage_error>& kept, std::optional<storage_error> other);

/// Compares a checkpoint with the fold of the journal up to the checkpoint's position, in the fold's slice; the first
/// slice also compares what belongs to no player, and counts all rows of all slices. Marks the
/// players of the fold. Throws storage_failure.
///
/// `fold.first_repeat()` has been called since the last entry.
checkpoint_findings compare_checkpoint(const ledger_parts& parts, const checkpoint_head& head, ledger_fold& fold);

/// "entry 17: what", as every error of a verification reads.
storage_error broken_at(sequence at, const std::string& what);

} // namespace croupier::persistence
