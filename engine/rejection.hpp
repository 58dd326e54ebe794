#pragma once

#include <cstdint>

namespace croupier {

/// A business "no": the call was understood and nothing was changed. Values are frozen: they are metric labels and
/// appear in clients' logs. The order is the order of precedence: the first that applies is answered.
/// Broken machinery (the journal, overload, a deadline) is not here; see `actors::outcome`.
enum class rejection : std::uint8_t {
  brand_unknown = 1,         ///< Trackdesk: `revenue origin not exists`
  click_unknown = 2,         ///< `conversion source not exists`
  player_unknown = 3,        ///< `client not found`
  player_duplicate = 4,      ///< `duplicate client`
  request_duplicate = 5,     ///< `duplicate metric movement request`
  metric_unknown = 6,        ///< `metric not found`
  integer_value_invalid = 7, ///< `invalid integer metric value`
  decimal_value_invalid = 8, ///< `invalid decimal metric value`
  value_out_of_range = 9     ///< `metric value out of range`: the value, a balance or the revshare it would make
};

} // namespace croupier
