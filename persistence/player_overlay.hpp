#pragma once

#include "persistence/checkpoint_store.hpp"

namespace croupier::persistence {

/// Puts what changed of a player over what it was: the one meaning of `player_delta`. A delta whose last entry is not
/// newer than the state's is already in the state and changes nothing, so taking a delta in twice is harmless.
/// A player that is new to `onto` (all zero) must have a profile in its delta (CROUPIER_ASSERT), as must the sum of the
/// revshare fit 128 bits. O(balances).
void overlay(player_state& onto, const player_delta& delta);

} // namespace croupier::persistence
