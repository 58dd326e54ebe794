#pragma once

#include "persistence/checkpoint_store.hpp"

namespace croupier::persistence {

/// Puts what changed of a player over what it was: the one meaning of `player_delta`. A delta whose last entry is not
/// newer than the state's is already in the state and changes nothing, so taking a delta in twice is harmless.
/// A player that is new to `onto` (all zero) must have a profile in its delta (CROUPIER_ASSERT), as must the sum of the
/// revshare fit 128 bits. O(balances).
void overlay(player_state& onto, const player_delta& delta);

/// The profile that `newer`, from a later entry, makes of `older`. The profile of an attribution does not know when its
/// player was registered (registered_entry 0): that is the older one's to say.
player_profile newest_profile(const player_profile& older, player_profile newer);

} // namespace croupier::persistence
