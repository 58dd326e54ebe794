#pragma once

#include "engine/account_entry.hpp"
#include "engine/ids.hpp"
#include "engine/movement.hpp"
#include "engine/player_ledger.hpp"
#include "engine/settlement.hpp"
#include "engine/timestamp.hpp"
#include "engine/workspace.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace croupier {

/// The facts that the journal holds. An entry is plain data with views into the bytes that it was decoded from, or into
/// the request that it is encoded from; whoever holds the entry keeps those bytes. Sequence and time are not part of
/// it: they are given when it is committed (`committed_entry`).

/// A player came to be.
struct player_registered {
  player_profile profile;   ///< registered_at and the two entries are left out on disk: they are this entry's
  std::string_view payload; ///< the request's body, byte for byte
};

/// A player that existed unattributed was attributed.
struct player_attributed {
  player_profile profile; ///< without registered_at and registered_entry; attributed_entry is this entry's
  std::string_view payload;
};

/// A trait of a player, as an event told it.
struct trait_change {
  std::string_view name;
  std::string_view value; ///< JSON text; empty: the trait was unset
  friend bool operator==(const trait_change&, const trait_change&) = default;
};

/// What an event says beyond what it does to metrics.
struct event_facts {
  std::string_view name;
  timestamp occurred_at; ///< as the platform told it
  std::string_view country;
  std::vector<trait_change> traits;
  friend bool operator==(const event_facts&, const event_facts&) = default;
};

/// What a movement did to who its player is.
enum class profile_change : std::uint8_t {
  none = 0,
  created = 1,   ///< it is the player's first entry; it may be attributed at once
  attributed = 2 ///< the player was there, unattributed
};

/// A movement, applied; or an event, which may change no metric at all.
struct movement_recorded {
  player_number player;
  brand_number brand;
  std::uint64_t player_hash = 0; ///< keyed hash of brand and external id, half of the request key
  std::uint64_t ordinal = 0;     ///< 1 for the player's first movement, then 2, ...
  dialect source = dialect::trackdesk;
  std::string_view request_id; ///< empty: none
  std::string_view payload;    ///< the request's body, byte for byte
  metric_changes changes;
  std::optional<revshare_accrual> revshare;
  bool opening = false;       ///< it carries balances over from elsewhere, which earns nothing
  bool first_deposit = false; ///< the player's first deposit is in it
  bool charged_back = false;  ///< a chargeback is in it
  std::optional<event_facts> event;
  std::optional<cpa_claim> claim; ///< the player qualified for its CPA
  profile_change joined = profile_change::none;
  player_profile profile; ///< meaningful when it changed; as in player_registered and player_attributed
  /// Key frame: all balances and the revshare total after this movement; every 32nd movement carries it.
  struct key_frame {
    std::vector<balance> balances;
    commission revshare_total;
    friend bool operator==(const key_frame&, const key_frame&) = default;
  };
  std::optional<key_frame> frame;
};

/// A visitor followed a tracking link. The click's id is made from the entry's sequence.
struct click_tracked {
  link_number link;
  offer_number offer;
  affiliate_number affiliate;
  std::string_view ip;
  std::string_view user_agent;
  std::array<std::string_view, 5> sub_ids;
  bool unique = true; ///< the first of this link, address and user agent within an hour
  bool bot = false;   ///< the user agent is a known robot's
};

/// A creative was shown so many times within about a second.
struct impressions_counted {
  creative_number creative;
  link_number link;           ///< 0: not told
  affiliate_number affiliate; ///< 0: not told
  std::uint64_t count = 0;
};

/// An account was adjusted outside of a month's close: by hand, or a CPA was released or reversed.
struct account_adjusted {
  std::string who; ///< the API key's id, or "clock"
  account_key account;
  account_adjustment line;
};

/// An account's month was closed.
struct account_closed {
  std::string who;
  account_key account;
  month_closed close;
};

/// A settlement was made; or the status of a part of it was set; or a part of it was deleted.
struct settlement_recorded {
  std::string who;
  settlement_made what;
};
struct settlement_status_recorded {
  std::string who;
  settlement_status_set what;
};
struct settlement_deletion_recorded {
  std::string who;
  settlement_deleted what;
};

/// An object of the workspace was made or changed.
struct workspace_changed {
  std::string_view who; ///< the API key's id, or "start-up"
  using object = workspace_object;
  std::optional<object> before; ///< none: the object is new
  object after;
};

using entry = std::variant<player_registered, player_attributed, movement_recorded, click_tracked, workspace_changed,
                           impressions_counted, account_adjusted, account_closed, settlement_recorded,
                           settlement_status_recorded, settlement_deletion_recorded>;

/// An entry with its place and time.
struct committed_entry {
  sequence at;
  timestamp time;
  entry what;
};

} // namespace croupier
