#include "actors/billing.hpp"

#include "actors/account_facts.hpp"
#include "actors/accounts.hpp"
#include "actors/month_lines.hpp"
#include "actors/wall_clock.hpp"
#include "engine/check.hpp"
#include "persistence/journal_page.hpp"
#include "persistence/record_codec.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace croupier::actors {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto catch_up_patience = 2s;
constexpr auto books_patience = 30s;
constexpr auto sweep_every = 60s;
constexpr std::string_view sweeper = "clock";

billing_error refused(billing_trouble kind, std::string message) {
  return {kind, std::move(message)};
}

billing_error describe(settlement_refusal why) {
  switch (why) {
  case settlement_refusal::unknown: return {billing_trouble::not_found, "account settlement not found"};
  case settlement_refusal::paid: return {billing_trouble::conflict, "account settlement is paid"};
  case settlement_refusal::status_unreachable:
    return {billing_trouble::conflict, "status: NEW goes to IN_PROGRESS, that to PAID or ERROR, ERROR to IN_PROGRESS"};
  }
  ::croupier::detail::invariant_failed("why in settlement_refusal", __FILE__, __LINE__,
                                       "a refusal is none of its names");
}

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

/// Whether a repeated request means the settlement that its id made. Who was asked for is not kept, only who was taken.
bool asks_the_same(const settle_order& order, const settlement_made& made) {
  return order.note == made.note && order.terms.up_to == made.terms.up_to && order.terms.minimum == made.terms.minimum;
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

} // namespace

struct billing::state {
  state(gateway& gate, books& all, std::function<timestamp()> clock_of_ours)
      : ledger(gate), kept(all), now(clock_of_ours ? std::move(clock_of_ours) : wall_clock) {}

  const persistence::committed_view& view() const { return ledger.view(); }
  accounts& book() const { return kept.affiliate_accounts(); }

  std::optional<billing_error> catch_up(clock::duration patience) const {
    const auto upto = view().durable();
    if (kept.feed().wait_for(upto, clock::now() + patience)) return std::nullopt;
    return refused(billing_trouble::unavailable,
                   "the accounts are being made from the journal and have reached entry " +
                       std::to_string(kept.feed().applied().value) + " of " + std::to_string(upto.value));
  }

  /// Journals facts that hold as things are, all or nothing, and waits until the books have them.
  billed<receipt> commit(const std::vector<entry>& facts) {
    for (const auto& fact : facts) {
      std::string record;
      persistence::encode(fact, record);
      if (record.size() > persistence::record_bytes_max)
        return refused(billing_trouble::invalid, "affiliateIds: too many accounts at once; name fewer of them");
    }
    const auto answered = ledger.submit(std::span<const entry>(facts)).wait(clock::time_point::max()).front();
    const auto* committed = std::get_if<receipt>(&answered);
    if (committed == nullptr)
      return refused(billing_trouble::unavailable, "the ledger takes no writes just now; nothing was changed");
    if (!kept.feed().wait_for(committed->at, clock::now() + books_patience))
      return refused(billing_trouble::unavailable, "it is done, but the accounts do not show it yet");
    return *committed;
  }

  std::vector<account_key> wanted(const std::optional<std::vector<affiliate_number>>& affiliates) const {
    auto keys = book().keys();
    if (affiliates)
      std::erase_if(keys, [&](const account_key& key) {
        return std::find(affiliates->begin(), affiliates->end(), key.affiliate) == affiliates->end();
      });
    return keys;
  }

  std::optional<account_key> owner_of(settlement_id id) const;
  billed<settle_outcome> replay(sequence at) const;
  void sweep_now_and_then(billing& all);

  gateway& ledger;
  books& kept;
  const std::function<timestamp()> now;
  std::mutex deciding;

  std::mutex lock; ///< of the two below
  std::condition_variable stop_asked;
  bool stopping = false;
  std::thread sweeping;
};

billing::billing(gateway& ledger, books& kept, std::function<timestamp()> now)
    : state_(std::make_unique<state>(ledger, kept, std::move(now))) {
  state_->sweeping = std::thread([this] { state_->sweep_now_and_then(*this); });
}

billing::~billing() {
  stop();
}

void billing::stop() {
  {
    const std::lock_guard guard(state_->lock);
    state_->stopping = true;
  }
  state_->stop_asked.notify_all();
  if (state_->sweeping.joinable()) state_->sweeping.join();
}

void billing::state::sweep_now_and_then(billing& all) {
  std::unique_lock guard(lock);
  while (!stopping) {
    guard.unlock();
    try {
      // What fails is tried again at the next turn; why it failed is told by the ledger or the books themselves.
      static_cast<void>(all.sweep());
    } catch (const persistence::storage_failure&) {
    }
    guard.lock();
    stop_asked.wait_for(guard, sweep_every, [this] { return stopping; });
  }
}

// ---- reads

std::optional<billing_error> billing::catch_up() const {
  return state_->catch_up(catch_up_patience);
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

// ---- settlements

std::optional<account_key> billing::state::owner_of(settlement_id id) const {
  const auto made = book().settlements();
  if (!std::binary_search(made.begin(), made.end(), id.entry)) return std::nullopt;
  const auto stored = view().entry_at(id.entry);
  const auto& parts = std::get<settlement_recorded>(stored.entry.what).what.parts;
  return id.index < parts.size() ? std::optional(parts[id.index].account) : std::nullopt;
}

billed<settle_outcome> billing::state::replay(sequence at) const {
  const auto stored = view().entry_at(at);
  return settle_outcome{at, stored.entry.time, true, std::get<settlement_recorded>(stored.entry.what).what};
}

billed<settle_outcome> billing::settle(const settle_order& order) {
  if (auto problem = problem_with(order.terms)) return refused(billing_trouble::invalid, *problem);
  if (!order.dry_run && order.request_id.empty()) return refused(billing_trouble::invalid, "requestId: is required");
  auto& all = *state_;
  const std::lock_guard one_at_a_time(all.deciding);
  if (auto behind = all.catch_up(catch_up_patience)) return *behind;
  if (!order.request_id.empty())
    if (const auto earlier = all.book().settlement_of_request(order.request_id)) {
      auto replayed = all.replay(*earlier);
      if (replayed && !asks_the_same(order, replayed->made))
        return refused(billing_trouble::conflict, "requestId: made another settlement; take a new one");
      return replayed;
    }
  settle_outcome out;
  out.made = {order.request_id, order.note, order.terms, {}, {}};
  const auto ws = all.view().current_workspace();
  for (const auto& key : all.wanted(order.affiliates)) {
    const auto* owner = ws->find(key.affiliate);
    CROUPIER_ASSERT(owner != nullptr, "an account of an affiliate that the workspace does not have");
    look(key, [&](const affiliate_account& account) {
      auto part = draft_settlement(account, order.terms, !owner->payment_details.empty());
      if (part) {
        out.made.parts.push_back(std::move(*part));
      } else {
        out.made.skipped.push_back({key, part.error(), account.buckets().open});
      }
    });
  }
  if (order.dry_run || out.made.parts.empty()) return out;
  const auto committed = all.commit({settlement_recorded{order.who, out.made}});
  if (!committed) return committed.error();
  out.entry = committed->at;
  out.time = committed->time;
  return out;
}

billed<sequence> billing::set_status(const std::string& who, settlement_id id, settlement_status to) {
  auto& all = *state_;
  const std::lock_guard one_at_a_time(all.deciding);
  if (auto behind = all.catch_up(catch_up_patience)) return *behind;
  const auto owner = all.owner_of(id);
  std::optional<settlement_refusal> no = settlement_refusal::unknown;
  bool is_so = false;
  if (owner)
    look(*owner, [&](const affiliate_account& account) {
      no = refusal_to_set(account, id, to);
      is_so = !no && account.find(id)->status == to;
    });
  if (no) return describe(*no);
  if (is_so) return sequence{};
  const auto committed = all.commit({settlement_status_recorded{who, {id, to}}});
  if (!committed) return committed.error();
  return committed->at;
}

billed<sequence> billing::remove(const std::string& who, settlement_id id) {
  auto& all = *state_;
  const std::lock_guard one_at_a_time(all.deciding);
  if (auto behind = all.catch_up(catch_up_patience)) return *behind;
  const auto owner = all.owner_of(id);
  std::optional<settlement_refusal> no = settlement_refusal::unknown;
  if (owner) look(*owner, [&](const affiliate_account& account) { no = refusal_to_delete(account, id); });
  if (no) return describe(*no);
  const auto committed = all.commit({settlement_deletion_recorded{who, {id}}});
  if (!committed) return committed.error();
  return committed->at;
}

// ---- adjustments and claims

billed<adjust_outcome> billing::adjust(const adjust_order& order) {
  auto& all = *state_;
  const std::lock_guard one_at_a_time(all.deciding);
  if (auto behind = all.catch_up(catch_up_patience)) return *behind;
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
  if (auto behind = all.catch_up(catch_up_patience)) return *behind;
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
  if (auto behind = all.catch_up(catch_up_patience)) return *behind;
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
  if (auto behind = all.catch_up(catch_up_patience)) return *behind;
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
