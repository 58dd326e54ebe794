#pragma once

#include "actors/gateway.hpp"
#include "engine/entry.hpp"
#include "engine/ids.hpp"
#include "engine/player_ledger.hpp"
#include "engine/workspace.hpp"
#include "http/json.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

/// The one JSON form of a journal entry: the stream, destinations and the audit log give entries in it. Members are in
/// camel case, things are named by their ids, money and counts of metrics are strings with every digit, times are RFC
/// 3339. What is not there is left out. Secrets of keys, webhooks and reports are never in it, nor their hashes.
namespace croupier::http {

/// The names of entries' kinds, in the order of the variant `entry`. Clients filter by them: do not change them.
inline constexpr std::array<std::string_view, std::variant_size_v<entry>> entry_kinds{"player_registered",
                                                                                      "player_attributed",
                                                                                      "movement_recorded",
                                                                                      "click_tracked",
                                                                                      "workspace_changed",
                                                                                      "impressions_counted",
                                                                                      "account_adjusted",
                                                                                      "account_closed",
                                                                                      "settlement_recorded",
                                                                                      "settlement_status_recorded",
                                                                                      "settlement_deletion_recorded"};

inline std::string_view kind_of(const entry& what) noexcept {
  return entry_kinds[what.index()];
}

/// The name of the event that made the entry; empty when none did.
std::string_view event_name_of(const entry& what) noexcept;

/// The brand that an entry belongs to: that of its player. 0: it is of no brand (clicks, accounts, the workspace).
brand_number brand_of(const entry& what) noexcept;

/// The player whom an entry is about; 0: about none.
player_number player_of(const entry& what) noexcept;

/// Whether a key that holds `read` may see the entry. A key that is limited to brands sees the entries of these brands'
/// players only; accounts and settlements take `billing`, changes of the workspace take `admin`.
bool may_see(const api_key& key, const entry& what) noexcept;

/// What rendering needs beside the thing itself. The workspace must be at least as new as what is rendered.
struct entry_context {
  const workspace& ws;
  const folder_key& key;
};

/// Writes one entry as an object. `player` is the profile of whom a movement is about; nullptr leaves its external id
/// out. Pure.
void write_entry(json::writer& out, const entry_context& context, const committed_entry& at_entry,
                 const player_profile* player);

/// Writes one object of the workspace with all its members but secrets; references are ids. Pure.
void write_object(json::writer& out, const workspace& ws, const workspace_object& object);

/// "brand", "metric", "marketing source", ...
std::string_view type_of(const workspace_object& object);

/// Renders committed entries, looking up the players that they are about; remembers some thousand of them. One thread
/// at a time.
class entry_renderer {
public:
  explicit entry_renderer(const persistence::committed_view& view) : view_(view) {}

  /// Appends the entry's JSON. Reads the disk: throws persistence::storage_failure.
  void append(std::string& out, const committed_entry& at_entry);

  /// The player as it is now; nullptr: there is none of that number. Valid until the next call. May read the disk.
  const player_profile* player(player_number number);

private:
  const persistence::committed_view& view_;
  std::unordered_map<player_number, player_profile> known_; ///< attributed players: they do not change any more
  std::optional<player_state> other_;
};

} // namespace croupier::http
