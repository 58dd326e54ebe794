#include "tests/simulation/model.hpp"

namespace croupier::test {

void model::expect(bool holds, sequence at, const std::string& what) {
  if (!holds) differences_.push_back("entry " + std::to_string(at.value) + ": " + what);
}

void model::take(const committed_entry& entry) {
  expect(entry.at.value == last_.value + 1, entry.at, "follows " + std::to_string(last_.value));
  expect(time_ <= entry.time, entry.at, "time runs backwards");
  last_ = entry.at;
  time_ = entry.time;
  if (const auto* made = std::get_if<player_registered>(&entry.what)) {
    expect(!by_name_.contains(made->profile.external_id), entry.at, "registers a player twice");
    expect(!players_.contains(made->profile.number), entry.at, "gives a player number twice");
    by_name_[made->profile.external_id] = made->profile.number;
    players_[made->profile.number] = {made->profile.external_id, made->profile.offer, {}, 0, 0, {}};
  }
  if (const auto* movement = std::get_if<movement_recorded>(&entry.what)) take_movement(entry, *movement);
  if (const auto* changed = std::get_if<workspace_changed>(&entry.what))
    if (const auto* pays = std::get_if<offer>(&changed->after); pays != nullptr && pays->revshare)
      terms_[pays->number] = *pays->revshare;
}

void model::take_movement(const committed_entry& entry, const movement_recorded& movement) {
  const auto found = players_.find(movement.player);
  if (found == players_.end()) return expect(false, entry.at, "a movement of nobody");
  auto& owner = found->second;
  expect(movement.ordinal == ++owner.movements, entry.at, "wrong ordinal");
  const std::string id(movement.request_id);
  if (!id.empty()) expect(owner.requests.emplace(id, entry.at).second, entry.at, "applies request id " + id + " twice");
  int128 earned = 0;
  for (const auto& change : movement.changes) {
    auto& balance = owner.balances[change.metric];
    const auto before = balance;
    balance = change.how == value_type::absolute ? change.value.units() : balance + change.value.units();
    expect(change.balance_after.units() == balance, entry.at, "wrong balance after");
    expect(change.delta.units() == balance - before, entry.at, "wrong delta");
    const auto terms = terms_.find(owner.offer);
    if (terms != terms_.end() && terms->second.metric == change.metric)
      earned += (balance - before) * terms->second.rate.units() * 10'000;
  }
  owner.revshare += earned;
  expect((movement.revshare ? movement.revshare->earned.units() : 0) == earned, entry.at, "wrong revshare");
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
      expect(view.find_request(view.request_hash(dialect::trackdesk, id),
                               view.player_hash(state->profile.brand, expected.name)) == at,
             last_, expected.name + ": request id " + id + " is not found");
  }
}

std::optional<sequence> model::find(const std::string& external_id, const std::string& request_id) const {
  const auto number = by_name_.find(external_id);
  if (number == by_name_.end()) return std::nullopt;
  const auto& requests = players_.at(number->second).requests;
  const auto found = requests.find(request_id);
  return found == requests.end() ? std::nullopt : std::optional(found->second);
}

} // namespace croupier::test
