#pragma once

#include "engine/report.hpp"
#include "engine/report_cells.hpp"
#include "engine/workspace.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace croupier {

/// The answer to a report's question.
struct report {
  struct row {
    std::vector<std::string> keys; ///< one for each dimension
    report_figures figures;
  };

  std::vector<report_dimension> dimensions; ///< as asked; and currency, when money in several would be added up
  std::vector<report_measure> measures;
  std::vector<row> rows; ///< ascending by keys; those with nothing but zeros are left out
  /// The sum of all rows. When `by_currency` is not empty its money is in several currencies, and says nothing.
  report_figures total;
  /// Money is never added across currencies: when rows have money in several, the sum of the rows of each. Ascending.
  std::vector<std::pair<std::string, report_figures>> by_currency;
};

/// The most rows that a report may have.
inline constexpr std::size_t report_rows_max = 50'000;

/// A report, and the newest entry that is in it.
struct report_answer {
  report content;
  sequence upto;
};

/// Why a report is not made.
enum class report_refusal : std::uint8_t {
  too_many_rows = 1,   ///< it has more than report_rows_max
  too_much_to_read = 2, ///< so much lies in its days that reading it would hold others up
  behind = 3            ///< the figures have not taken in yet what was committed before the question
};

/// A player's name and id, for keys.
struct player_words {
  std::string external_id;
  std::string id;
};

/// Purpose: groups figures by a query's dimensions.
/// Operation: `add` for everything in the query's days, then `finish` once. Objects are named as the workspace names
///   them now; where two in a report have the same name, or two players the same external id, their id is added in
///   brackets, so that no two rows are told apart by nothing. Money of several currencies is told apart by a dimension
///   `currency` that is added at the end.
/// Concurrency: pure; use by one thread. Query, workspace and cells outlive it. O(1) an `add`; when days come in
///   ascending order and no players are told apart, without a hash table.
class report_builder {
public:
  /// `players`: those that a filter of the query names; meaningful when there is one.
  report_builder(const report_query& query, const workspace& ws, const report_cells& cells,
                 std::vector<player_number> players = {});

  /// False when the report has more rows than report_rows_max: nothing else is to be added.
  bool add(day_number day, player_number player, cell_number cell, const report_figures& figures);

  /// `players` is asked for each player of the report once.
  report finish(const std::function<player_words(player_number)>& players);

private:
  static constexpr std::size_t cell_dimensions = 13; ///< all but date and player
  using part = std::array<std::uint32_t, cell_dimensions>;
  struct part_hash {
    std::size_t operator()(const part& of) const noexcept;
  };
  struct group_key {
    day_number day;
    std::uint32_t part;
    player_number player;
    friend bool operator==(const group_key&, const group_key&) = default;
  };
  struct group_hash {
    std::size_t operator()(const group_key& of) const noexcept;
  };
  struct group {
    group_key key;
    report_figures figures;
  };
  struct resolved_filter {
    report_dimension dimension;
    std::unordered_set<std::uint32_t> allowed;
  };
  struct labels; ///< texts of keys

  static constexpr std::uint32_t unknown = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint32_t left_out = unknown - 1;

  resolved_filter resolve(const report_filter& filter) const;
  static std::uint32_t value_of(const report_cell& cell, report_dimension dimension) noexcept;
  bool passes(const report_cell& cell) const;
  std::uint32_t part_of(cell_number cell);
  group* group_at(const group_key& key);
  std::uint32_t& quick_place(const group_key& key);
  bool has_row(const report_figures& figures) const noexcept;
  bool splits_currencies() const;
  static void join_equal(std::vector<report::row>& rows);

  const report_query& query_;
  const workspace& ws_;
  const report_cells& cells_;
  std::unordered_set<std::uint64_t> players_;
  bool by_day_ = false;
  bool by_player_ = false;
  bool filters_players_ = false;
  std::vector<resolved_filter> filters_;
  std::vector<std::uint32_t> part_of_cell_;
  std::vector<part> parts_;
  std::unordered_map<part, std::uint32_t, part_hash> number_of_part_;
  std::vector<group> groups_;
  std::unordered_map<group_key, std::uint32_t, group_hash> group_of_key_;
  std::vector<std::uint32_t> group_of_part_; ///< of quick_day_, without players
  std::optional<day_number> quick_day_;
};

} // namespace croupier
