#pragma once

#include "engine/player_ledger.hpp"
#include "engine/workspace.hpp"

#include <string_view>

/// The workspace that the engine's tests play in.
namespace croupier::testing {

inline constexpr brand_number casino{1};

inline constexpr metric_number deposits{1};       ///< decimal, "deposits"
inline constexpr metric_number ngr{2};            ///< decimal, "ngr"
inline constexpr metric_number bets{3};           ///< integer, "bets"
inline constexpr metric_number old_score{4};      ///< decimal, archived, "old-score"
inline constexpr metric_number deposits_count{5}; ///< integer, "deposits-count"

inline constexpr affiliate_number ada{1};

inline constexpr offer_number without_revshare{1};
inline constexpr offer_number five_percent_of_deposits{2};
inline constexpr offer_number quarter_of_ngr{3};

/// Five metrics, one brand, one affiliate, three offers, as named above.
workspace sample_workspace();

/// A player of `casino` that came through `offer`; offer 0: unattributed.
player_state new_player(offer_number offer);

/// Whose balances and revshare are those of `state`, as one line: "bets 3, ngr -1.50; revshare 0.75". Untouched metrics
/// are left out, and so is a revshare of 0.
std::string text_of(const player_state& state, const workspace& ws);

std::string_view text_of(rejection no);

} // namespace croupier::testing
