#pragma once

#include "engine/account_entry.hpp"
#include "engine/deal.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace croupier {

/// What is carried for one netting group; a brand of 0 stands for all brands together.
struct carried_sums {
  brand_number brand;
  commission_sum deficit; ///< 0 or less: it is still to be made up for
  commission_sum advance; ///< CPA paid in advance that revshare has not made up for; below 0: too much was taken
  friend bool operator==(const carried_sums&, const carried_sums&) = default;
};

/// What is carried for one high roller, as a positive amount of the base.
struct fenced_player {
  player_number player;
  base_amount carried;
  friend bool operator==(const fenced_player&, const fenced_player&) = default;
};

/// Everything that an account carries from one period to the next: the fold of its adjustments.
struct carry_state {
  std::vector<carried_sums> sums;    ///< ascending by brand; none in which both are zero
  std::vector<fenced_player> fences; ///< ascending by player; none of zero

  /// Takes in the next adjustment. O(log size), O(size) when something new is carried.
  void apply(const account_adjustment& line);

  base_amount carried_for(player_number player) const noexcept;
  commission_sum deficit() const noexcept; ///< of all groups
  friend bool operator==(const carry_state&, const carry_state&) = default;
};

/// A period's deficit, cut in two. Neither is negative; their sum is the deficit.
struct deficit_parts {
  commission_sum forgiven;
  commission_sum carried;
};

/// `deficit` is positive; `carried_before`, 0 or more, is what the group carries already. What is carried already
/// stays, even beyond a cap or under `reset`: a change of the deal works forward only.
deficit_parts cut_deficit(const deal_terms& deal, const commission_sum& deficit, const commission_sum& carried_before);

/// One player's base in a period, win-backs of its fence taken off.
struct player_result {
  player_number player;
  base_amount base;
};

/// Whom the fence catches in a month, and with how much. `results` are those of one netting group, and `aggregate` is
/// their sum. What is carried adds up to the smaller of the group's loss and the losses of the caught; it is split by
/// their losses, in the order given, to `digits` fraction digits (`split_pro_rata`). Nothing when the sum of the losses
/// leaves 128 bits. O(results).
std::optional<std::vector<fenced_player>> fence_of(const fence_terms& terms, std::span<const player_result> results,
                                                   base_amount aggregate, int digits);

} // namespace croupier
