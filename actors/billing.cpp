#include "actors/billing_state.hpp"
#include "actors/wall_clock.hpp"
#include "engine/check.hpp"
#include "persistence/journal_page.hpp"
#include "persistence/record_codec.hpp"

#include <algorithm>
#include <set>

namespace croupier::actors {

namespace {

using namespace std::chrono_literals;

constexpr auto catch_up_patience = 2s;
constexpr auto books_patience = 30s;
// A read this soon after a start waits for the accounts, rather than to leave out what is open.
constexpr auto start_patience = 5s;
constexpr auto sweep_every = 60s;

billed_ledger ledger_of(gateway& gate) {
  const auto record = [&gate](std::span<const entry> facts) {
    return gate.submit(facts).wait(std::chrono::steady_clock::time_point::max()).front();
  };
  return {gate.view(), record};
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

} // namespace

billing::state::state(billed_ledger with, books& all, std::function<timestamp()> clock_of_ours)
    : ledger(std::move(with)),
      kept(all),
      now(clock_of_ours ? std::move(clock_of_ours) : wall_clock),
      durable_at_start(ledger.view.durable()) {}

std::optional<billing_error> billing::state::catch_up(clock::duration patience) const {
  const auto upto = view().durable();
  if (kept.feed().wait_for(upto, clock::now() + patience)) return std::nullopt;
  return refused(billing_trouble::unavailable, "the accounts are being made from the journal and have reached entry " +
                                                   std::to_string(kept.feed().applied().value) + " of " +
                                                   std::to_string(upto.value));
}

bool billing::state::made_since_start() const {
  return kept.feed().wait_for(durable_at_start, started_at + start_patience);
}

std::optional<billing_error> billing::state::catch_up() const {
  return catch_up(catch_up_patience);
}

billed<receipt> billing::state::commit(const std::vector<entry>& facts) {
  for (const auto& fact : facts) {
    std::string record;
    persistence::encode(fact, record);
    if (record.size() > persistence::record_bytes_max)
      return refused(billing_trouble::invalid, "affiliateIds: too many accounts at once; name fewer of them");
  }
  const auto answered = ledger.record(facts);
  const auto* committed = std::get_if<receipt>(&answered);
  if (committed == nullptr)
    return refused(billing_trouble::unavailable, "the ledger takes no writes just now; nothing was changed");
  if (!kept.feed().wait_for(committed->at, clock::now() + books_patience))
    return refused(billing_trouble::unavailable, "it is done, but the accounts do not show it yet");
  return *committed;
}

std::vector<account_key> billing::state::wanted(const std::optional<std::vector<affiliate_number>>& affiliates) const {
  auto keys = book().keys();
  if (affiliates)
    std::erase_if(keys, [&](const account_key& key) {
      return std::find(affiliates->begin(), affiliates->end(), key.affiliate) == affiliates->end();
    });
  return keys;
}

billing::billing(gateway& ledger, books& kept, std::function<timestamp()> now)
    : billing(ledger_of(ledger), kept, std::move(now)) {
  state_->sweeping = std::thread([this, &ledger] { state_->sweep_now_and_then(*this, ledger); });
}

billing::billing(billed_ledger ledger, books& kept, std::function<timestamp()> now)
    : state_(std::make_unique<state>(std::move(ledger), kept, std::move(now))) {}

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

void billing::state::sweep_now_and_then(billing& all, const gateway& told) {
  std::unique_lock guard(lock);
  while (!stopping) {
    guard.unlock();
    try {
      // What is refused is tried again at the next turn; why is told by the ledger or the books themselves.
      static_cast<void>(all.sweep());
    } catch (const persistence::storage_failure& failure) {
      told.note_unreadable(failure.error());
    }
    guard.lock();
    stop_asked.wait_for(guard, sweep_every, [this] { return stopping; });
  }
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

/// Who was asked for is not kept, only who was taken and who was left out: that must be everyone who is asked for now
/// and had an account by then. When exactly the settlement was decided is not kept either, but not before the newest
/// entry that it takes.
bool billing::state::asks_the_same(const settle_order& order, const settlement_made& made) const {
  if (order.note != made.note || order.terms.up_to != made.terms.up_to || order.terms.minimum != made.terms.minimum)
    return false;
  std::set<account_key> meant;
  sequence decided;
  for (const auto& part : made.parts) {
    meant.insert(part.account);
    for (const auto& run : part.runs) decided = std::max(decided, run.last);
    for (const auto& one : part.adjustments) decided = std::max(decided, one.id.entry);
  }
  for (const auto& one : made.skipped) meant.insert(one.account);
  const auto asked = wanted(order.affiliates);
  for (const auto& key : asked)
    if (!meant.contains(key) && !book().newest_entries(key, {decided.value + 1}, 1).empty()) return false;
  return std::all_of(meant.begin(), meant.end(),
                     [&](const account_key& key) { return std::binary_search(asked.begin(), asked.end(), key); });
}

billed<settle_outcome> billing::settle(const settle_order& order) {
  if (auto problem = problem_with(order.terms)) return refused(billing_trouble::invalid, *problem);
  if (!order.dry_run && order.request_id.empty()) return refused(billing_trouble::invalid, "requestId: is required");
  auto& all = *state_;
  const std::lock_guard one_at_a_time(all.deciding);
  if (auto behind = all.catch_up()) return *behind;
  if (!order.request_id.empty())
    if (const auto earlier = all.book().settlement_of_request(order.request_id)) {
      auto replayed = all.replay(*earlier);
      if (replayed && !all.asks_the_same(order, replayed->made))
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
  if (auto behind = all.catch_up()) return *behind;
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
  if (auto behind = all.catch_up()) return *behind;
  const auto owner = all.owner_of(id);
  std::optional<settlement_refusal> no = settlement_refusal::unknown;
  if (owner) look(*owner, [&](const affiliate_account& account) { no = refusal_to_delete(account, id); });
  if (no) return describe(*no);
  const auto committed = all.commit({settlement_deletion_recorded{who, {id}}});
  if (!committed) return committed.error();
  return committed->at;
}

} // namespace croupier::actors
