#pragma once

#include "engine/entry.hpp"
#include "engine/keyed_hash.hpp"
#include "persistence/checkpoint_store.hpp"
#include "persistence/verifier_accounts.hpp"
#include "persistence/workspace_objects.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace croupier::persistence {

/// The part of a ledger that one walk through the journal looks at: players and request ids whose hash is in the
/// slice's range. The first slice also looks at what is of no player.
struct ledger_slice {
  std::uint64_t index = 0;
  std::uint64_t count = 1;

  bool is_first() const noexcept { return index == 0; }
  bool has(std::uint64_t hash) const noexcept;
  /// The least hash of the slice.
  std::uint64_t first_hash() const noexcept;
};

/// A player as its entries make it.
struct folded_player {
  player_state state;
  std::uint64_t hash = 0;    ///< of brand and external id
  std::uint64_t history = 0; ///< digest of its history rows in their order, see digest_history
  std::uint64_t indexed = 0; ///< likewise of the rows that the checkpoint has
  bool has_row = false;      ///< whether the checkpoint has the player
  bool has_name = false;     ///< whether the checkpoint finds it by its name
};

/// The digest after one more row. Rows that differ give other digests but for one chance in 2^64.
std::uint64_t digest_history(std::uint64_t before, const history_row& row) noexcept;

/// The fold of a journal over one slice: what checkpoint and tail are a digest of. Use by one thread.
class ledger_fold {
public:
  using request_rows = std::vector<std::pair<request_key, sequence>>;

  /// `key` outlives the object. Room for this many request ids is fetched at once.
  ledger_fold(const folder_key& key, ledger_slice slice, std::uint64_t request_ids_expected);

  /// Takes the next entry in; what is wrong with it, or nullptr. After a wrong one the fold is of no further use.
  const char* take(const committed_entry& entry);

  /// The first entry that repeats a request id of its player, or gives a player number again. Sorts: O(n log n).
  std::optional<std::pair<sequence, const char*>> first_repeat();

  const ledger_slice& slice() const noexcept { return slice_; }
  const folder_key& key() const noexcept { return key_; }
  std::unordered_map<player_number, folded_player>& players() noexcept { return players_; }
  /// By the hash of brand and external id.
  const std::unordered_map<std::uint64_t, player_number>& names() const noexcept { return names_; }
  /// In the order of the keys after `first_repeat`, until the next entry.
  const request_rows& requests() const noexcept { return requests_; }
  const std::map<object_place, workspace_changed::object>& workspace() const noexcept { return workspace_; }

  // Of all slices, known to the first.
  std::uint64_t player_count() const noexcept { return numbers_.size(); }
  std::uint64_t next_player_number() const noexcept { return next_player_number_; }

  std::uint64_t movement_count() const noexcept { return movements_; }
  const account_fold& accounts() const noexcept { return accounts_; }
  /// The account that a movement's revshare is for; nothing when it has none, or its brand does not exist.
  std::optional<account_key> accrues_for(const movement_recorded& what) const;

private:
  // One for each kind of entry: a new kind must say here what holds for it.
  const char* take(sequence at, timestamp time, const player_registered& what);
  const char* take(sequence at, timestamp time, const player_attributed& what);
  const char* take(sequence at, timestamp time, const movement_recorded& what);
  const char* take(sequence at, timestamp time, const click_tracked& what);
  const char* take(sequence at, timestamp time, const workspace_changed& what);
  const char* take(sequence at, timestamp time, const impressions_counted& what);
  const char* take(sequence at, timestamp time, const account_adjusted& what);
  const char* take(sequence at, timestamp time, const account_closed& what);
  const char* take(sequence at, timestamp time, const settlement_recorded& what);
  const char* take(sequence at, timestamp time, const settlement_status_recorded& what);
  const char* take(sequence at, timestamp time, const settlement_deletion_recorded& what);

  std::optional<account_key> account_of(affiliate_number affiliate, brand_number brand) const;
  const char* account_for(const movement_recorded& what);
  bool has_affiliate(const account_key& account) const;
  const char* join(sequence at, timestamp time, const movement_recorded& what);
  const char* add_player(sequence at, timestamp time, const player_profile& who);
  const char* attribute(sequence at, timestamp time, const player_profile& who);

  const char* check_changes(player_state& player, const metric_changes& changes) const;
  const char* check_revshare(player_state& player, const movement_recorded& movement) const;
  std::optional<commission> earned_by(const revshare_accrual& accrual, amount change) const;
  static const char* check_frame(const player_state& player, const movement_recorded& movement);

  const folder_key& key_;
  const ledger_slice slice_;
  std::unordered_map<player_number, folded_player> players_;
  std::unordered_map<std::uint64_t, player_number> names_;
  request_rows requests_;
  std::vector<std::pair<player_number, sequence>> numbers_;
  std::map<object_place, workspace_changed::object> workspace_;
  std::unordered_map<metric_number, metric_type> metric_types_; ///< of workspace_, for each change of each movement
  std::unordered_map<brand_number, currency_code> currencies_;  ///< likewise
  account_fold accounts_;
  std::unordered_map<player_number, affiliate_number> owners_; ///< of attributed players
  std::uint64_t next_player_number_ = 1;
  std::uint64_t movements_ = 0;
};

} // namespace croupier::persistence
