#include "tests/simulation/model.hpp"

#include "tests/simulation/start.hpp"

namespace croupier::test {

model::model(std::map<sequence, sequence> drafted)
    : drafted_(std::move(drafted)),
      accounts_([this](bool holds, sequence at, const std::string& what) { expect(holds, at, what); }) {}

void model::expect(bool holds, sequence at, const std::string& what) {
  if (!holds) differences_.push_back("entry " + std::to_string(at.value) + ": " + what);
}

void model::take(const committed_entry& entry) {
  expect(entry.at.value == last_.value + 1, entry.at, "follows " + std::to_string(last_.value));
  expect(time_ <= entry.time, entry.at, "time runs backwards");
  last_ = entry.at;
  time_ = entry.time;
  const auto& what = entry.what;
  if (const auto* made = std::get_if<player_registered>(&what)) add(made->profile, entry.at);
  if (const auto* made = std::get_if<player_attributed>(&what)) attribute(made->profile, entry.at);
  if (const auto* movement = std::get_if<movement_recorded>(&what)) take_movement(entry, *movement);
  if (const auto* changed = std::get_if<workspace_changed>(&what)) know(*changed);
  if (const auto* adjusted = std::get_if<account_adjusted>(&what)) accounts_.take(entry.at, entry.time, *adjusted);
  if (const auto* closed = std::get_if<account_closed>(&what)) accounts_.take(entry.at, entry.time, *closed);
  if (const auto* status = std::get_if<settlement_status_recorded>(&what)) accounts_.take(entry.at, status->what);
  if (const auto* deleted = std::get_if<settlement_deletion_recorded>(&what)) accounts_.take(entry.at, deleted->what);
  if (const auto* settled = std::get_if<settlement_recorded>(&what)) {
    const auto drafted = drafted_.find(entry.at);
    accounts_.take(entry.at, settled->what, drafted == drafted_.end() ? std::nullopt : std::optional(drafted->second));
  }
}

/// Plans in this world are flat, for everybody, and valid from the beginning; they take the place of the offer's terms.
void model::know(const workspace_changed& what) {
  constexpr int128 whole_percents = 10'000; // of a percentage with two digits
  if (const auto* owner = std::get_if<affiliate>(&what.after)) accounts_.know(*owner);
  if (const auto* pays = std::get_if<offer>(&what.after); pays != nullptr && pays->revshare)
    terms_[pays->number] = {pays->revshare->metric, pays->revshare->rate.units() * whole_percents, {}};
  if (const auto* plan = std::get_if<commission_plan>(&what.after)) {
    const auto& leg = *plan->revshare;
    const auto left = whole_percents - (leg.deductions.admin_fee.units() + leg.deductions.tax.units()) / 100;
    terms_[plan->offer] = {leg.metric, leg.tiers.front().rate.units() * left, plan->cpa};
  }
}

void model::add(const player_profile& who, sequence at) {
  expect(!by_name_.contains(who.external_id), at, "registers a player twice");
  expect(!players_.contains(who.number), at, "gives a player number twice");
  by_name_[who.external_id] = who.number;
  players_[who.number] = {who.external_id, who.offer, who.affiliate, {}, 0, 0, {}};
}

void model::attribute(const player_profile& who, sequence at) {
  const auto found = players_.find(who.number);
  if (found == players_.end()) return expect(false, at, "attributes nobody");
  expect(found->second.name == who.external_id, at, "attributes a player by another name");
  expect(found->second.affiliate.value == 0 && who.affiliate.value != 0, at, "attributes a player again, or to nobody");
  found->second.offer = who.offer;
  found->second.affiliate = who.affiliate;
}

void model::take_movement(const committed_entry& entry, const movement_recorded& movement) {
  if (movement.joined == profile_change::created) add(movement.profile, entry.at);
  if (movement.joined == profile_change::attributed) attribute(movement.profile, entry.at);
  const auto found = players_.find(movement.player);
  if (found == players_.end()) return expect(false, entry.at, "a movement of nobody");
  auto& owner = found->second;
  expect(movement.ordinal == ++owner.movements, entry.at, "wrong ordinal");
  const std::string id(movement.request_id);
  if (!id.empty()) expect(owner.requests.emplace(id, entry.at).second, entry.at, "applies request id " + id + " twice");
  const auto pays = terms_.find(owner.offer);
  int128 earned = 0;
  for (const auto& change : movement.changes) {
    auto& balance = owner.balances[change.metric];
    const auto before = balance;
    balance = change.how == value_type::absolute ? change.value.units() : balance + change.value.units();
    expect(change.balance_after.units() == balance, entry.at, "wrong balance after");
    expect(change.delta.units() == balance - before, entry.at, "wrong delta");
    if (pays != terms_.end() && pays->second.metric == change.metric)
      earned += (balance - before) * pays->second.units_per_unit;
  }
  owner.revshare += earned;
  expect((movement.revshare ? movement.revshare->earned.units() : 0) == earned, entry.at, "wrong revshare");
  if (movement.revshare) {
    expect(movement.revshare->affiliate == owner.affiliate, entry.at, "revshare for another affiliate");
    accounts_.earn(entry.at, entry.time, owner.affiliate, movement.player, earned);
  }
  take_claim(entry, movement, owner);
  if (movement.charged_back) accounts_.charge_back(entry.time, movement.player);
}

void model::take_claim(const committed_entry& entry, const movement_recorded& movement, player& owner) {
  const auto pays = terms_.find(owner.offer);
  const auto* leg = pays != terms_.end() && pays->second.cpa ? &*pays->second.cpa : nullptr;
  const bool qualifies =
      leg != nullptr && !owner.claimed && owner.balances[leg->deposits->metric] >= leg->deposits->at_least.units();
  expect(movement.claim.has_value() == qualifies, entry.at, "wrong CPA");
  if (!movement.claim) return;
  owner.claimed = true;
  expect(leg != nullptr && movement.claim->fee.units() == leg->fee.units() * 10'000'000'000, entry.at, "wrong CPA fee");
  accounts_.claim(entry.at, entry.time, owner.affiliate, *movement.claim);
}

void model::compare(const persistence::committed_view& view) {
  expect(view.durable() == last_, last_, "the view ends at " + std::to_string(view.durable().value));
  for (const auto& [number, expected] : players_) {
    const auto state = view.player(number);
    if (!state) {
      expect(false, last_, "player " + expected.name + " is unknown to the view");
      continue;
    }
    expect(view.find_player(state->profile.brand, expected.name) == number, last_,
           expected.name + " is not found by name");
    expect(state->movement_count == expected.movements, last_, expected.name + ": wrong number of movements");
    expect(state->revshare_total.units() == expected.revshare, last_, expected.name + ": wrong revshare");
    for (const auto& [metric, units] : expected.balances)
      expect(state->balance_of(metric).units() == units, last_, expected.name + ": wrong balance");
    for (const auto& [id, at] : expected.requests)
      expect(
          view.find_request(view.request_hash(id.starts_with(event_prefix) ? dialect::revvvs : dialect::trackdesk, id),
                            view.player_hash(state->profile.brand, expected.name)) == at,
          last_, expected.name + ": request id " + id + " is not found");
  }
}

std::vector<player_number> model::players() const {
  std::vector<player_number> all;
  for (const auto& [number, each] : players_) all.push_back(number);
  return all;
}

std::optional<sequence> model::find(const std::string& external_id, const std::string& request_id) const {
  const auto number = by_name_.find(external_id);
  if (number == by_name_.end()) return std::nullopt;
  const auto& requests = players_.at(number->second).requests;
  const auto found = requests.find(request_id);
  return found == requests.end() ? std::nullopt : std::optional(found->second);
}

} // namespace croupier::test
