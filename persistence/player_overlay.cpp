#include "persistence/player_overlay.hpp"

#include "engine/check.hpp"

namespace croupier::persistence {

void overlay(player_state& onto, const player_delta& delta) {
  if (delta.last_entry <= onto.last_entry) return;
  if (delta.profile) onto.profile = newest_profile(onto.profile, *delta.profile);
  CROUPIER_ASSERT(onto.profile.number.value != 0, "a player has changes but was never registered");
  for (const auto& changed : delta.balances) onto.set_balance(changed.metric, changed.value);
  const auto total = onto.revshare_total.plus(delta.revshare_earned);
  CROUPIER_ASSERT(total.has_value(), "a player's revshare left 128 bits");
  onto.revshare_total = *total;
  if (delta.movement_count != 0) onto.movement_count = delta.movement_count;
  onto.last_entry = delta.last_entry;
  onto.updated_at = delta.updated_at;
}

player_profile newest_profile(const player_profile& older, player_profile newer) {
  if (newer.registered_entry.value == 0) {
    newer.registered_at = older.registered_at;
    newer.registered_entry = older.registered_entry;
  }
  return newer;
}

} // namespace croupier::persistence
