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

/// Whether the click still brings somebody at that time. A click after the event brings nobody, a clock that is a
/// minute off aside.
bool in_window(const workspace& ws, brand_number brand, const found_click& click, timestamp occurred_at) {
  constexpr std::int64_t minute_us = 60'000'000;
  constexpr std::int64_t day_us = 1440 * minute_us;
  if (click.time.unix_us > occurred_at.unix_us + minute_us) return false;
  const auto* terms = ws.find(brand);
  const auto days = terms != nullptr ? terms->attribution_window_days : std::uint16_t{0};
  return days == 0 || occurred_at.unix_us - click.time.unix_us <= days * day_us;
}

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
  ledger_.emplace(std::move(origin.restored), origin.read_at);
}

void player_core::decide(const posting_ptr& asked) {
  if (const auto* request = asked->movement())
    decide_movement(asked, *request);
  else if (const auto* sign_up = asked->sign_up())
    decide_registration(asked, *sign_up);
}

void player_core::decide_movement(const posting_ptr& asked, const movement_request& request) {
  if (!registered_ && !request.event) {
    deliver(*asked, refusal{rejection::player_unknown, {}});
    return;
  }
  const auto now = context_->now();
  if (!registered_) ledger_->begin(now);
  const auto attributed = attribution(asked, request);
  const movement_command command{.source = request.source,
                                 .request_hash = asked->request_hash,
                                 .updates = request.updates,
                                 .absent_up_to = asked->absent_up_to,
                                 .now = now,
                                 .opening = request.opening,
                                 .attributed = attributed ? &*attributed : nullptr};
  std::visit(overloaded{
                 [&](const movement_effect& effect) { accept(asked, request, command, effect); },
                 [&](rejection why) {
                   deliver(*asked, refusal{why, {}});
                 },
                 [&](repeated_request) { answer_in_order(asked, rejection::request_duplicate); },
                 [&](lookup_stale) { deliver(*asked, look_again{}); },
             },
             ledger_->decide(command, asked->ws()));
}

void player_core::accept(const posting_ptr& asked, const movement_request& request, const movement_command& command,
                         const movement_effect& effect) {
  const auto joined = join(command);
  journal_progress progress;
  progress.own_place = newest_place_;
  progress.passed = context_->inbox.passed(); // before `durable`, which then covers it
  progress.durable = context_->view.durable();
  ledger_->accept(command, effect, progress);
  movement_recorded fact;
  fact.joined = joined;
  if (joined != profile_change::none) fact.profile = ledger_->accepted().profile;
  record(asked, request, effect, fact);
}

std::optional<player_profile> player_core::attribution(const posting_ptr& asked,
                                                       const movement_request& request) const {
  if (!asked->click) return std::nullopt;
  // Whether a deposit was made is asked before this movement counts: a first deposit may bring its own click.
  const auto& known = ledger_->accepted().profile;
  const bool attributable = known.click.value == 0 && !ledger_->has_deposited() &&
                            in_window(asked->ws(), known.brand, *asked->click, request.event->occurred_at);
  if (!attributable) return std::nullopt;
  auto attributed = known;
  attributed.click = asked->click->at;
  attributed.link = asked->click->link;
  attributed.offer = asked->click->offer;
  attributed.affiliate = asked->click->affiliate;
  return attributed;
}

profile_change player_core::join(const movement_command& command) {
  const auto created = !registered_;
  registered_ = true;
  if (command.attributed != nullptr) ledger_->attribute(*command.attributed);
  if (created) return profile_change::created;
  return command.attributed != nullptr ? profile_change::attributed : profile_change::none;
}

void player_core::record(const posting_ptr& asked, const movement_request& request, const movement_effect& effect,
                         movement_recorded& fact) {
  const auto& after = ledger_->accepted();
  fact.player = after.profile.number;
  fact.brand = after.profile.brand;
  fact.player_hash = asked->player_hash;
  fact.ordinal = after.movement_count;
  fact.source = request.source;
  fact.request_id = request.request_id;
  fact.payload = request.payload;
  fact.changes = effect.changes;
  fact.revshare = effect.revshare;
  fact.opening = request.opening;
  fact.first_deposit = effect.first_deposit;
  fact.charged_back = effect.charged_back;
  fact.claim = effect.claim;
  if (request.event) {
    auto& event = fact.event.emplace();
    event.name = request.event->name;
    event.occurred_at = request.event->occurred_at;
    event.country = request.event->country;
    for (const auto& trait : request.event->traits) event.traits.push_back({trait.name, trait.value});
  }
  if (after.movement_count % key_frame_interval == 0)
    fact.frame = movement_recorded::key_frame{after.balances, after.revshare_total};
  persistence::encode(fact, asked->record);
  append(asked);
}

void player_core::decide_registration(const posting_ptr& asked, const registration& asked_for) {
  auto profile = asked_for.attributed;
  if (registered_) {
    const auto& known = ledger_->accepted().profile;
    if (known.click.value != 0) {
      answer_in_order(asked, rejection::player_duplicate);
      return;
    }
    // An event has brought the player into being; now somebody says who sent it.
    profile.number = known.number;
    ledger_->attribute(profile);
    persistence::encode(entry{player_attributed{profile, asked_for.request.payload}}, asked->record);
    append(asked);
    return;
  }
  registered_ = true;
  // A refused event may have left a profile that nobody has recorded.
  profile.number = ledger_->accepted().profile.number;
  ledger_->begin(context_->now());
  if (ledger_->accepted().profile.click.value == 0) ledger_->attribute(profile);
  persistence::encode(entry{player_registered{ledger_->accepted().profile, asked_for.request.payload}}, asked->record);
  append(asked);
}

void player_core::append(const posting_ptr& asked) {
  asked->epoch = epoch_;
  const auto at = context_->inbox.put(asked);
  newest_place_ = at.number;
  if (at.first) self_->send(journal_, commit_atom::value);
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
