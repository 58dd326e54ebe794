#pragma once

#include "actors/books.hpp"
#include "actors/gateway.hpp"
#include "engine/account_entry.hpp"
#include "engine/cpa.hpp"
#include "engine/period_close.hpp"
#include "engine/settlement.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace croupier::actors {

/// Why billing answered no. Nothing was changed, unless the text says that the outcome is unknown.
enum class billing_trouble : std::uint8_t {
  invalid,    ///< what was asked for cannot be
  not_found,  ///< there is no such account, claim or settlement
  conflict,   ///< not in the state that it is in
  unavailable ///< the books or the journal cannot just now; try again
};

struct billing_error {
  billing_trouble kind = billing_trouble::invalid;
  std::string message; ///< "<field>: <what is wrong>" where it is about one
};

template<class T>
using billed = result<T, billing_error>;

/// What one call of `settle` asks for.
struct settle_order {
  std::string who;                                         ///< the API key's id
  std::optional<std::vector<affiliate_number>> affiliates; ///< none: all
  settlement_terms terms;
  bool dry_run = false;
  std::string request_id;
  std::string note;
};

struct settle_outcome {
  sequence entry;        ///< 0: nothing was settled, or it was a dry run
  timestamp time;        ///< of the entry
  bool replayed = false; ///< the request id had been settled before: this is that settlement
  settlement_made made;
};

struct adjust_order {
  std::string who;
  account_key account;
  commission value;
  std::string request_id;
  std::string note;
};

struct adjust_outcome {
  sequence entry;
  bool replayed = false;
  account_adjustment line;
};

struct close_order {
  std::string who;
  calendar_month month;
  std::optional<std::vector<affiliate_number>> affiliates; ///< none: all accounts
  bool dry_run = false;
};

/// One account of a close.
struct closed_account {
  account_key account;
  std::optional<close_refusal> refused; ///< nothing was closed, because
  close_outcome figures;                ///< otherwise
};

/// A line of an account's statement: one entry that concerns it.
struct statement_line {
  persistence::stored_entry entry;
  std::vector<account_fact> facts; ///< what the entry says about the account
  commission_sum earned;           ///< what they add to the account's `earned`
  /// Of the movement, or of each adjustment in order: the settlement that covers it.
  std::vector<std::optional<settlement_id>> settlements;
};

struct statement_page {
  account_buckets buckets; ///< as of `upto`
  sequence upto;
  std::vector<statement_line> lines; ///< newest first
  bool has_more = false;
};

struct claim_row {
  account_key account;
  cpa_claim claim;
};

/// The ledger as billing needs it: what is durable, and how facts get there, all or nothing, in one call that returns
/// when the outcome is known, however long that takes.
struct billed_ledger {
  const persistence::committed_view& view;
  std::function<outcome(std::span<const entry> facts)> record;
};

/// What affiliates are owed and paid, for everyone who is not an actor.
///
/// Purpose: reads accounts and decides what changes them.
/// Operation: decisions are taken one after the other: each waits until the books have reached everything that is
///   durable, decides on the accounts as they are, journals its facts, and waits for the commit, however long it takes,
///   because the next decision must know. Movements never wait for any of it: what comes in meanwhile stays open. Once
///   a minute, and at the start, CPA that is due is released or reversed.
/// Concurrency: any thread; `stop` once. Reads do not wait for decisions.
/// Limitations: reads of the disk throw persistence::storage_failure.
class billing {
public:
  /// Gateway and books outlive it. `now` decides what is due and which months are over; empty: the wall clock.
  billing(gateway& ledger, books& kept, std::function<timestamp()> now = {});
  /// The same without a sweep of its own, for whoever steps everything: a simulation.
  billing(billed_ledger ledger, books& kept, std::function<timestamp()> now);
  ~billing();
  billing(const billing&) = delete;
  billing& operator=(const billing&) = delete;

  /// Ends the sweep.
  void stop();

  /// Waits a bounded time until the books hold everything that is durable now; the error says how far they are.
  std::optional<billing_error> catch_up() const;

  /// Whether the accounts hold everything that was there at the start: before, what they do not say may be so all the
  /// same. In the first seconds after a start it waits for that, and never afterwards, so that a page of many rows does
  /// not wait for each.
  bool made_since_start() const;

  // Reads, of the books as they are.
  std::vector<account_key> keys() const; ///< ascending; those to which something has happened
  bool look(const account_key& account, const std::function<void(const affiliate_account&)>& reader) const;
  affiliate_account copy(const account_key& account) const;
  statement_page statement(const account_key& account, std::optional<sequence> before, std::size_t most) const;
  /// Entries that made settlements, ascending; also those whose parts have all been deleted.
  std::vector<sequence> settlements() const;
  std::vector<claim_row> claims() const;

  /// What of the player's revshare (`player.revshare_total`) no settlement covers: of those that stand now, or only of
  /// those that were made up to the entry `made_by`, for a player as of then. Nothing while the accounts are still
  /// being made after a start. One look back into the player's history for each stretch that settlements cover; as they
  /// follow each other without a gap, there is one stretch, and one more for each that was deleted and not made again.
  std::optional<commission> open_revshare(const player_state& player,
                                          std::optional<sequence> made_by = std::nullopt) const;

  // Decisions. A request id that is repeated answers what it made; with another order it is a conflict, and for this
  // everyone who has no account yet counts as not asked for. Request ids of settlements are one name space, those of
  // adjustments one for each account.
  billed<settle_outcome> settle(const settle_order& order);
  billed<adjust_outcome> adjust(const adjust_order& order);
  billed<sequence> set_status(const std::string& who, settlement_id id, settlement_status to);
  billed<sequence> remove(const std::string& who, settlement_id id);
  billed<sequence> book_claim(const std::string& who, player_number player, cpa_booking booking);
  billed<std::vector<closed_account>> close_month(const close_order& order);
  /// Books every claim that is due; how many.
  billed<std::uint64_t> sweep();

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace croupier::actors
