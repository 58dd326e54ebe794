#pragma once

#include "engine/ids.hpp"
#include "engine/movement.hpp"
#include "engine/player_ledger.hpp"
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
  player_profile profile; ///< whole, registered_at and registered_entry too; attributed_entry is this entry's
  std::string_view payload;
};

/// A movement, applied.
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
};

/// An object of the workspace was made or changed.
struct workspace_changed {
  std::string_view who; ///< the API key's id, or "start-up"
  using object = std::variant<brand, metric, affiliate, offer, tracking_link, api_key>;
  std::optional<object> before; ///< none: the object is new
  object after;
};

using entry = std::variant<player_registered, player_attributed, movement_recorded, click_tracked, workspace_changed>;

/// An entry with its place and time.
struct committed_entry {
  sequence at;
  timestamp time;
  entry what;
};

} // namespace croupier
