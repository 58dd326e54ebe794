#include "programme.hpp"

#include "engine/check.hpp"

#include "sample_workspace.hpp"
#include "support/catch.hpp"
#include "table_page.hpp"

#include <algorithm>

namespace croupier::testing {
namespace {

commission_tier tier_of(std::string_view text) {
  const auto percent = text.find('%');
  REQUIRE(percent != std::string_view::npos);
  commission_tier tier{.up_to = std::nullopt, .rate = percentage_of(text.substr(0, percent))};
  const auto to = text.find(" to ");
  if (to != std::string_view::npos) tier.up_to = amount_of(text.substr(to + 4));
  return tier;
}

} // namespace

std::vector<commission_tier> tiers_of(std::string_view text) {
  std::vector<commission_tier> tiers;
  for (auto end = text.find(';'); end != std::string_view::npos; end = text.find(';')) {
    tiers.push_back(tier_of(text.substr(0, end)));
    text.remove_prefix(end + 1);
  }
  tiers.push_back(tier_of(text));
  return tiers;
}

commission_plan revshare_plan(std::string_view tiers, tier_mode mode) {
  commission_plan plan;
  plan.name = std::string(tiers);
  plan.offer = the_offer;
  plan.valid_from = timestamp{0};
  revshare_leg leg;
  leg.metric = ngr;
  leg.tiers = tiers_of(tiers);
  leg.mode = mode;
  plan.revshare = leg;
  return plan;
}

cpa_leg cpa_of(std::string_view fee) {
  cpa_leg leg;
  leg.fee = amount_of(fee);
  leg.deposits = cpa_condition{.metric = deposits, .at_least = amount_of("10")};
  return leg;
}

deal_terms deal_of(std::string_view text) {
  deal_terms deal;
  if (text == "reset") deal.rule = carryover_rule::reset;
  if (!text.starts_with("cap ")) return deal;
  deal.rule = carryover_rule::capped;
  deal.cap = amount_of(text.substr(4));
  return deal;
}

timestamp time_of(std::string_view text) {
  const auto whole = text.size() == 10 ? std::string(text) + "T00:00:00Z" : std::string(text);
  const auto time = timestamp::parse(whole);
  INFO(whole);
  REQUIRE(time.has_value());
  return *time;
}

programme::programme(deal_terms deal, std::string_view currency)
    : deal_(deal), account_({.affiliate = the_affiliate, .currency = *currency_code::parse(currency)}) {}

plan_number programme::add(commission_plan plan) {
  plan.number = plan_number{static_cast<std::uint32_t>(plans_.plans().size() + 1)};
  const auto number = plan.number;
  plans_.put(std::move(plan));
  return number;
}

void programme::set_time(timestamp time) {
  CROUPIER_ASSERT(time >= now_, "the clock of a test goes back");
  now_ = time;
}

void programme::journal(std::vector<account_fact> facts) {
  last_.value += 1;
  account_.apply(last_, now_, facts);
  journal_.push_back({.at = last_, .time = now_, .facts = std::move(facts)});
}

void programme::move(const play& what) {
  auto& player = players_.try_emplace(what.player, player_record{now_, {}, {}, false}).first->second;
  const bool is_first_deposit = player.deposited.is_zero() && !what.deposit.is_zero();
  player.deposited = *player.deposited.plus(what.deposit);
  player.wagered = *player.wagered.plus(what.wager);
  std::vector<account_fact> facts;
  const auto* plan = plans_.in_force(the_offer, what.brand, the_affiliate, now_);
  if (plan != nullptr && plan->revshare) {
    const auto earned = accrued_at_write(*plan->revshare, what.ngr);
    REQUIRE(earned.has_value());
    facts.push_back(revshare_accrued{.earned = *earned});
    auto& line = lines_[calendar_month::of(now_)][{what.player, plan->number}];
    line.player = what.player;
    line.brand = what.brand;
    line.plan = plan->number;
    line.base = *line.base.plus(what.ngr);
    line.accrued = *line.accrued.plus(*earned);
    line.first_deposit = line.first_deposit || is_first_deposit;
    line.active = true;
  }
  const auto* at_registration = plans_.in_force(the_offer, what.brand, the_affiliate, player.registered_at);
  if (at_registration != nullptr && !player.has_claim) {
    const cpa_evidence evidence{.player = what.player,
                                .brand = what.brand,
                                .registered_at = player.registered_at,
                                .deposited = player.deposited,
                                .wagered = player.wagered,
                                .at = now_};
    if (const auto claim = claim_of(*at_registration, evidence)) {
      facts.push_back(cpa_qualified{.claim = *claim});
      player.has_claim = true;
    }
  }
  journal(std::move(facts));
}

void programme::charge_back(player_number player) {
  journal({player_charged_back{.player = player, .at = now_}});
}

void programme::sweep() {
  std::vector<account_fact> facts;
  for (const auto& claim : account_.claims())
    if (const auto due = due_booking(claim, now_)) facts.push_back(adjustment_for(claim, *due, now_));
  if (!facts.empty()) journal(std::move(facts));
}

std::optional<cpa_refusal> programme::book_by_hand(player_number player, cpa_booking booking) {
  const auto* claim = account_.claim_of(player);
  REQUIRE(claim != nullptr);
  if (const auto no = refusal_of(*claim, booking, now_)) return no;
  journal({adjustment_for(*claim, booking, now_)});
  return std::nullopt;
}

close_outcome programme::close_month() {
  const auto& last = account_.last_closed();
  const auto month = last ? last->next() : first_month;
  REQUIRE(!account_.refusal_of(month, now_));
  std::vector<revshare_line> lines;
  for (const auto& [key, line] : lines_[month]) lines.push_back(line);
  close_input input;
  input.account = account_.key();
  input.month = month;
  input.deal = deal_;
  input.plans = &plans_;
  input.lines = lines;
  input.claims = account_.claims();
  input.carried = &account_.carried();
  auto outcome = croupier::close_month(input);
  REQUIRE(outcome.has_value());
  journal({outcome->entry});
  return *outcome;
}

result<account_settlement, skip_reason> programme::draft(const settlement_terms& terms) const {
  return draft_settlement(account_, terms, true);
}

settlement_id programme::commit(const account_settlement& part) {
  journal({account_settled{.index = 0, .part = part}});
  return newest_settlement();
}

std::optional<skip_reason> programme::settle(const settlement_terms& terms, bool has_payment_details) {
  const auto part = draft_settlement(account_, terms, has_payment_details);
  if (!part) return part.error();
  commit(*part);
  return std::nullopt;
}

std::optional<settlement_refusal> programme::set_status(settlement_id id, settlement_status status) {
  if (const auto no = refusal_to_set(account_, id, status)) return no;
  journal({settlement_status_set{.settlement = id, .status = status}});
  return std::nullopt;
}

std::optional<settlement_refusal> programme::remove(settlement_id id) {
  if (const auto no = refusal_to_delete(account_, id)) return no;
  journal({settlement_deleted{.settlement = id}});
  return std::nullopt;
}

std::optional<adjustment_refusal> programme::adjust(const std::string& request_id, std::string_view value,
                                                    timestamp effective_at) {
  account_adjustment line;
  line.reason = adjustment_reason::manual;
  line.effective_at = effective_at;
  line.change.open = commission_of(value);
  line.request_id = request_id;
  line.note = "by hand";
  if (const auto no = account_.refusal_of(line)) return no;
  journal({line});
  return std::nullopt;
}

settlement_id programme::newest_settlement() const {
  REQUIRE(!account_.settlements().empty());
  return account_.settlements().back().id;
}

affiliate_account replayed(account_key key, const std::vector<journalled>& journal) {
  affiliate_account account(key);
  for (const auto& one : journal) account.apply(one.at, one.time, one.facts);
  return account;
}

} // namespace croupier::testing
