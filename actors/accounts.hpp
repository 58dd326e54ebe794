#pragma once

#include "actors/account.hpp"
#include "persistence/committed_view.hpp"
#include "persistence/projection.hpp"
#include "persistence/projection_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace croupier::actors {

/// The accounts of all affiliates, one actor each.
///
/// Purpose: what an affiliate is owed, as a fold of the entries that concern it, and which entries those are.
/// Operation: the projector's thread gathers facts per account and, at the end of a portion, sends each actor its part
///   and waits until all have taken theirs in: mailboxes hold one portion at most. Sequences of an account's entries
///   are kept in blocks of 1,024 in the store; those that do not fill a block yet are with the actor.
/// Concurrency: the projection's members from the projector's thread; everything else from any thread.
/// Limitations: an account that changed is saved whole.
class accounts final : public persistence::projection {
public:
  accounts(persistence::projection_store& store, const persistence::committed_view& view);
  ~accounts() override;

  std::string_view name() const noexcept override { return "accounts"; }
  result<sequence, persistence::storage_error> restore() override;
  void apply(const committed_entry& entry) override;
  void settle() override;
  result<done, persistence::storage_error> save(sequence upto) override;

  /// Ascending.
  std::vector<account_key> keys() const;

  /// Runs `look` on the account, in its actor, and returns when it has run; false when there is no such account.
  /// `look` must be quick and must not throw.
  bool read(const account_key& key, const std::function<void(const affiliate_account&)>& look) const;

  /// A copy; of an account that nothing has happened to yet, an empty one.
  affiliate_account copy(const account_key& key) const;

  /// Up to `most` sequences below `before` of entries that concern the account, newest first. Throws storage_failure.
  /// O(most), and reads a block or two for each 1,024.
  std::vector<sequence> newest_entries(const account_key& key, sequence before, std::size_t most) const;

  /// Entries that made settlements, ascending.
  std::vector<sequence> settlements() const;
  bool has_settlements() const;
  /// The settlement that a request id made; nothing when it made none.
  std::optional<sequence> settlement_of_request(const std::string& request_id) const;

private:
  struct config : caf::actor_system_config {
    config();
  };

  /// The same as `account_of`, without asking the workspace each time.
  account_key account_of_brand(affiliate_number affiliate, brand_number brand);
  void note_settlement(sequence at, const std::string& request_id);
  account_actor actor_of(const account_key& key);
  std::optional<account_actor> find(const account_key& key) const;
  void open(const account_key& key, kept_account start);
  void ask(const account_actor& whom, const std::function<void(const kept_account&)>& look, std::size_t forget) const;

  persistence::projection_store& store_;
  const persistence::committed_view& view_;
  config config_;
  mutable caf::actor_system system_;
  mutable std::mutex lock_;
  std::map<account_key, account_actor> actors_; ///< under lock_

  std::map<sequence, std::string> settlements_;         ///< with their request ids; under lock_
  std::map<std::string, sequence> settlement_requests_; ///< under lock_

  // The projector's own.
  std::map<brand_number, currency_code> currencies_;
  std::map<sequence, std::string> unsaved_settlements_;
  std::map<account_key, account_portion> gathered_;
  std::set<account_key> unsaved_;
};

} // namespace croupier::actors
