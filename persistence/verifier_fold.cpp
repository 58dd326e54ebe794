#include "persistence/verifier_fold.hpp"

#include "engine/commission_plan.hpp"
#include "engine/fixed_point.hpp"
#include "engine/hidden_metrics.hpp"
#include "persistence/index_hashes.hpp"

#include <algorithm>
#include <variant>

namespace croupier::persistence {

namespace {

__extension__ using uint128 = unsigned __int128;

/// Sorts by key and gives the least sequence that repeats a key of an earlier one; nothing when all keys differ.
template<class Key>
std::optional<sequence> sort_and_find_repeat(std::vector<std::pair<Key, sequence>>& rows) {
  std::sort(rows.begin(), rows.end());
  std::optional<sequence> found;
  for (std::size_t i = 1; i < rows.size(); ++i)
    if (rows[i].first == rows[i - 1].first && (!found || rows[i].second < *found)) found = rows[i].second;
  return found;
}

constexpr const char* nobodys_account = "the account is of an affiliate that the workspace did not have";

bool is_whole(amount value) noexcept {
  return value.units() % amount::from_integer(1).units() == 0;
}

const char* check_attribution(const player_profile& profile, sequence at) {
  const bool attributed = profile.affiliate.value != 0;
  if ((profile.offer.value != 0) != attributed || (profile.link.value != 0) != attributed ||
      (profile.click.value != 0) != attributed || (profile.attributed_entry == at) != attributed)
    return "the player is attributed in part";
  if (profile.click >= at) return "the player's click is not older than its attribution";
  return nullptr;
}

} // namespace

bool ledger_slice::has(std::uint64_t hash) const noexcept {
  return static_cast<std::uint64_t>((uint128{hash} * count) >> 64) == index;
}

std::uint64_t ledger_slice::first_hash() const noexcept {
  return static_cast<std::uint64_t>(((uint128{index} << 64) + count - 1) / count);
}

std::uint64_t digest_history(std::uint64_t before, const history_row& row) noexcept {
  // A multiplication and a shift for each number: this guards against damage, not against an attacker, who would
  // have to break the journal's chain first.
  const auto mix = [](std::uint64_t value) {
    value = (value ^ (value >> 32)) * 0xd6e8feb86659fd93U;
    return value ^ (value >> 32);
  };
  return mix(mix(before + row.at.value) + row.ordinal);
}

ledger_fold::ledger_fold(const folder_key& key, ledger_slice slice, std::uint64_t request_ids_expected)
    : key_(key), slice_(slice) {
  requests_.reserve(request_ids_expected);
}

const char* ledger_fold::take(const committed_entry& entry) {
  return std::visit([&](const auto& what) { return take(entry.at, entry.time, what); }, entry.what);
}

std::optional<std::pair<sequence, const char*>> ledger_fold::first_repeat() {
  std::optional<std::pair<sequence, const char*>> found;
  if (const auto at = sort_and_find_repeat(requests_))
    found = {*at, "its request id is that of an earlier movement of its player"};
  if (const auto at = sort_and_find_repeat(numbers_); at && (!found || *at < found->first))
    found = {*at, "the player number was given before"};
  return found;
}

// -- players ----------------------------------------------------------------------------------------------------------

const char* ledger_fold::take(sequence at, timestamp time, const player_registered& what) {
  return add_player(at, time, what.profile);
}

const char* ledger_fold::take(sequence at, timestamp time, const player_attributed& what) {
  return attribute(at, time, what.profile);
}

const char* ledger_fold::join(sequence at, timestamp time, const movement_recorded& what) {
  switch (what.joined) {
  case profile_change::none: return nullptr;
  case profile_change::created: return add_player(at, time, what.profile);
  case profile_change::attributed: return attribute(at, time, what.profile);
  }
  return nullptr;
}

const char* ledger_fold::add_player(sequence at, timestamp time, const player_profile& who) {
  if (slice_.is_first()) {
    if (who.number.value == 0) return "the player has no number";
    numbers_.emplace_back(who.number, at);
    if (who.affiliate.value != 0) owners_.insert_or_assign(who.number, who.affiliate);
    next_player_number_ = std::max(next_player_number_, who.number.value + 1);
  }
  const auto hash = hash_of_player(key_, who.brand, who.external_id);
  if (!slice_.has(hash)) return nullptr;
  if (const auto* problem = check_attribution(who, at)) return problem;
  if (who.brand.value == 0 || who.external_id.empty()) return "the player has no brand or no external id";
  if (!names_.emplace(hash, who.number).second) return "the player was registered before";
  const auto [added, is_new] = players_.try_emplace(who.number);
  if (!is_new) return "the player number was given before";
  added->second.hash = hash;
  auto& state = added->second.state;
  state.profile = who;
  state.last_entry = at;
  state.updated_at = time;
  return nullptr;
}

const char* ledger_fold::attribute(sequence at, timestamp time, const player_profile& who) {
  if (slice_.is_first()) owners_.insert_or_assign(who.number, who.affiliate);
  const auto hash = hash_of_player(key_, who.brand, who.external_id);
  if (!slice_.has(hash)) return nullptr;
  const auto found = players_.find(who.number);
  if (found == players_.end()) return "its player was never registered";
  auto& state = found->second.state;
  auto& before = state.profile;
  if (before.affiliate.value != 0) return "its player was attributed before";
  if (before.brand != who.brand || before.external_id != who.external_id)
    return "it changes more of its player than the attribution";
  if (who.affiliate.value == 0) return "it attributes its player to nobody";
  if (const auto* problem = check_attribution(who, at)) return problem;
  // When and where it was registered is known already, and not told again.
  before.click = who.click;
  before.link = who.link;
  before.offer = who.offer;
  before.affiliate = who.affiliate;
  before.attributed_entry = at;
  state.last_entry = at;
  state.updated_at = time;
  return nullptr;
}

// -- movements --------------------------------------------------------------------------------------------------------

const char* ledger_fold::take(sequence at, timestamp time, const movement_recorded& what) {
  ++movements_;
  if (!what.request_id.empty())
    if (const auto hash = hash_of_request(key_, what.source, what.request_id); slice_.has(hash))
      requests_.emplace_back(request_key{hash, what.player_hash}, at);
  if (const auto* problem = join(at, time, what)) return problem;
  if (slice_.is_first())
    if (const auto* problem = account_for(what)) return problem;
  if (!slice_.has(what.player_hash)) return nullptr;

  const auto found = players_.find(what.player);
  if (found == players_.end()) return "its player was never registered";
  auto& player = found->second;
  auto& state = player.state;
  if (player.hash != what.player_hash || state.profile.brand != what.brand)
    return "its brand or the hash of its player is not its player's";
  if (what.ordinal != state.movement_count + 1) return "the ordinal does not follow the player's last one";
  if (what.changes.empty() && !what.event) return "the movement changes nothing";
  if (const auto* problem = check_changes(state, what.changes)) return problem;
  if (const auto* problem = check_revshare(state, what)) return problem;
  state.movement_count = what.ordinal;
  state.last_entry = at;
  state.updated_at = time;
  player.history = digest_history(player.history, {what.player, at, what.ordinal});
  return check_frame(state, what);
}

std::optional<account_key> ledger_fold::account_of(affiliate_number affiliate, brand_number brand) const {
  const auto currency = currencies_.find(brand);
  if (affiliate.value == 0 || currency == currencies_.end()) return std::nullopt;
  return account_key{affiliate, currency->second};
}

std::optional<account_key> ledger_fold::accrues_for(const movement_recorded& what) const {
  return what.revshare ? account_of(what.revshare->affiliate, what.brand) : std::nullopt;
}

const char* ledger_fold::account_for(const movement_recorded& what) {
  if (const auto account = accrues_for(what)) accounts_.note(*account);
  if (!what.claim) return nullptr;
  const auto owner = owners_.find(what.player);
  const auto account = account_of(owner == owners_.end() ? affiliate_number{} : owner->second, what.brand);
  if (!account || what.claim->player != what.player) return "its CPA is earned by nobody";
  commission_plan wanted;
  wanted.number = what.claim->plan;
  const auto plan = workspace_.find(place_of(wanted));
  return accounts_.claim(*account, *what.claim,
                         plan == workspace_.end() ? nullptr : std::get_if<commission_plan>(&plan->second));
}

const char* ledger_fold::check_changes(player_state& player, const metric_changes& changes) const {
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto& change = changes[i];
    for (std::size_t j = 0; j < i; ++j)
      if (changes[j].metric == change.metric) return "the movement names a metric twice";
    if (!is_hidden(change.metric)) {
      const auto type = metric_types_.find(change.metric);
      if (type == metric_types_.end()) return "the movement names a metric that the workspace did not have";
      if (type->second == metric_type::integer && !is_whole(change.value)) return "an integer metric is not whole";
    }
    if (player.balance_of(change.metric).plus(change.delta) != change.balance_after)
      return "the balance is not what the change makes of the balance before";
    if (change.value != (change.how == value_type::absolute ? change.balance_after : change.delta))
      return "the change is not what its value asks for";
    player.set_balance(change.metric, change.balance_after);
  }
  return nullptr;
}

const char* ledger_fold::check_revshare(player_state& player, const movement_recorded& movement) const {
  if (!movement.revshare) return nullptr;
  const auto& accrual = *movement.revshare;
  if (movement.opening) return "it carries balances over, which earns nothing, and has revshare";
  if (accrual.affiliate != player.profile.affiliate || accrual.offer != player.profile.offer)
    return "its revshare is not for the affiliate and the offer of its player";
  const auto* change = std::find_if(movement.changes.begin(), movement.changes.end(),
                                    [&](const metric_change& one) { return one.metric == accrual.metric; });
  if (change == movement.changes.end()) return "its revshare is on a metric that it does not change";
  if (earned_by(accrual, change->delta) != accrual.earned) return "its revshare is not the rate times the change";
  const auto total = player.revshare_total.plus(accrual.earned);
  if (!total) return "the player's revshare leaves its range";
  player.revshare_total = *total;
  return nullptr;
}

// A plan is never changed, but for its name and its end, so the one that the entry names is the one that made it.
std::optional<commission> ledger_fold::earned_by(const revshare_accrual& accrual, amount change) const {
  if (accrual.plan.value == 0) return share_of(change, accrual.rate);
  commission_plan wanted;
  wanted.number = accrual.plan;
  const auto found = workspace_.find(place_of(wanted));
  const auto* plan = found == workspace_.end() ? nullptr : std::get_if<commission_plan>(&found->second);
  if (plan == nullptr || !plan->revshare || plan->revshare->metric != accrual.metric ||
      plan->revshare->rate_at_write() != accrual.rate)
    return std::nullopt;
  return accrued_at_write(*plan->revshare, change);
}

const char* ledger_fold::check_frame(const player_state& player, const movement_recorded& movement) {
  if (movement.frame.has_value() != (movement.ordinal % key_frame_interval == 0))
    return "a key frame is missing, or stands where none is due";
  if (movement.frame &&
      (movement.frame->balances != player.balances || movement.frame->revshare_total != player.revshare_total))
    return "its key frame is not the sum of the player's movements";
  return nullptr;
}

// -- the rest ---------------------------------------------------------------------------------------------------------

const char* ledger_fold::take(sequence, timestamp, const click_tracked&) {
  return nullptr; // a fact of its own: nothing follows from it but its id, which is its sequence
}

const char* ledger_fold::take(sequence, timestamp, const impressions_counted&) {
  return nullptr; // likewise
}

// What happens to accounts changes no player and nothing of the checkpoint.
const char* ledger_fold::take(sequence at, timestamp, const account_adjusted& what) {
  if (!slice_.is_first()) return nullptr;
  if (!has_affiliate(what.account)) return nobodys_account;
  return accounts_.adjust(at, what);
}
const char* ledger_fold::take(sequence at, timestamp time, const account_closed& what) {
  if (!slice_.is_first()) return nullptr;
  if (!has_affiliate(what.account)) return nobodys_account;
  return accounts_.close(at, time, what);
}
const char* ledger_fold::take(sequence at, timestamp, const settlement_recorded& what) {
  return slice_.is_first() ? accounts_.settle(at, what.what) : nullptr;
}
const char* ledger_fold::take(sequence, timestamp, const settlement_status_recorded& what) {
  return slice_.is_first() ? accounts_.set_status(what.what) : nullptr;
}
const char* ledger_fold::take(sequence, timestamp, const settlement_deletion_recorded& what) {
  return slice_.is_first() ? accounts_.remove(what.what) : nullptr;
}

bool ledger_fold::has_affiliate(const account_key& account) const {
  affiliate wanted;
  wanted.number = account.affiliate;
  return workspace_.contains(place_of(wanted));
}

const char* ledger_fold::take(sequence, timestamp, const workspace_changed& what) {
  const auto place = place_of(what.after);
  if (place.number == 0) return "the object of the workspace has no number";
  const auto found = workspace_.find(place);
  const bool fits = found == workspace_.end() ? !what.before.has_value() : what.before == found->second;
  if (!fits) return "the change of the workspace does not begin where the last one of its object ended";
  workspace_.insert_or_assign(place, what.after);
  if (const auto* home = std::get_if<brand>(&what.after)) {
    const auto currency = currency_code::parse(home->currency);
    if (!currency) return "the change of the workspace gives a brand no currency";
    const auto [known, is_new] = currencies_.emplace(home->number, *currency);
    if (!is_new && known->second != *currency) return "the change of the workspace gives a brand another currency";
  }
  if (const auto* definition = std::get_if<metric>(&what.after)) {
    const auto [known, is_new] = metric_types_.emplace(definition->number, definition->type);
    if (!is_new && known->second != definition->type) return "the change of the workspace gives a metric another type";
  }
  return nullptr;
}

} // namespace croupier::persistence
