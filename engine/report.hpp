#pragma once

#include "engine/calendar_month.hpp"
#include "engine/commission_sum.hpp"
#include "engine/fixed_point.hpp"
#include "engine/ids.hpp"
#include "engine/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The words of reports: what they are grouped by, what they count, and the question that somebody asks.
namespace croupier {

/// What a report can be grouped and filtered by.
enum class report_dimension : std::uint8_t {
  date, ///< the day in the brand's time zone
  brand,
  affiliate,
  campaign, ///< the offer
  link,
  creative,
  country,
  marketing_source,
  sub1,
  sub2,
  sub3,
  sub4,
  sub5,
  player,
  currency ///< of the brand's books
};
inline constexpr std::size_t report_dimensions = 15;

/// What a report can count. Those up to revshare_reward are kept; the others are computed from them.
/// On disk: do not change the values of those that are kept.
enum class report_measure : std::uint8_t {
  click_count,        ///< clicks, those of known robots left out
  unique_click_count, ///< of those, the first of a visitor on a link within an hour
  banner_view_count,
  registration_count, ///< players, on the day each came to be, under whom it is attributed to
  ftd_count,
  deposit_count,
  ftd_amount,
  deposit_amount,
  withdrawal_amount,
  chargeback_amount,
  bonus_amount,
  ggr,
  ngr,
  cpa_reward,                 ///< fees released, less those taken back
  revshare_reward,            ///< what movements accrued, and what closes of months added for tiers and fences
  total_reward,               ///< the sum of the two
  click_through_rate,         ///< clicks per banner view; all rates in percent
  click_to_registration_rate, ///< registrations per click
  click_to_ftd_rate,          ///< first deposits per click
  registration_to_ftd_rate    ///< first deposits per registration
};
inline constexpr std::size_t report_measures = 20;
inline constexpr std::size_t kept_measures = 15;

enum class measure_kind : std::uint8_t { count, money, rate };

/// "date", "sub1", ...; "click_count", ...
std::string_view name_of(report_dimension dimension) noexcept;
std::string_view name_of(report_measure measure) noexcept;
std::optional<report_dimension> dimension_named(std::string_view name) noexcept;
std::optional<report_measure> measure_named(std::string_view name) noexcept;
measure_kind kind_of(report_measure measure) noexcept;

/// A text in place of what is not there: no affiliate, no country, ...
inline constexpr std::string_view report_none = "(none)";
/// A text in place of sub ids that are more than the rollup tells apart.
inline constexpr std::string_view report_other = "(other)";

/// The figures of one row. Sums are exact and cannot overflow in a ledger of any size that can be written: deltas of a
/// metric add up to its balance, which is below 10^28 units, so that it takes 10^10 players at the very limit of their
/// range in one row (CROUPIER_ASSERT); rewards are held as commission_sum. Plain data.
class report_figures {
public:
  /// Adds to a kept measure: a count, units of `amount`, or of a reward units of `commission`.
  void add(report_measure kept, int128 units) noexcept;
  report_figures& operator+=(const report_figures& other) noexcept;

  /// Of a kept measure that is no reward.
  int128 units(report_measure kept) const noexcept;
  /// Of a reward, the total one too.
  commission_sum reward(report_measure reward) const noexcept;
  /// Of a rate: percent, rounded half to even to four fraction digits. Nothing when it would be a division by zero.
  std::optional<percentage> rate(report_measure rate) const noexcept;

  /// Any measure as a decimal number; nothing for a rate that does not exist.
  std::optional<std::string> text(report_measure measure) const;
  /// Whether the measure is 0; a rate counts as 0 when what it divides is.
  bool is_zero(report_measure measure) const noexcept;
  /// Whether all kept measures are.
  bool is_zero() const noexcept;

  // For whoever keeps them on disk.
  static constexpr std::size_t plain_measures = 13;
  std::array<int128, plain_measures> plain{};
  std::array<commission_sum, 2> rewards{};
  friend bool operator==(const report_figures&, const report_figures&) = default;
};

/// A dimension and the values that rows may have in it: names or ids of objects, texts, external ids of players.
struct report_filter {
  report_dimension dimension{};
  std::vector<std::string> values;
  friend bool operator==(const report_filter&, const report_filter&) = default;
};

/// What somebody wants to know.
struct report_query {
  std::vector<report_dimension> dimensions;        ///< distinct, in the order of the columns; none: one row
  std::vector<report_measure> measures;            ///< distinct, at least one
  std::vector<report_filter> filters;              ///< all apply; a dimension occurs once
  day_number from = 0;                             ///< inclusive
  day_number to = 0;                               ///< inclusive
  std::optional<std::vector<brand_number>> brands; ///< none: all, and what belongs to no brand

  /// Whether it needs to know of single players.
  bool asks_for_players() const noexcept;
};

using named_filters = std::vector<std::pair<std::string, std::vector<std::string>>>;

/// The query without days and brands, by names; or what is wrong, as "<field>: <what>". Of filters, `date` is refused:
/// that is what `from` and `to` are for.
result<report_query, std::string> read_report_query(std::span<const std::string> dimensions,
                                                    std::span<const std::string> measures,
                                                    const named_filters& filters);

/// "2026-03-10"; nothing on any other form, or a day that is none.
std::optional<day_number> parse_day(std::string_view text) noexcept;
std::string text_of_day(day_number day);

} // namespace croupier
