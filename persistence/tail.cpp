#include "persistence/tail.hpp"

#include "persistence/player_overlay.hpp"

#include "engine/check.hpp"

#include <algorithm>
#include <bit>

namespace croupier::persistence {

namespace {

std::uint64_t hash_of(player_number number) noexcept {
  return std::hash<player_number>{}(number);
}

// Calls `visit(shard, i)` for every movement, shard by shard and in order within each; `enter(shard)` gives what is
// held meanwhile.
template<std::size_t Shards, class ShardOf, class Enter, class Visit>
void by_shard(std::size_t count, ShardOf shard_of, Enter enter, Visit visit) {
  constexpr std::uint8_t end = 0xff;
  std::array<std::uint8_t, Shards> first;
  std::array<std::uint8_t, tail::batch_max> next;
  first.fill(end);
  for (std::size_t i = count; i-- > 0;) {
    const std::size_t shard = shard_of(i);
    if (shard == Shards) continue;
    next[i] = first[shard];
    first[shard] = static_cast<std::uint8_t>(i);
  }
  for (std::size_t shard = 0; shard < Shards; ++shard) {
    if (first[shard] == end) continue;
    const auto held = enter(shard);
    for (std::uint8_t i = first[shard]; i != end; i = next[i]) visit(shard, i);
  }
}

void note(std::optional<contradiction>& earliest, sequence at, const char* what) {
  if (what != nullptr && (!earliest || at < earliest->at)) earliest = contradiction{at, what};
}

} // namespace

const balance* tail::tail_player::find_balance(metric_number metric) const noexcept {
  for (const auto& held : balances)
    if (held.metric == metric) return &held;
  return nullptr;
}

void tail::tail_player::set_balance(metric_number metric, amount value) {
  auto at = balances.begin();
  while (at != balances.end() && at->metric < metric) ++at;
  if (at != balances.end() && at->metric == metric)
    at->value = value;
  else
    balances.insert(at, {metric, value});
}

player_delta tail::tail_player::delta() const {
  player_delta made;
  if (profile) made.profile = *profile;
  made.balances.assign(balances.begin(), balances.end());
  made.revshare_earned = revshare_earned;
  made.movement_count = movement_count();
  made.last_entry = last_entry;
  made.updated_at = updated_at;
  return made;
}

std::uint32_t tail::player_shard::place_of(player_number number) const {
  return index.find(hash_of(number), [&](std::uint32_t place) { return players[place].number == number; });
}

const tail::tail_player* tail::player_shard::find(player_number number) const {
  const auto place = place_of(number);
  return place == flat_index::none ? nullptr : &players[place];
}

tail::tail_player& tail::player_shard::find_or_add(player_number number) {
  const auto place = place_of(number);
  if (place != flat_index::none) return players[place];
  index.insert(hash_of(number), players.size());
  return players.emplace_back(number, arena);
}

std::uint32_t tail::request_shard::place_of(const request_key& key) const {
  return index.find(hash_of(key), [&](std::uint32_t place) {
    return hashes[place] == key.request_hash && requests[place].player_hash == key.player_hash;
  });
}

tail::tail(sequence base, const tail* like) : base_(base) {
  if (like == nullptr) return;
  for (std::size_t i = 0; i < shard_count; ++i) {
    players_[i].index = flat_index(like->players_[i].players.size());
    players_[i].players.reserve(like->players_[i].players.size());
    requests_[i].index = flat_index(like->requests_[i].requests.size());
    requests_[i].hashes.reserve(like->requests_[i].requests.size());
    requests_[i].requests.reserve(like->requests_[i].requests.size());
  }
}

std::optional<contradiction> tail::add_player(const player_profile& profile, std::uint64_t name_hash) {
  if (find_player(name_hash, profile.brand, profile.external_id))
    return contradiction{profile.registered_entry, "the player was registered before"};
  {
    auto& shard = shard_of(profile.number);
    const std::lock_guard held(shard.lock);
    if (shard.find(profile.number) != nullptr)
      return contradiction{profile.registered_entry, "the player number was given before"};
    auto& player = shard.find_or_add(profile.number);
    player.profile = std::make_unique<player_profile>(profile);
    player.registered_here = true;
    player.last_entry = profile.registered_entry;
    player.updated_at = profile.registered_at;
  }
  {
    auto& shard = names_[name_hash % shard_count];
    const std::lock_guard held(shard.lock);
    shard.index.insert(name_hash, shard.names.size());
    shard.names.push_back({profile.brand, profile.external_id, profile.number});
  }
  const std::lock_guard held(registered_lock_);
  registered_.insert(registered_.end(), profile.number);
  return std::nullopt;
}

void tail::attribute(const player_profile& profile, timestamp time) {
  auto& shard = shard_of(profile.number);
  const std::lock_guard held(shard.lock);
  auto& player = shard.find_or_add(profile.number);
  auto newest = player.profile ? newest_profile(*player.profile, profile) : profile;
  player.profile = std::make_unique<player_profile>(std::move(newest));
  player.last_entry = profile.attributed_entry;
  player.updated_at = time;
}

// The memory of a batch is fetched in one go, because each movement's misses would otherwise wait for each other behind
// the locks. Reading without a lock is safe: only this thread writes here, and nobody writes in a frozen generation.
void tail::locate(std::span<const tail_movement> movements, const tail* older, locations& found) const {
  for (const auto& movement : movements) {
    const auto hash = hash_of(movement.player);
    shard_of(movement.player).index.prefetch(hash);
    if (older != nullptr) older->shard_of(movement.player).index.prefetch(hash);
    if (movement.request)
      requests_[movement.request->request_hash % shard_count].index.prefetch(hash_of(*movement.request));
  }
  const auto prefetch_record = [](const tail_player& player) {
    __builtin_prefetch(reinterpret_cast<const char*>(&player) + 64);
  };
  for (std::size_t i = 0; i < movements.size(); ++i) {
    const auto player = movements[i].player;
    const auto& shard = shard_of(player);
    found[i].place = shard.place_of(player);
    if (found[i].place != flat_index::none)
      prefetch_record(shard.players[found[i].place]);
    else if (older != nullptr && (found[i].older = older->shard_of(player).find(player)) != nullptr)
      prefetch_record(*found[i].older);
  }
  for (std::size_t i = 0; i < movements.size(); ++i) {
    if (found[i].place != flat_index::none) {
      const auto& player = shard_of(movements[i].player).players[found[i].place];
      __builtin_prefetch(player.balances.data());
      __builtin_prefetch(player.rows.data() + player.rows.size());
    } else if (found[i].older != nullptr) {
      __builtin_prefetch(found[i].older->balances.data());
    }
  }
}

std::optional<contradiction> tail::record(std::span<const tail_movement> movements, const tail* older) {
  CROUPIER_ASSERT(movements.size() <= batch_max, "a batch for the tail is too large");
  locations where;
  locate(movements, older, where);
  std::optional<contradiction> earliest;
  by_shard<shard_count>(
      movements.size(), [&](std::size_t i) { return movements[i].player.value % shard_count; },
      [&](std::size_t shard) { return std::unique_lock(players_[shard].lock); },
      [&](std::size_t shard, std::size_t i) {
        note(earliest, movements[i].at, record_player(players_[shard], movements[i], where[i], older));
      });
  by_shard<shard_count>(
      movements.size(),
      [&](std::size_t i) {
        return movements[i].request ? movements[i].request->request_hash % shard_count : shard_count;
      },
      [&](std::size_t shard) { return std::unique_lock(requests_[shard].lock); },
      [&](std::size_t shard, std::size_t i) {
        note(earliest, movements[i].at, record_request(requests_[shard], movements[i]));
      });
  return earliest;
}

const char* tail::record_player(player_shard& shard, const tail_movement& movement, const located& where,
                                const tail* older) {
  auto& player = where.place != flat_index::none ? shard.players[where.place] : shard.find_or_add(movement.player);
  const auto* before_here = where.older;
  const auto look_back = [&] {
    if (before_here == nullptr && older != nullptr)
      before_here = older->shard_of(movement.player).find(movement.player);
    return before_here != nullptr;
  };
  auto count = known_count(player);
  if (!count && look_back()) count = known_count(*before_here);
  if (count && movement.ordinal != *count + 1) return "the ordinal does not follow the player's last one";
  if (player.rows.empty()) player.first_ordinal = movement.ordinal;
  if (player.balances.empty()) player.balances.reserve(movement.changes.size());
  for (const auto& change : movement.changes) {
    auto before = known_balance(player, change.metric);
    if (!before && look_back()) before = known_balance(*before_here, change.metric);
    if (before && before->plus(change.delta) != change.balance_after)
      return "the balance is not what the change makes of the balance before";
    player.set_balance(change.metric, change.balance_after);
  }
  const auto total = player.revshare_earned.plus(movement.earned);
  if (!total) return "the player's revshare leaves 128 bits";
  player.revshare_earned = *total;
  player.rows.push_back(movement.at);
  player.last_entry = movement.at;
  player.updated_at = movement.time;
  return nullptr;
}

const char* tail::record_request(request_shard& shard, const tail_movement& movement) {
  const auto& key = *movement.request;
  if (shard.place_of(key) != flat_index::none) return "the player's request id was recorded before";
  shard.index.insert(hash_of(key), shard.requests.size());
  shard.hashes.push_back(key.request_hash);
  shard.requests.push_back({key.player_hash, movement.at});
  return nullptr;
}

std::optional<player_number> tail::find_player(std::uint64_t name_hash, brand_number brand,
                                               std::string_view external_id) const {
  const auto& shard = names_[name_hash % shard_count];
  const std::lock_guard held(shard.lock);
  const auto place = shard.index.find(name_hash, [&](std::uint32_t at) {
    return shard.names[at].brand == brand && shard.names[at].external_id == external_id;
  });
  if (place == flat_index::none) return std::nullopt;
  return shard.names[place].number;
}

void tail::players_named(brand_number brand, std::string_view prefix, std::size_t most,
                         std::vector<player_number>& out) const {
  // Names are only ever added, so the lock can be let go between two portions.
  constexpr std::size_t portion = 512;
  for (const auto& shard : names_)
    for (std::size_t at = 0, end = 1; at < end && out.size() < most;) {
      const std::lock_guard held(shard.lock);
      end = shard.names.size();
      for (const auto stop = std::min(end, at + portion); at < stop && out.size() < most; ++at)
        if (const auto& one = shard.names[at]; one.brand == brand && one.external_id.starts_with(prefix))
          out.push_back(one.number);
    }
}

std::optional<player_delta> tail::player(player_number number) const {
  const auto& shard = shard_of(number);
  const std::lock_guard held(shard.lock);
  const auto* found = shard.find(number);
  if (found == nullptr) return std::nullopt;
  return found->delta();
}

std::optional<amount> tail::known_balance(const tail_player& player, metric_number metric) {
  if (const auto* held = player.find_balance(metric)) return held->value;
  return player.registered_here ? std::optional<amount>(amount()) : std::nullopt;
}

std::optional<std::uint64_t> tail::known_count(const tail_player& player) {
  if (player.rows.empty() && !player.registered_here) return std::nullopt;
  return player.movement_count();
}

std::optional<amount> tail::known_balance(player_number number, metric_number metric) const {
  const auto& shard = shard_of(number);
  const std::lock_guard held(shard.lock);
  const auto* found = shard.find(number);
  return found == nullptr ? std::nullopt : known_balance(*found, metric);
}

std::optional<std::uint64_t> tail::known_count(player_number number) const {
  const auto& shard = shard_of(number);
  const std::lock_guard held(shard.lock);
  const auto* found = shard.find(number);
  return found == nullptr ? std::nullopt : known_count(*found);
}

std::optional<sequence> tail::find_request(const request_key& key) const {
  const auto& shard = requests_[key.request_hash % shard_count];
  const std::lock_guard held(shard.lock);
  const auto place = shard.place_of(key);
  if (place == flat_index::none) return std::nullopt;
  return shard.requests[place].at;
}

void tail::find_requests(std::uint64_t request_hash, std::vector<sequence>& out) const {
  const auto& shard = requests_[request_hash % shard_count];
  const std::lock_guard held(shard.lock);
  for (std::size_t i = 0; i < shard.hashes.size(); ++i)
    if (shard.hashes[i] == request_hash) out.push_back(shard.requests[i].at);
}

void tail::history_down(player_number number, sequence before, std::size_t most, std::vector<history_row>& out) const {
  const auto& shard = shard_of(number);
  const std::lock_guard held(shard.lock);
  const auto* found = shard.find(number);
  if (found == nullptr) return;
  const auto& rows = found->rows;
  auto count = static_cast<std::size_t>(std::lower_bound(rows.begin(), rows.end(), before) - rows.begin());
  for (; count > 0 && most > 0; --count, --most)
    out.push_back({number, rows[count - 1], found->first_ordinal + count - 1});
}

std::uint64_t tail::ordinal_at(player_number number, sequence at) const {
  const auto& shard = shard_of(number);
  const std::lock_guard held(shard.lock);
  const auto* found = shard.find(number);
  if (found == nullptr) return 0;
  const auto& rows = found->rows;
  const auto count = static_cast<std::size_t>(std::upper_bound(rows.begin(), rows.end(), at) - rows.begin());
  return count == 0 ? 0 : found->first_ordinal + count - 1;
}

void tail::registered_down(player_number before, std::size_t most, std::vector<player_number>& out) const {
  const std::lock_guard held(registered_lock_);
  for (auto at = registered_.lower_bound(before); at != registered_.begin() && most > 0; --most) out.push_back(*--at);
}

void tail::collect(checkpoint_run& run) const {
  // The numbers stand beside the pointers, so that sorting does not visit the players all over the memory.
  std::vector<std::pair<player_number, const tail_player*>> players;
  std::size_t requests = 0;
  for (const auto& shard : players_)
    for (const auto& player : shard.players) players.emplace_back(player.number, &player);
  for (const auto& shard : requests_) requests += shard.requests.size();
  std::sort(players.begin(), players.end());
  run.players.reserve(players.size());
  run.requests.reserve(requests);
  run.history.reserve(requests); // about: movements may come without a request id
  for (const auto& [number, player] : players) {
    run.players.emplace_back(number, player->delta());
    for (std::size_t i = 0; i < player->rows.size(); ++i)
      run.history.push_back({number, player->rows[i], player->first_ordinal + i});
  }
  for (const auto& shard : names_)
    for (const auto& known : shard.names)
      run.names.emplace_back(std::pair(known.brand, known.external_id), known.number);
  std::sort(run.names.begin(), run.names.end());
  for (const auto& shard : requests_)
    for (std::size_t i = 0; i < shard.requests.size(); ++i)
      run.requests.emplace_back(request_key{shard.hashes[i], shard.requests[i].player_hash}, shard.requests[i].at);
  std::sort(run.requests.begin(), run.requests.end());
}

} // namespace croupier::persistence
