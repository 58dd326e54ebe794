#include "actors/account_facts.hpp"

#include "engine/check.hpp"

#include <optional>

namespace croupier::actors {

namespace {

using persistence::committed_view;
using fact_list = std::vector<facts_of_account>;

/// The player's affiliate as of the entry: books that are made again later must come out the same.
affiliate_number affiliate_of(const movement_recorded& what, sequence at, const committed_view& view) {
  if (what.revshare) return what.revshare->affiliate;
  if (what.joined != profile_change::none && what.profile.affiliate.value != 0) return what.profile.affiliate;
  const auto player = view.player(what.player);
  return player && player->profile.attributed_entry <= at ? player->profile.affiliate : affiliate_number{};
}

fact_list facts_in(const movement_recorded& what, sequence at, timestamp time, const committed_view& view) {
  if (!what.revshare && !what.claim && !what.charged_back) return {};
  const auto affiliate = affiliate_of(what, at, view);
  if (affiliate.value == 0) return {};
  std::vector<account_fact> facts;
  if (what.revshare) facts.emplace_back(revshare_accrued{what.revshare->earned});
  if (what.claim) facts.emplace_back(cpa_qualified{*what.claim});
  if (what.charged_back) facts.emplace_back(player_charged_back{what.player, time});
  return {{account_of(affiliate, what.brand, *view.current_workspace()), std::move(facts)}};
}

fact_list facts_in(const settlement_made& what) {
  fact_list all;
  for (std::uint32_t i = 0; i < what.parts.size(); ++i)
    all.push_back({what.parts[i].account, {account_settled{i, what.parts[i]}}});
  return all;
}

/// Whose the settlement is: that stands in the entry that made it.
template<class Fact>
fact_list facts_about(settlement_id id, const Fact& fact, const committed_view& view) {
  const auto made = view.entry_at(id.entry);
  const auto* batch = std::get_if<settlement_recorded>(&made.entry.what);
  CROUPIER_ASSERT(batch != nullptr && id.index < batch->what.parts.size(), "a settlement that was never made");
  return {{batch->what.parts[id.index].account, {fact}}};
}

} // namespace

account_key account_of(affiliate_number affiliate, brand_number brand, const workspace& ws) {
  const auto* found = ws.find(brand);
  CROUPIER_ASSERT(found != nullptr, "a movement of a brand that the workspace does not have");
  const auto currency = currency_code::parse(found->currency);
  CROUPIER_ASSERT(currency.has_value(), "a brand without a currency");
  return {affiliate, *currency};
}

std::vector<facts_of_account> account_facts_of(const committed_entry& entry, const committed_view& view) {
  const auto& what = entry.what;
  if (const auto* movement = std::get_if<movement_recorded>(&what))
    return facts_in(*movement, entry.at, entry.time, view);
  if (const auto* adjusted = std::get_if<account_adjusted>(&what)) return {{adjusted->account, {adjusted->line}}};
  if (const auto* closed = std::get_if<account_closed>(&what)) return {{closed->account, {closed->close}}};
  if (const auto* settled = std::get_if<settlement_recorded>(&what)) return facts_in(settled->what);
  if (const auto* status = std::get_if<settlement_status_recorded>(&what))
    return facts_about(status->what.settlement, status->what, view);
  if (const auto* deleted = std::get_if<settlement_deletion_recorded>(&what))
    return facts_about(deleted->what.settlement, deleted->what, view);
  return {};
}

} // namespace croupier::actors
