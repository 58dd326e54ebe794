/// What billing answers without deciding anything.

#include "actors/account_facts.hpp"
#include "actors/billing_state.hpp"
#include "engine/check.hpp"

#include <algorithm>

namespace croupier::actors {

namespace {

commission_sum earned_by(const account_adjustment& line) {
  commission_sum sum;
  for (const auto& part : {line.change.open, line.change.on_hold, line.change.carried}) sum += part;
  return sum;
}

commission_sum earned_by(const std::vector<account_fact>& facts) {
  commission_sum sum;
  for (const auto& fact : facts) {
    if (const auto* revshare = std::get_if<revshare_accrued>(&fact)) sum += revshare->earned;
    if (const auto* claim = std::get_if<cpa_qualified>(&fact)) sum += claim->claim.fee;
    if (const auto* line = std::get_if<account_adjustment>(&fact)) sum += earned_by(*line);
    if (const auto* month = std::get_if<month_closed>(&fact))
      for (const auto& line : month->adjustments) sum += earned_by(line);
  }
  return sum;
}

/// Which settlements cover what an entry says.
std::vector<std::optional<settlement_id>> settlements_of(const affiliate_account& account, sequence at,
                                                         const std::vector<account_fact>& facts) {
  std::vector<std::optional<settlement_id>> out;
  std::uint32_t index = 0;
  for (const auto& fact : facts) {
    if (std::holds_alternative<revshare_accrued>(fact)) out.push_back(account.settlement_of(at));
    if (std::holds_alternative<account_adjustment>(fact))
      out.push_back(account.settlement_of(adjustment_id{at, index++}));
    if (const auto* month = std::get_if<month_closed>(&fact))
      for (std::size_t i = 0; i < month->adjustments.size(); ++i)
        out.push_back(account.settlement_of(adjustment_id{at, index++}));
  }
  return out;
}

/// What the player had earned its affiliate by then.
commission revshare_at(const persistence::committed_view& view, const player_state& player, sequence at) {
  if (at >= player.last_entry) return player.revshare_total;
  if (at < player.profile.attributed_entry) return {};
  const auto then = view.player_at(player.profile.number, at);
  CROUPIER_ASSERT(then.has_value(), "a player was not there when it was attributed");
  return then->revshare_total;
}

} // namespace

// ---- reads

std::optional<billing_error> billing::catch_up() const {
  return state_->catch_up();
}

bool billing::made_since_start() const {
  return state_->made_since_start();
}

std::vector<account_key> billing::keys() const {
  return state_->book().keys();
}

bool billing::look(const account_key& account, const std::function<void(const affiliate_account&)>& reader) const {
  return state_->book().read(account, reader);
}

affiliate_account billing::copy(const account_key& account) const {
  return state_->book().copy(account);
}

std::vector<sequence> billing::settlements() const {
  return state_->book().settlements();
}

std::vector<claim_row> billing::claims() const {
  std::vector<claim_row> rows;
  for (const auto& key : keys())
    look(key, [&](const affiliate_account& account) {
      for (const auto& claim : account.claims()) rows.push_back({key, claim});
    });
  return rows;
}

statement_page billing::statement(const account_key& account, std::optional<sequence> before, std::size_t most) const {
  statement_page page;
  look(account, [&](const affiliate_account& it) {
    page.buckets = it.buckets();
    page.upto = it.applied_up_to();
  });
  const sequence end{std::min(before.value_or(sequence{page.upto.value + 1}).value, page.upto.value + 1)};
  auto places = state_->book().newest_entries(account, end, most + 1);
  page.has_more = places.size() > most;
  places.resize(std::min(places.size(), most));
  for (const auto at : places) {
    statement_line line;
    line.entry = state_->view().entry_at(at);
    for (auto& [key, facts] : account_facts_of(line.entry.entry, state_->view()))
      if (key == account) line.facts = std::move(facts);
    line.earned = earned_by(line.facts);
    page.lines.push_back(std::move(line));
  }
  look(account, [&](const affiliate_account& it) {
    for (auto& line : page.lines) line.settlements = settlements_of(it, line.entry.entry.at, line.facts);
  });
  return page;
}

std::optional<commission> billing::open_revshare(const player_state& player, std::optional<sequence> made_by) const {
  if (!state_->made_since_start()) return std::nullopt;
  auto open = player.revshare_total;
  if (player.profile.affiliate.value == 0 || !state_->book().has_settlements()) return open;
  const auto* home = state_->view().current_workspace()->find(player.profile.brand);
  CROUPIER_ASSERT(home != nullptr, "a player of a brand that the workspace does not have");
  std::vector<settlement_cut> settled;
  look({player.profile.affiliate, *currency_code::parse(home->currency)},
       [&](const affiliate_account& account) { settled = account.settled(made_by); });
  for (const auto& [from, to] : settled) {
    if (from >= player.last_entry) break;
    const auto covered = revshare_at(state_->view(), player, to).minus(revshare_at(state_->view(), player, from));
    const auto left = covered ? open.minus(*covered) : std::nullopt;
    CROUPIER_ASSERT(left.has_value(), "a part of a player's revshare does not fit where the whole does");
    open = *left;
  }
  return open;
}

} // namespace croupier::actors
