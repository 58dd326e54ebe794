#pragma once

#include "engine/report_rollup.hpp"
#include "engine/report_table.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace croupier::testing {

/// A small history that reports are made of: two brands (EUR in UTC, USD ten hours ahead of it), affiliates Ada and
/// Bea with an offer and a link each, and metrics of every meaning but ggr and deposit_count.
class report_history {
public:
  static constexpr brand_number euros{1}, dollars{2};
  static constexpr affiliate_number ada{1}, bea{2};
  static constexpr metric_number deposits{1}, ngr{2}, wagered{3}, won{4}, withdrawals{5}, chargebacks{6}, bonuses{7};
  static constexpr metric_number spare{8}; ///< an integer metric that means nothing yet

  report_history();

  /// Commits an entry at a time, "2026-03-10T12:00:00Z"; its sequence.
  sequence commit(std::string_view time, entry what);
  sequence click(std::string_view time, link_number link, std::array<std::string_view, 5> subs = {}, bool unique = true,
                 bool bot = false);
  /// Registers a player; click 0: unattributed, through an event that is no registration.
  void player(std::string_view time, player_number number, brand_number brand, sequence click = {},
              std::string_view country = {});
  void attribute(std::string_view time, player_number number, brand_number brand, sequence click,
                 std::string_view country = {});
  /// A movement that changes metrics by amounts.
  void move(std::string_view time, player_number number, brand_number brand,
            const std::vector<std::pair<metric_number, std::string_view>>& changes, bool first_deposit = false);
  void put(const workspace_object& object) { commit("2026-01-01T00:00:00Z", workspace_changed{"test", {}, object}); }

  /// A report as lines "date | brand -> click_count 2, ngr 1.50", totals last. Names are separated by spaces; filters
  /// are "affiliate=Ada Ltd".
  std::string report(std::string_view dimensions, std::string_view measures, const named_filters& filters = {},
                     std::optional<std::vector<brand_number>> brands = {}) const;
  /// The same by the per-player changes instead of the rows.
  std::string report_of_players(std::string_view dimensions, std::string_view measures,
                                const named_filters& filters = {}) const;

  report_rollup rollup;
  std::vector<report_change> changes;
  workspace ws;

private:
  player_profile profile(player_number number, brand_number brand, sequence click) const;

  std::map<sequence, click_tracked> clicks_;
  sequence last_;
};

std::vector<std::string> words(std::string_view text);
/// As report_history::report.
std::string text_of(const croupier::report& from);

} // namespace croupier::testing
