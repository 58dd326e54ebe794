#pragma once

#include "engine/fixed_point.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace croupier {

/// What happens to a period's revshare below zero. On disk: do not change the values.
enum class carryover_rule : std::uint8_t {
  carry = 1, ///< it is carried, and later periods above zero make up for it
  reset = 2, ///< it is forgiven
  capped = 3 ///< carried up to a cap, forgiven beyond
};

/// What is netted with what before that rule looks at it. On disk: do not change the values.
enum class netting_scope : std::uint8_t {
  affiliate = 1,          ///< all brands of the account together
  affiliate_and_brand = 2 ///< each brand by itself
};

/// High rollers. In a month in which the affiliate's players together lose the house `affiliate_loss` or more, each
/// player that alone loses it `player_loss` or more is fenced: its part of the loss is carried, but made up for by the
/// same player's later wins only. Both are amounts of the base (the metric after deductions).
struct fence_terms {
  amount player_loss;    ///< positive
  amount affiliate_loss; ///< 0 or more; 0: any loss
  friend bool operator==(const fence_terms&, const fence_terms&) = default;
};

/// How an affiliate's periods are netted and carried.
struct deal_terms {
  carryover_rule rule = carryover_rule::carry;
  std::optional<amount> cap; ///< of what is carried, in the account's currency; exactly when the rule is `capped`
  netting_scope scope = netting_scope::affiliate;
  std::optional<fence_terms> fence; ///< only with `reset`
  friend bool operator==(const deal_terms&, const deal_terms&) = default;
};

/// Why a deal cannot be, as "<field>: <what is wrong>", or nothing when it can.
std::optional<std::string> problem_with(const deal_terms& deal);

} // namespace croupier
