#pragma once

#include "actors/accounts.hpp"
#include "actors/billing.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace croupier::actors {

/// What is behind `billing`, for the files that implement it.
struct billing::state {
  using clock = std::chrono::steady_clock;

  state(billed_ledger with, books& all, std::function<timestamp()> clock_of_ours);

  const persistence::committed_view& view() const { return ledger.view; }
  accounts& book() const { return kept.affiliate_accounts(); }

  /// Waits until the books hold everything that is durable now; the error says how far they are.
  std::optional<billing_error> catch_up(clock::duration patience) const;
  bool made_since_start() const;
  /// The same as `catch_up`, before a decision.
  std::optional<billing_error> catch_up() const;
  /// Journals facts that hold as things are, all or nothing, and waits until the books have them.
  billed<receipt> commit(const std::vector<entry>& facts);

  /// The accounts of these affiliates, or all.
  std::vector<account_key> wanted(const std::optional<std::vector<affiliate_number>>& affiliates) const;
  /// Whose an account settlement is; nothing when there never was one of that id.
  std::optional<account_key> owner_of(settlement_id id) const;
  billed<settle_outcome> replay(sequence at) const;
  /// Whether a repeated request means the settlement that its id made.
  bool asks_the_same(const settle_order& order, const settlement_made& made) const;
  void sweep_now_and_then(billing& all, const gateway& told);

  const billed_ledger ledger;
  books& kept;
  const std::function<timestamp()> now;
  const sequence durable_at_start;
  const clock::time_point started_at = clock::now();
  std::mutex deciding;

  std::mutex lock; ///< of the two below
  std::condition_variable stop_asked;
  bool stopping = false;
  std::thread sweeping;
};

inline billing_error refused(billing_trouble kind, std::string message) {
  return {kind, std::move(message)};
}

} // namespace croupier::actors
