#include "actors/player.hpp"

#include "persistence/record_codec.hpp"

#include <caf/send.hpp>

#include <utility>
#include <variant>

namespace croupier::actors {

namespace {

template<class... Handlers>
struct overloaded : Handlers... {
  using Handlers::operator()...;
};

} // namespace

player_core::~player_core() {
  if (context_ != nullptr) context_->figures.awake_players.fetch_sub(1, std::memory_order_relaxed);
}

void player_core::start(ledger_context& context, journal_actor journal, player_origin origin) {
  context_ = &context;
  context_->figures.awake_players.fetch_add(1, std::memory_order_relaxed);
  journal_ = std::move(journal);
  epoch_ = origin.epoch;
  registered_ = origin.registered;
  ledger_.emplace(std::move(origin.restored), origin.read_at, context.options.in_flight_max);
}

void player_core::decide(const posting_ptr& asked) {
  if (const auto* request = std::get_if<movement_request>(&asked->ask))
    decide_movement(asked, *request);
  else if (const auto* sign_up = std::get_if<registration>(&asked->ask))
    decide_registration(asked, *sign_up);
}

void player_core::decide_movement(const posting_ptr& asked, const movement_request& request) {
  const movement_command command{request.source, asked->request_hash, request.updates, asked->absent_up_to};
  std::visit(overloaded{
                 [&](const movement_effect& effect) {
                   ledger_->accept(command, effect, context_->view.durable());
                   record(asked, request, effect);
                 },
                 [&](rejection why) {
                   deliver(*asked, refusal{why, {}});
                 },
                 [&](repeated_request) { answer_in_order(asked, rejection::request_duplicate); },
                 [&](lookup_stale) { deliver(*asked, look_again{}); },
             },
             ledger_->decide(command, *asked->ws));
}

void player_core::record(const posting_ptr& asked, const movement_request& request, const movement_effect& effect) {
  const auto& after = ledger_->accepted();
  movement_recorded fact;
  fact.player = after.profile.number;
  fact.brand = after.profile.brand;
  fact.player_hash = asked->player_hash;
  fact.ordinal = after.movement_count;
  fact.source = request.source;
  fact.request_id = request.request_id;
  fact.payload = request.payload;
  fact.changes = effect.changes;
  fact.revshare = effect.revshare;
  if (after.movement_count % key_frame_interval == 0)
    fact.frame = movement_recorded::key_frame{after.balances, after.revshare_total};
  persistence::encode(fact, asked->record);
  append(asked);
}

void player_core::decide_registration(const posting_ptr& asked, const registration& asked_for) {
  if (registered_) {
    answer_in_order(asked, rejection::player_duplicate);
    return;
  }
  registered_ = true;
  persistence::encode(entry{player_registered{ledger_->accepted().profile, asked_for.request.payload}}, asked->record);
  append(asked);
}

void player_core::append(const posting_ptr& asked) {
  asked->epoch = epoch_;
  if (context_->inbox.put(asked)) self_->send(journal_, commit_atom::value);
}

void player_core::answer_in_order(const posting_ptr& asked, rejection why) {
  // What makes this a no may still be in flight. If its commit fails, this must fail with it, not promise a duplicate
  // of something that was never recorded; so the no queues up behind it.
  asked->after_commit = refusal{why, {}};
  append(asked);
}

void player_core::retire(const caf::actor& shard, std::uint64_t player_hash, std::uint64_t mark) {
  auto self = self_;
  auto external_id = ledger_->accepted().profile.external_id;
  self->request(journal_, caf::infinite, barrier_atom::value)
      .then(
          [self, shard, player_hash, mark, external_id](bool) {
            self->send(caf::actor_cast<brand_actor>(shard), retired_atom::value, player_hash, external_id, mark);
          },
          [](caf::error&) {
            // The journal writer has ended: the ledger is stopping and the shard no longer listens.
          });
}

player_actor::behavior_type player(player_actor::stateful_pointer<player_core> self, ledger_context* context,
                                   journal_actor journal, std::shared_ptr<player_origin> origin) {
  self->state.start(*context, std::move(journal), std::move(*origin));
  return {
      [self](decide_atom, const posting_ptr& asked) { self->state.decide(asked); },
      [self](retire_atom, const caf::actor& shard, std::uint64_t player_hash, std::uint64_t mark) {
        self->state.retire(shard, player_hash, mark);
      },
  };
}

} // namespace croupier::actors
