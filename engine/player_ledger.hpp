#pragma once

#include "engine/account_entry.hpp"
#include "engine/ids.hpp"
#include "engine/movement.hpp"
#include "engine/recent_ids.hpp"
#include "engine/rejection.hpp"
#include "engine/timestamp.hpp"
#include "engine/workspace.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace croupier {

/// One metric's balance.
struct balance {
  metric_number metric;
  amount value;
  friend bool operator==(const balance&, const balance&) = default;
};

/// Who a player is and whom it was attributed to. Fixed at registration, except that an unattributed player is
/// attributed once.
struct player_profile {
  player_number number;
  brand_number brand;
  std::string external_id;
  timestamp registered_at;
  sequence registered_entry;  ///< the entry that registered it; given, like the time, when it is committed
  sequence attributed_entry;  ///< the entry that attributed it, often the same; 0: unattributed; given likewise
  sequence click;             ///< the click's entry; 0: unattributed
  link_number link;           ///< 0: unattributed
  offer_number offer;         ///< 0: unattributed
  affiliate_number affiliate; ///< 0: unattributed
  friend bool operator==(const player_profile&, const player_profile&) = default;
};

/// Everything that a player is as of one sequence: what a checkpoint keeps and what a waking actor is given.
struct player_state {
  player_profile profile;
  std::vector<balance> balances;    ///< touched metrics, ascending by metric number
  commission revshare_total;        ///< sum of the revshare of all its movements
  std::uint64_t movement_count = 0; ///< its movements so far; the newest has this ordinal
  sequence last_entry;              ///< its newest entry
  timestamp updated_at;             ///< time of its newest entry
  friend bool operator==(const player_state&, const player_state&) = default;

  /// The balance of a metric; zero when untouched.
  amount balance_of(metric_number metric) const noexcept;
  /// Puts a balance, keeping the order.
  void set_balance(metric_number metric, amount value);
};

/// A movement to be decided. Views: the caller keeps what they point to.
struct movement_command {
  dialect source = dialect::trackdesk;
  std::optional<std::uint64_t> request_hash; ///< keyed hash of dialect and request id; none: every call is new
  metric_updates updates; ///< no metric twice (CROUPIER_ASSERT): that is a field error, answered by who parses
  /// The caller found the request id absent among all entries up to this sequence.
  sequence absent_up_to;
  timestamp now;        ///< decides which plan is in force
  bool opening = false; ///< balances that are carried over from elsewhere: nothing is earned, nobody qualifies
  /// The movement brings its player's attribution with it, and earns by it already; nullptr: it brings none. Applied by
  /// `attribute`, if the movement is accepted.
  const player_profile* attributed = nullptr;
};

/// Revshare that a movement earned, with the terms that made it.
struct revshare_accrual {
  offer_number offer;
  affiliate_number affiliate;
  metric_number metric;
  percentage rate;
  commission earned;
  plan_number plan = {}; ///< 0: the offer's own terms; otherwise the deductions of the plan come before the rate
  friend bool operator==(const revshare_accrual&, const revshare_accrual&) = default;
};

/// A decision to accept: what the movement does. Nothing has been changed yet.
struct movement_effect {
  metric_changes changes;
  std::optional<revshare_accrual> revshare; ///< none when no terms apply or the metric was not touched
  std::optional<cpa_claim> claim;           ///< the player qualifies for its CPA; its mark is among the changes
  bool first_deposit = false;
  bool charged_back = false;
};

/// The command's look-up of its request id is too old to rely on; look again and send it again.
struct lookup_stale {};
/// The request id is among the accepted ones; the original may not be durable yet.
struct repeated_request {};

using decision = std::variant<movement_effect, rejection, repeated_request, lookup_stale>;

/// How far the journal has come when a player accepts a movement. What is accepted stands in one line to the journal,
/// in order; `durable` was read after `passed`, so it covers everything that had left the line by then.
struct journal_progress {
  sequence durable;            ///< the newest durable entry
  std::uint64_t own_place = 0; ///< nothing that this player accepted before stands behind this place
  std::uint64_t passed = 0;    ///< nobody up to this place stands in the line any more
};

/// The rules of one player: balances, request ids, revshare. Pure: no clock, no I/O. It holds the *accepted* state,
/// which runs ahead of the durable one by what is in flight; a failed commit throws the whole object away.
///
/// A request id is remembered until it has been durable for a second at least, so that every look-up finds it that is
/// not older than that. What a player holds is bounded by what it accepts in three seconds, not by what it ever did.
///
/// Use by one thread at a time. 8 bytes a remembered id (see recent_ids) and 32 bytes a touched metric.
class player_ledger {
public:
  /// `restored` is durable state up to its caller's look-up, at the sequence `forgotten_up_to`; request ids accepted
  /// from now on are remembered for a while, the older ones are the look-up's business.
  player_ledger(player_state restored, sequence forgotten_up_to);

  /// Decides, in the order of API.md section 1: duplicate request id, metric codes, value form, range. All or nothing
  /// over the updates, each check on all of them before the next; revshare on the change that each made. Never changes
  /// anything and never allocates.
  decision decide(const movement_command& command, const workspace& ws) const;

  /// Applies a decision of `decide` on the unchanged ledger. The caller puts the movement into the line to the journal
  /// before it calls again.
  void accept(const movement_command& command, const movement_effect& effect, const journal_progress& progress);

  /// The player's first entry is about to be decided, at about this time: it counts as the time of its registration
  /// until the journal has given it one.
  void begin(timestamp now) noexcept { state_.profile.registered_at = now; }

  /// Whether the player has made a deposit, here or before its balances were carried over: a change that raised the
  /// metric which meant deposits then. From then on it is not attributed any more.
  bool has_deposited() const noexcept;

  /// Attributes an unattributed player (CROUPIER_ASSERT): takes over its click, link, offer, affiliate
  /// and attributed_entry.
  void attribute(const player_profile& attributed);

  /// Accepted state; `last_entry` and `updated_at` are those of the restored state.
  const player_state& accepted() const noexcept { return state_; }

  /// Whether the next movement must carry all balances (a key frame): every 32nd movement of a player does, so that a
  /// past balance is found within 32 entries.
  bool next_is_key_frame() const noexcept;

  /// Bytes held beyond sizeof(*this).
  std::size_t heap_bytes() const noexcept;

private:
  void forget_ids(const journal_progress& progress, timestamp now);

  player_state state_;
  recent_ids ids_;
  sequence forgotten_up_to_; ///< ids accepted up to here are the look-up's business

  // The ids from the oldest to the newest: durable ones, those that wait for their place in the line to pass, new ones.
  std::uint32_t durable_ids_ = 0;
  std::uint32_t waiting_ids_ = 0;
  sequence durable_by_;           ///< of the durable ones
  std::uint64_t waiting_for_ = 0; ///< the place of the newest of those that wait
  timestamp moved_on_at_;         ///< when they were last moved on
};

/// How many movements apart key frames are.
inline constexpr std::uint64_t key_frame_interval = 32;

} // namespace croupier
