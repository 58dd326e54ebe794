#include "persistence/player_cache.hpp"

#include <utility>

namespace croupier::persistence {

player_cache::kept player_cache::find(player_number number, sequence from) const {
  const auto& mine = shard_of(number.value);
  const std::lock_guard held(mine.lock);
  if (mine.states.empty()) return {};
  const auto& there = mine.states[place_of(number.value)];
  const bool fits = there.state != nullptr && there.state->profile.number == number && there.whole_to >= from;
  return fits ? there : kept{};
}

void player_cache::keep(sequence whole_to, shared_state state) {
  const auto number = state->profile.number;
  kept made{std::move(state), whole_to};
  auto& mine = shard_of(number.value);
  const std::lock_guard held(mine.lock);
  if (mine.states.empty()) mine.states.resize(places);
  auto& there = mine.states[place_of(number.value)];
  // Whoever has read an older one may come later.
  const bool newer_is_there =
      there.state != nullptr && there.state->profile.number == number && there.whole_to > whole_to;
  if (!newer_is_there) std::swap(there, made); // what was there is freed behind the lock
}

std::optional<player_number> player_cache::find_name(std::uint64_t name_hash, brand_number brand,
                                                     std::string_view external_id) const {
  const auto& mine = shard_of(name_hash);
  const std::lock_guard held(mine.lock);
  if (mine.names.empty()) return std::nullopt;
  const auto& there = mine.names[place_of(name_hash)];
  const bool fits =
      there.number.value != 0 && there.hash == name_hash && there.brand == brand && there.external_id == external_id;
  return fits ? std::optional(there.number) : std::nullopt;
}

void player_cache::keep_name(std::uint64_t name_hash, brand_number brand, std::string_view external_id,
                             player_number number) {
  name made{name_hash, brand, number, std::string(external_id)};
  auto& mine = shard_of(name_hash);
  const std::lock_guard held(mine.lock);
  if (mine.names.empty()) mine.names.resize(places);
  std::swap(mine.names[place_of(name_hash)], made);
}

} // namespace croupier::persistence
