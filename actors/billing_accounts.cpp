/// What billing decides about single accounts: adjustments, CPA claims, closes of months.

#include "actors/billing_state.hpp"
#include "actors/month_lines.hpp"
#include "engine/check.hpp"

#include <string_view>

namespace croupier::actors {

namespace {

constexpr std::string_view sweeper = "clock";

billing_error describe(cpa_refusal why) {
  switch (why) {
  case cpa_refusal::already_released: return {billing_trouble::conflict, "cpa claim is released already"};
  case cpa_refusal::already_reversed: return {billing_trouble::conflict, "cpa claim is reversed already"};
  case cpa_refusal::reversal_window_over:
    return {billing_trouble::conflict, "cpa claim is final: its reversal window is over"};
  }
  ::croupier::detail::invariant_failed("why in cpa_refusal", __FILE__, __LINE__, "a refusal is none of its names");
}

billing_error describe(adjustment_refusal why) {
  switch (why) {
  case adjustment_refusal::request_id_missing: return {billing_trouble::invalid, "requestId: is required"};
  case adjustment_refusal::request_duplicate: return {billing_trouble::conflict, "duplicate adjustment request"};
  case adjustment_refusal::note_missing: return {billing_trouble::invalid, "reason: is required"};
  case adjustment_refusal::value_zero: return {billing_trouble::invalid, "amount: must not be zero"};
  case adjustment_refusal::period_closed: return {billing_trouble::conflict, "the month is closed"};
  }
  ::croupier::detail::invariant_failed("why in adjustment_refusal", __FILE__, __LINE__,
                                       "a refusal is none of its names");
}

} // namespace

// ---- adjustments and claims

billed<adjust_outcome> billing::adjust(const adjust_order& order) {
  auto& all = *state_;
  const std::lock_guard one_at_a_time(all.deciding);
  if (auto behind = all.catch_up()) return *behind;
  const auto account = all.book().copy(order.account);
  if (const auto earlier = account.entry_of_request(order.request_id)) {
    const auto stored = all.view().entry_at(*earlier);
    const auto& made = std::get<account_adjusted>(stored.entry.what).line;
    if (made.change.open != order.value || made.note != order.note)
      return refused(billing_trouble::conflict, "requestId: made another adjustment; take a new one");
    return adjust_outcome{*earlier, true, made};
  }
  account_adjustment line;
  line.reason = adjustment_reason::manual;
  line.effective_at = all.now();
  line.change.open = order.value;
  line.request_id = order.request_id;
  line.note = order.note;
  if (const auto no = account.refusal_of(line)) return describe(*no);
  const auto committed = all.commit({account_adjusted{order.who, order.account, line}});
  if (!committed) return committed.error();
  return adjust_outcome{committed->at, false, line};
}

billed<sequence> billing::book_claim(const std::string& who, player_number player, cpa_booking booking) {
  auto& all = *state_;
  const std::lock_guard one_at_a_time(all.deciding);
  if (auto behind = all.catch_up()) return *behind;
  for (const auto& [key, claim] : claims()) {
    if (claim.player != player) continue;
    const auto now = all.now();
    if (const auto no = refusal_of(claim, booking, now)) return describe(*no);
    const auto committed = all.commit({account_adjusted{who, key, adjustment_for(claim, booking, now)}});
    if (!committed) return committed.error();
    return committed->at;
  }
  return refused(billing_trouble::not_found, "cpa claim not found");
}

billed<std::uint64_t> billing::sweep() {
  auto& all = *state_;
  const std::lock_guard one_at_a_time(all.deciding);
  if (auto behind = all.catch_up()) return *behind;
  const auto now = all.now();
  std::vector<entry> due;
  for (const auto& [key, claim] : claims())
    if (const auto booking = due_booking(claim, now))
      due.emplace_back(account_adjusted{std::string(sweeper), key, adjustment_for(claim, *booking, now)});
  if (due.empty()) return std::uint64_t{0};
  const auto committed = all.commit(due);
  if (!committed) return committed.error();
  return static_cast<std::uint64_t>(due.size());
}

// ---- months

billed<std::vector<closed_account>> billing::close_month(const close_order& order) {
  auto& all = *state_;
  const std::lock_guard one_at_a_time(all.deciding);
  if (auto behind = all.catch_up()) return *behind;
  const auto ws = all.view().current_workspace();
  const auto now = all.now();
  if (now < order.month.ends_at()) return refused(billing_trouble::conflict, "month: is not over");
  const auto keys = all.wanted(order.affiliates);
  const auto lines = month_lines(all.view(), *ws, order.month, {keys.begin(), keys.end()});
  const auto plans = plans_of(*ws);
  std::vector<closed_account> out;
  std::vector<entry> facts;
  for (const auto& key : keys) {
    const auto account = all.book().copy(key);
    auto& row = out.emplace_back(closed_account{key, account.refusal_of(order.month, now), {}});
    if (row.refused) continue;
    close_input input{
        key, order.month, ws->find(key.affiliate)->deal, &plans, {}, account.claims(), &account.carried()};
    const auto found = lines.find(key);
    if (found != lines.end()) input.lines = found->second;
    auto closed = croupier::close_month(input);
    if (!closed) {
      row.refused = closed.error();
      continue;
    }
    forget_own_terms(*closed, *ws);
    row.figures = std::move(*closed);
    facts.emplace_back(account_closed{order.who, key, row.figures.entry});
  }
  if (order.dry_run || facts.empty()) return out;
  const auto committed = all.commit(facts);
  if (!committed) return committed.error();
  return out;
}

} // namespace croupier::actors
