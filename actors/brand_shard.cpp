#include "actors/brand_shard.hpp"

#include "actors/player.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace croupier::actors {

namespace {

// A player is idle after this many rounds of sweeping without a posting; a round takes idle_after / idle_rounds.
constexpr std::uint64_t idle_rounds = 8;
// A round is done in this many steps, so that no step holds the shard up for long.
constexpr std::uint64_t steps_per_round = 64;

} // namespace

void brand_core::start(ledger_context& context, journal_actor journal, brand_number number) {
  context_ = &context;
  journal_ = std::move(journal);
  number_ = number;
  self_->send(journal_, join_atom::value, caf::actor_cast<caf::actor>(self_));
  schedule_sweep();
}

void brand_core::route(const batch_ptr& batch) {
  for (std::size_t i = 0; i < batch->postings.size(); ++i) {
    auto& each = batch->postings[i];
    if (each.brand() != number_ || !each.to_route) continue;
    each.to_route = false;
    hand_on(batch->share(i));
  }
  batch->routings.arrive();
}

void brand_core::hand_on(const posting_ptr& asked) {
  auto* player = find(asked->player_hash, asked->external_id());
  if (player == nullptr) player = wake(asked);
  if (player == nullptr) return;
  player->used_at = round_;
  self_->send(player->actor, decide_atom::value, asked);
}

brand_core::awake* brand_core::find(std::uint64_t player_hash, const std::string& external_id) {
  const auto [first, last] = players_.equal_range(player_hash);
  const auto found =
      std::find_if(first, last, [&](const auto& each) { return each.second.external_id == external_id; });
  return found == last ? nullptr : &found->second;
}

brand_core::awake* brand_core::wake(const posting_ptr& asked) {
  if (!asked->wake || asked->wake->generation != generation_) {
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
  } else if (const auto* sign_up = std::get_if<registration>(&asked->ask)) {
    origin->restored.profile = sign_up->attributed;
  } else {
    deliver(*asked, refusal{rejection::player_unknown, {}});
    return nullptr;
  }
  context_->figures.players_woken.fetch_add(1, std::memory_order_relaxed);
  auto spawned = self_->spawn<caf::lazy_init>(player, context_, journal_, std::move(origin));
  return &players_.emplace(asked->player_hash, awake{asked->external_id(), std::move(spawned), round_, false})->second;
}

void brand_core::schedule_sweep() {
  const auto step = std::chrono::duration_cast<std::chrono::milliseconds>(context_->options.idle_after) /
                    static_cast<long>(idle_rounds * steps_per_round);
  self_->delayed_send(self_, std::max(step, std::chrono::milliseconds(10)), sweep_atom::value);
}

void brand_core::sweep() {
  const auto buckets = players_.bucket_count();
  const auto last = std::min(buckets, next_bucket_ + buckets / steps_per_round + 1);
  for (; next_bucket_ < last; ++next_bucket_)
    for (auto it = players_.begin(next_bucket_); it != players_.end(next_bucket_); ++it)
      retire_if_idle(it->first, it->second);
  if (next_bucket_ >= buckets) {
    next_bucket_ = 0;
    ++round_;
  }
  schedule_sweep();
}

void brand_core::retire_if_idle(std::uint64_t player_hash, awake& player) {
  const auto crowded = players_.size() > context_->options.awake_players_max;
  const auto idle_after = crowded ? 1 : idle_rounds;
  if (player.retiring || round_ - player.used_at < idle_after) return;
  player.retiring = true;
  self_->send(player.actor, retire_atom::value, caf::actor_cast<caf::actor>(self_), player_hash, player.used_at);
}

void brand_core::retired(std::uint64_t player_hash, const std::string& external_id, std::uint64_t mark) {
  auto* player = find(player_hash, external_id);
  if (player == nullptr) return;
  player->retiring = false;
  // It was used again since it was asked: what it accepted in the meantime may be in flight.
  if (player->used_at != mark) return;
  ++generation_;
  const auto [first, last] = players_.equal_range(player_hash);
  players_.erase(std::find_if(first, last, [&](const auto& each) { return &each.second == player; }));
  context_->figures.players_passivated.fetch_add(1, std::memory_order_relaxed);
}

void brand_core::drop(std::uint64_t epoch) {
  epoch_ = epoch;
  ++generation_;
  next_bucket_ = 0;
  players_.clear();
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
