#pragma once

#include "engine/entry.hpp"
#include "engine/report.hpp"
#include "engine/report_cells.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace croupier {

/// One thing that an entry did to one measure.
struct report_change {
  day_number day = 0;
  player_number player; ///< 0: of no player: a click, a line of an account, ...
  cell_number cell;
  report_measure what{};
  int128 units = 0; ///< as in report_figures::add
};

/// The figures of one cell on one day.
struct report_row {
  cell_number cell;
  bool unsaved = false;
  report_figures figures;
};

/// What a click said, for the player that it brought.
struct click_words {
  std::array<std::string, 5> sub_ids;
};

/// Keeps the figures of every day and cell: a fold over the entries, in order.
///
/// What a row of a player is told apart by is fixed when the player comes to be, and once more when it is attributed:
/// brand, currency and country; of the click the link, offer, affiliate and sub ids; of the link the creative and the
/// marketing source. A movement counts on the day of its commit in the brand's time zone.
///
///   registration_count  each player once, on the day on which it came to be, under whom it is attributed to: a player
///                       that is attributed later is taken from the unattributed of its day and given to the affiliate
///   ftd_*               movements that are marked as the player's first deposit
///   deposit_count       the metric that counts deposits, or where there is none, changes above 0 of the one that sums
///                       them
///   ggr                 its metric, or where there is none, wagered less won
///   others              the change of the metric that means it; opening balances count nowhere
///   rewards             what movements accrued; lines of accounts, on the day from which they are effective
///
/// Meanings of metrics and time zones are those that were configured when the entry was committed. Clicks and
/// impressions are of no brand, unless the workspace has just one. Pure, but for the clicks that it asks for; use by
/// one thread at a time. 8 bytes a player, about 350 bytes a cell and day with anything in it.
class report_rollup {
public:
  /// What the click at a sequence said; nothing when no click is there.
  using find_click = std::function<std::optional<click_words>(sequence)>;

  explicit report_rollup(find_click clicks) : find_click_(std::move(clicks)) {}

  /// Takes in the next entry, and appends what it did. Sequences are the caller's business.
  void apply(const committed_entry& next, std::vector<report_change>& changes);

  struct day_rows {
    std::vector<report_row> rows;                               ///< in order of appearance
    std::unordered_map<cell_number, std::uint32_t> row_of_cell; ///< index in rows
  };
  const std::map<day_number, day_rows>& days() const noexcept { return days_; }
  const report_cells& cells() const noexcept { return cells_; }

  /// Where a player's figures go and when it came to be.
  struct player_place {
    cell_number cell; ///< 0: there is no such player
    day_number since = 0;
    friend bool operator==(const player_place&, const player_place&) = default;
  };
  static constexpr std::size_t players_of_page = 512;
  /// By player number; its size is that of the highest one + 1.
  const std::vector<player_place>& players() const noexcept { return players_; }

  /// What has changed since the last `all_saved`: rows and objects, pages of players, and all cells from this one on.
  struct unsaved_parts {
    std::vector<std::pair<day_number, std::uint32_t>> rows; ///< index in day_rows::rows
    std::vector<std::size_t> player_pages;                  ///< ascending
    std::vector<workspace_object> objects;                  ///< in order of their changes
    std::size_t first_cell = 1;
  };
  const unsaved_parts& unsaved();
  void all_saved();

  // Taking up what was saved. Cells and objects in their order, before rows and players. False: it cannot be so.
  bool restore_cell(const cell_request& saved) { return cells_.restore(saved); }
  bool restore_row(day_number day, cell_number cell, const report_figures& figures);
  bool restore_player(std::size_t number, player_place place);
  bool restore_object(workspace_object object);

private:
  struct context {
    timestamp time;
    std::vector<report_change>* changes;
  };

  void take(const workspace_changed& what, context& in);
  void take(const player_registered& what, context& in);
  void take(const player_attributed& what, context& in);
  void take(const movement_recorded& what, context& in);
  void take(const click_tracked& what, context& in);
  void take(const impressions_counted& what, context& in);
  void take(const account_adjusted& what, context& in);
  void take(const account_closed& what, context& in);
  void take(const settlement_recorded&, context&) {}
  void take(const settlement_status_recorded&, context&) {}
  void take(const settlement_deletion_recorded&, context&) {}

  void create(const player_profile& who, std::string_view country, context& in);
  void attribute(const player_profile& who, std::string_view country, context& in);
  void take_metrics(const movement_recorded& what, day_number day, cell_number cell, context& in);
  void take_line(const account_key& account, const account_adjustment& line, context& in);
  cell_number cell_of(const player_profile& who, std::string_view country);
  report_cell cell_of_link(link_number link) const noexcept;
  std::array<std::string_view, 5> subs_of(link_number link, const std::array<std::string_view, 5>& told) const noexcept;
  day_number local_day(brand_number brand, timestamp time) const noexcept;
  player_place place_of(player_number player) const noexcept;
  void set_place(player_number player, player_place place);
  report_row& row_at(day_number day, cell_number cell);
  void add(context& in, day_number day, player_number player, cell_number cell, report_measure what, int128 units);

  find_click find_click_;
  workspace ws_; ///< as of the newest entry
  report_cells cells_;
  std::map<day_number, day_rows> days_;
  std::pair<day_number, day_rows*> newest_used_{0, nullptr}; ///< most entries are of the same day
  std::vector<player_place> players_;
  std::vector<bool> page_unsaved_;
  unsaved_parts unsaved_;
};

} // namespace croupier
