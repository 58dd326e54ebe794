#include "actors/brand_shard.hpp"

#include "actors/player.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <utility>

namespace croupier::actors {

namespace {

// A player is idle after this many rounds of sweeping without a posting; a round takes idle_after / idle_rounds.
constexpr std::uint64_t idle_rounds = 8;
// A round is done in this many steps, so that no step holds the shard up for long.
constexpr std::uint64_t steps_per_round = 64;

// How many postings' players are brought into the cache at once, and how much of each: CAF's part of an actor and what
// a decision reads of the player.
constexpr std::size_t fetched_together = 32;
constexpr std::size_t cache_line = 64;
constexpr std::size_t actor_lines = 12;

} // namespace

void brand_core::start(ledger_context& context, journal_actor journal, brand_number number) {
  context_ = &context;
  journal_ = std::move(journal);
  number_ = number;
  self_->send(journal_, join_atom::value, caf::actor_cast<caf::actor>(self_));
  schedule_sweep();
}

void brand_core::route(const batch_ptr& batch) {
  std::array<std::size_t, fetched_together> chosen;
  std::size_t count = 0;
  const auto hand_on_chosen = [&] {
    fetch(std::span(chosen).first(count), *batch);
    for (std::size_t i = 0; i < count; ++i) hand_on(batch->share(chosen[i]));
    count = 0;
  };
  for (std::size_t i = 0; i < batch->postings.size(); ++i) {
    auto& each = batch->postings[i];
    if (each.brand() != number_ || !each.to_route) continue;
    each.to_route = false;
    chosen[count++] = i;
    if (count == chosen.size()) hand_on_chosen();
  }
  hand_on_chosen();
  batch->routings.arrive();
}

// With many players awake, each step to a player is a cache miss; those of a batch are waited for together.
void brand_core::fetch(std::span<const std::size_t> chosen, const posting_batch& batch) const {
  if (chosen.size() < 2) return;
  for (const auto i : chosen) places_.prefetch(batch.postings[i].player_hash);
  std::array<std::uint32_t, fetched_together> places;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    // The first with this hash is nearly always the right one, and here it may be the wrong one.
    places[i] = places_.find(batch.postings[chosen[i]].player_hash, [](std::uint32_t) { return true; });
    if (places[i] != persistence::flat_index::none) __builtin_prefetch(&players_[places[i]]);
  }
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (places[i] == persistence::flat_index::none) continue;
    const auto* actor =
        reinterpret_cast<const char*>(caf::actor_cast<caf::actor_control_block*>(players_[places[i]].actor));
    for (std::size_t line = 0; line < actor_lines; ++line) __builtin_prefetch(actor + line * cache_line);
  }
}

void brand_core::hand_on(const posting_ptr& asked) {
  auto* player = find(asked->player_hash, asked->external_id());
  if (player == nullptr) player = wake(asked);
  if (player == nullptr) return;
  player->used_at = round_;
  self_->send(player->actor, decide_atom::value, asked);
}

brand_core::awake* brand_core::find(std::uint64_t player_hash, std::string_view external_id) {
  const auto place = places_.find(player_hash, [&](std::uint32_t at) {
    return players_[at].player_hash == player_hash && players_[at].external_id == external_id;
  });
  return place == persistence::flat_index::none ? nullptr : &players_[place];
}

brand_core::awake& brand_core::add(awake woken) {
  std::size_t place = players_.size();
  const auto player_hash = woken.player_hash;
  if (free_places_.empty()) {
    players_.push_back(std::move(woken));
  } else {
    place = free_places_.back();
    free_places_.pop_back();
    players_[place] = std::move(woken);
  }
  places_.insert(player_hash, place);
  return players_[place];
}

brand_core::awake* brand_core::wake(const posting_ptr& asked) {
  if (asked->wake == nullptr || asked->wake->generation != generation_) {
    deliver(*asked, player_asleep{generation_});
    return nullptr;
  }
  auto brought = std::move(*asked->wake);
  asked->wake.reset();
  auto origin = std::make_shared<player_origin>();
  origin->read_at = brought.read_at;
  origin->epoch = epoch_;
  if (brought.player) {
    origin->restored = std::move(*brought.player);
    origin->registered = true;
  } else if (const auto* sign_up = asked->sign_up()) {
    origin->restored.profile = sign_up->attributed;
  } else if (const auto* request = asked->movement(); request != nullptr && request->event) {
    auto& profile = origin->restored.profile;
    profile.number = context_->view.draw_player_number();
    profile.brand = number_;
    profile.external_id = request->external_id;
  } else {
    deliver(*asked, refusal{rejection::player_unknown, {}});
    return nullptr;
  }
  context_->figures.players_woken.fetch_add(1, std::memory_order_relaxed);
  auto spawned = self_->spawn<caf::lazy_init>(player, context_, journal_, std::move(origin));
  return &add({asked->player_hash, asked->external_id(), std::move(spawned), round_, false});
}

void brand_core::schedule_sweep() {
  const auto step = std::chrono::duration_cast<std::chrono::milliseconds>(context_->options.idle_after) /
                    static_cast<long>(idle_rounds * steps_per_round);
  self_->delayed_send(self_, std::max(step, std::chrono::milliseconds(10)), sweep_atom::value);
}

void brand_core::sweep() {
  const auto last = std::min(players_.size(), next_place_ + players_.size() / steps_per_round + 1);
  for (; next_place_ < last; ++next_place_)
    if (players_[next_place_].actor) retire_if_idle(players_[next_place_]);
  if (next_place_ >= players_.size()) {
    next_place_ = 0;
    ++round_;
  }
  schedule_sweep();
}

void brand_core::retire_if_idle(awake& player) {
  const auto crowded = players_.size() - free_places_.size() > context_->options.awake_players_max;
  const auto idle_after = crowded ? 1 : idle_rounds;
  if (player.retiring || round_ - player.used_at < idle_after) return;
  player.retiring = true;
  self_->send(player.actor, retire_atom::value, caf::actor_cast<caf::actor>(self_), player.player_hash, player.used_at);
}

void brand_core::retired(std::uint64_t player_hash, const std::string& external_id, std::uint64_t mark) {
  auto* player = find(player_hash, external_id);
  if (player == nullptr) return;
  player->retiring = false;
  // It was used again since it was asked: what it accepted in the meantime may be in flight.
  if (player->used_at != mark) return;
  ++generation_;
  const auto place = static_cast<std::uint32_t>(player - players_.data());
  places_.erase(player_hash, place);
  *player = {};
  free_places_.push_back(place);
  context_->figures.players_passivated.fetch_add(1, std::memory_order_relaxed);
}

void brand_core::drop(std::uint64_t epoch) {
  epoch_ = epoch;
  ++generation_;
  next_place_ = 0;
  places_ = persistence::flat_index();
  players_.clear();
  free_places_.clear();
}

brand_actor::behavior_type brand_shard(brand_actor::stateful_pointer<brand_core> self, ledger_context* context,
                                       journal_actor journal, brand_number number) {
  self->state.start(*context, std::move(journal), number);
  return {
      [self](route_atom, const batch_ptr& batch) { self->state.route(batch); },
      [self](sweep_atom) { self->state.sweep(); },
      [self](retired_atom, std::uint64_t player_hash, const std::string& external_id, std::uint64_t mark) {
        self->state.retired(player_hash, external_id, mark);
      },
      [self](drop_atom, std::uint64_t epoch) { self->state.drop(epoch); },
  };
}

} // namespace croupier::actors
