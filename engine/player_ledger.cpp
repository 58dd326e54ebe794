#include "engine/player_ledger.hpp"

#include "engine/check.hpp"
#include "engine/cpa.hpp"
#include "engine/hidden_metrics.hpp"

#include <algorithm>
#include <utility>

namespace croupier {
namespace {

/// Balances grow by this many: a player touches a handful of metrics, and there may be a million players.
constexpr std::size_t balances_step = 4;

auto place_of(const std::vector<balance>& balances, metric_number metric) noexcept {
  return std::lower_bound(balances.begin(), balances.end(), metric,
                          [](const balance& one, metric_number wanted) { return one.metric < wanted; });
}

/// How long ids stay in each of their three stretches, at least. Look-ups that are older than the second one are made
/// again, so it is longer than what usually waits in a mailbox.
constexpr std::int64_t forgetting_step_us = 1'000'000;

bool names_a_metric_twice(const metric_updates& updates) noexcept {
  for (std::size_t i = 1; i < updates.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (updates[i].metric == updates[k].metric) return true;
  return false;
}

std::optional<rejection> form_objection(const metric_update& update) noexcept {
  if (!update.malformed) return std::nullopt;
  switch (update.type) {
  case metric_type::decimal: return rejection::decimal_value_invalid;
  case metric_type::integer:
    // A whole number has the right form however long it is; that it does not fit is a matter of range.
    if (*update.malformed == number_error::malformed) return rejection::integer_value_invalid;
    return std::nullopt;
  }
  return std::nullopt;
}

/// What can be said about the updates without looking at the player: all codes first, then all forms.
std::optional<rejection> objection_to(const metric_updates& updates) noexcept {
  for (const auto& update : updates)
    if (update.metric == metric_number{}) return rejection::metric_unknown;
  for (const auto& update : updates)
    if (const auto no = form_objection(update)) return no;
  for (const auto& update : updates)
    if (update.malformed) return rejection::value_out_of_range;
  return std::nullopt;
}

bool in_range(metric_type type, amount value) noexcept {
  switch (type) {
  case metric_type::integer: return in_integer_range(value);
  case metric_type::decimal: return in_decimal_range(value);
  }
  return false;
}

std::uint8_t fraction_digits_of(amount value) noexcept {
  auto units = value.units();
  std::uint8_t digits = amount::scale;
  for (; digits > 0 && units % 10 == 0; --digits) units /= 10;
  return digits;
}

/// What the value does to the balance `before`; nothing when that leaves the metric's range.
std::optional<metric_change> change_of(const metric_update& update, const number_text& text, amount before) noexcept {
  const auto value = amount::from_units(text.units);
  std::optional<amount> after = value;
  if (update.how == value_type::relative) after = before.plus(value);
  if (!after || !in_range(update.type, *after)) return std::nullopt;
  const auto delta = after->minus(before);
  if (!delta) return std::nullopt;
  return metric_change{.metric = update.metric,
                       .how = update.how,
                       .fraction_digits = text.fraction_digits,
                       .negative_zero = text.negative_zero,
                       .value = value,
                       .delta = *delta,
                       .balance_after = *after};
}

/// Adds what the update does. False when a number leaves its range.
bool add_change(const metric_update& update, const player_state& state, metric_changes& changes) noexcept {
  auto text = update.value;
  if (update.running_total_of) {
    const auto kept_in = running_total_metric(*update.running_total_of);
    if (!kept_in) return false;
    auto total = update;
    total.metric = *kept_in;
    total.how = value_type::absolute;
    const auto told = change_of(total, text, state.balance_of(*kept_in));
    if (!told) return false;
    changes.push_back(*told);
    text = {told->delta.units(), fraction_digits_of(told->delta), false};
  }
  const auto change = change_of(update, text, state.balance_of(update.metric));
  if (change) changes.push_back(*change);
  return change.has_value();
}

const metric_change* change_to(metric_number metric, const metric_changes& changes) noexcept {
  const auto* found =
      std::find_if(changes.begin(), changes.end(), [metric](const auto& change) { return change.metric == metric; });
  return found == changes.end() ? nullptr : found;
}

/// The revshare that `changes` earn the player's affiliate, into `out`. False when it, or the total that it would make,
/// cannot be held.
bool accrue(const player_state& state, const player_profile& who, const workspace& ws, timestamp now,
            const metric_changes& changes, std::optional<revshare_accrual>& out) noexcept {
  const offer* from = ws.find(who.offer);
  if (from == nullptr) return true;
  const auto* plan = ws.plans().in_force(who.offer, who.brand, who.affiliate, now);
  revshare_accrual accrual{.offer = from->number, .affiliate = who.affiliate, .metric = {}, .rate = {}, .earned = {}};
  std::optional<commission> earned;
  if (plan != nullptr) {
    const auto* change = plan->revshare ? change_to(plan->revshare->metric, changes) : nullptr;
    if (change == nullptr) return true;
    accrual.plan = plan->number;
    accrual.metric = plan->revshare->metric;
    accrual.rate = plan->revshare->rate_at_write();
    earned = accrued_at_write(*plan->revshare, change->delta);
  } else {
    const auto* change = from->revshare ? change_to(from->revshare->metric, changes) : nullptr;
    if (change == nullptr) return true;
    accrual.metric = from->revshare->metric;
    accrual.rate = from->revshare->rate;
    earned = share_of(change->delta, from->revshare->rate);
  }
  if (!earned || !state.revshare_total.plus(*earned)) return false;
  accrual.earned = *earned;
  out = accrual;
  return true;
}

/// The balance after the changes.
amount balance_after(const player_state& state, const metric_changes& changes, metric_number metric) noexcept {
  const auto* change = change_to(metric, changes);
  return change != nullptr ? change->balance_after : state.balance_of(metric);
}

/// A hidden metric that is set from 0 to 1.
metric_change mark(metric_number metric) noexcept {
  const auto one = amount::from_integer(1);
  return {.metric = metric,
          .how = value_type::absolute,
          .fraction_digits = 0,
          .negative_zero = false,
          .value = one,
          .delta = one,
          .balance_after = one};
}

/// Whether the player qualifies now for the CPA of the plan that was in force when it registered; the mark that it has
/// been claimed goes into the changes.
void claim_cpa(const player_state& state, const player_profile& who, const workspace& ws, timestamp now,
               movement_effect& effect) noexcept {
  if (ws.plans().plans().empty() || who.offer.value == 0) return;
  if (!state.balance_of(cpa_claimed_metric).is_zero()) return;
  const auto* plan = ws.plans().in_force(who.offer, who.brand, who.affiliate, who.registered_at);
  if (plan == nullptr || !plan->cpa) return;
  const auto reached = [&](const std::optional<cpa_condition>& condition) {
    return condition ? balance_after(state, effect.changes, condition->metric) : amount{};
  };
  effect.claim = claim_of(*plan, {.player = who.number,
                                  .brand = who.brand,
                                  .registered_at = who.registered_at,
                                  .deposited = reached(plan->cpa->deposits),
                                  .wagered = reached(plan->cpa->wagering),
                                  .at = now});
  if (effect.claim) effect.changes.push_back(mark(cpa_claimed_metric));
}

/// Marks a first deposit and a chargeback. A deposit is what raises the metric: a correction downwards or a value of
/// nothing makes no depositor. What is carried over from elsewhere marks the player, who made the first deposit there.
void mark_deposits(const player_state& state, const workspace& ws, bool opening, movement_effect& effect) noexcept {
  const auto raised = [&](metric_number metric) {
    const auto* change = metric.value != 0 ? change_to(metric, effect.changes) : nullptr;
    return change != nullptr && !change->delta.is_negative() && !change->delta.is_zero();
  };
  effect.charged_back = !opening && raised(ws.metric_that_means(metric_meaning::chargebacks));
  if (!raised(ws.metric_that_means(metric_meaning::deposits))) return;
  if (!state.balance_of(deposited_metric).is_zero()) return;
  effect.first_deposit = !opening;
  effect.changes.push_back(mark(deposited_metric));
}

/// A player that brings along what a CPA asks for is no new player: no CPA is paid for it. Which plan its CPA would
/// have been of may not be known yet, so any will do.
void rule_out_cpa(const player_state& state, const workspace& ws, movement_effect& effect) noexcept {
  if (!state.balance_of(cpa_claimed_metric).is_zero()) return;
  const auto brings = [&](metric_number metric) {
    const auto* change = metric.value != 0 ? change_to(metric, effect.changes) : nullptr;
    return change != nullptr && change->balance_after > amount{};
  };
  const auto asks = [&](const std::optional<cpa_condition>& condition) {
    return condition && brings(condition->metric);
  };
  const auto& plans = ws.plans().plans();
  const bool is_known = brings(ws.metric_that_means(metric_meaning::deposits)) ||
                        std::any_of(plans.begin(), plans.end(), [&](const commission_plan& plan) {
                          return plan.cpa && (asks(plan.cpa->deposits) || asks(plan.cpa->wagering));
                        });
  if (is_known) effect.changes.push_back(mark(cpa_claimed_metric));
}

/// One variable is returned on every path, so that the effect is built where the caller wants it: it is over a
/// kilobyte.
decision effect_of(const movement_command& command, const player_state& state, const workspace& ws) {
  decision result{std::in_place_type<movement_effect>};
  auto& effect = *std::get_if<movement_effect>(&result);
  for (const auto& update : command.updates) {
    if (!add_change(update, state, effect.changes)) {
      result = rejection::value_out_of_range;
      return result;
    }
  }
  mark_deposits(state, ws, command.opening, effect);
  if (command.opening) {
    rule_out_cpa(state, ws, effect);
    return result;
  }
  const auto& who = command.attributed != nullptr ? *command.attributed : state.profile;
  if (accrue(state, who, ws, command.now, effect.changes, effect.revshare))
    claim_cpa(state, who, ws, command.now, effect);
  else
    result = rejection::value_out_of_range;
  return result;
}

} // namespace

amount player_state::balance_of(metric_number metric) const noexcept {
  const auto at = place_of(balances, metric);
  return at != balances.end() && at->metric == metric ? at->value : amount{};
}

void player_state::set_balance(metric_number metric, amount value) {
  const auto at = balances.begin() + (place_of(balances, metric) - balances.cbegin());
  if (at != balances.end() && at->metric == metric) {
    at->value = value;
    return;
  }
  const auto index = at - balances.begin();
  if (balances.size() == balances.capacity()) balances.reserve(balances.size() + balances_step);
  balances.insert(balances.begin() + index, {metric, value});
}

player_ledger::player_ledger(player_state restored, sequence forgotten_up_to)
    : state_(std::move(restored)), forgotten_up_to_(forgotten_up_to) {
  const auto out_of_order = [](const balance& one, const balance& next) { return one.metric >= next.metric; };
  CROUPIER_ASSERT(std::adjacent_find(state_.balances.begin(), state_.balances.end(), out_of_order) ==
                      state_.balances.end(),
                  "restored balances are not in order");
}

decision player_ledger::decide(const movement_command& command, const workspace& ws) const {
  if (command.request_hash) {
    if (ids_.contains(*command.request_hash)) return repeated_request{};
    if (command.absent_up_to < forgotten_up_to_) return lookup_stale{};
  }
  if (const auto no = objection_to(command.updates)) return *no;
  CROUPIER_ASSERT(!names_a_metric_twice(command.updates), "a command updates a metric twice");
  return effect_of(command, state_, ws);
}

/// Moves the ids on by one stretch, once in a while, and forgets those that were durable the last time. The mark that
/// look-ups are held against is of that time, so that those of a moment ago stay valid.
void player_ledger::forget_ids(const journal_progress& progress, timestamp now) {
  const auto passed_us = now.unix_us - moved_on_at_.unix_us;
  if (passed_us >= 0 && passed_us < forgetting_step_us) return; // a clock that was set back is a step, too
  moved_on_at_ = now;
  if (durable_ids_ > 0) {
    ids_.forget_oldest(durable_ids_);
    forgotten_up_to_ = std::max(forgotten_up_to_, durable_by_);
    durable_ids_ = 0;
  }
  if (waiting_ids_ > 0 && progress.passed >= waiting_for_) {
    durable_ids_ = std::exchange(waiting_ids_, 0);
    durable_by_ = progress.durable;
  }
  if (waiting_ids_ == 0) {
    waiting_ids_ = static_cast<std::uint32_t>(ids_.size()) - durable_ids_;
    waiting_for_ = progress.own_place;
  }
}

void player_ledger::accept(const movement_command& command, const movement_effect& effect,
                           const journal_progress& progress) {
  forget_ids(progress, command.now);
  if (command.request_hash) ids_.insert(*command.request_hash);
  for (const auto& change : effect.changes) {
    CROUPIER_ASSERT(state_.balance_of(change.metric).plus(change.delta) == change.balance_after,
                    "a decision is applied to another state than it was made on");
    state_.set_balance(change.metric, change.balance_after);
  }
  if (effect.revshare) {
    const auto total = state_.revshare_total.plus(effect.revshare->earned);
    CROUPIER_ASSERT(total.has_value(), "an accepted revshare overflows");
    state_.revshare_total = *total;
  }
  ++state_.movement_count;
}

bool player_ledger::has_deposited() const noexcept {
  return !state_.balance_of(deposited_metric).is_zero();
}

void player_ledger::attribute(const player_profile& attributed) {
  auto& profile = state_.profile;
  CROUPIER_ASSERT(profile.click == sequence{}, "an attributed player is attributed again");
  CROUPIER_ASSERT(profile.number == attributed.number && profile.brand == attributed.brand &&
                      profile.external_id == attributed.external_id,
                  "a player is attributed with another's profile");
  profile.attributed_entry = attributed.attributed_entry;
  profile.click = attributed.click;
  profile.link = attributed.link;
  profile.offer = attributed.offer;
  profile.affiliate = attributed.affiliate;
}

bool player_ledger::next_is_key_frame() const noexcept {
  return (state_.movement_count + 1) % key_frame_interval == 0;
}

std::size_t player_ledger::heap_bytes() const noexcept {
  const auto& external_id = state_.profile.external_id;
  const auto inside_the_object = std::string().capacity();
  const auto text = external_id.capacity() > inside_the_object ? external_id.capacity() + 1 : 0;
  return text + state_.balances.capacity() * sizeof(balance) + ids_.heap_bytes();
}

} // namespace croupier
