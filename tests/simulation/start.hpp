#pragma once

#include "engine/ids.hpp"
#include "engine/timestamp.hpp"

#include <string>
#include <vector>

namespace croupier::test {

/// What every simulated world starts with: one brand; affiliates 1 (its losses are carried), 2 (they are forgiven) and
/// 3 (nobody knows how to pay it); offer 1 with 12.5 % of the NGR, offer 2 with a plan of 10 % of it after deductions
/// and a CPA of 20 for deposits of 50; a link and a click for each affiliate.
inline constexpr brand_number the_brand{1};
inline constexpr timestamp start_of_time{1'767'225'600'000'000}; ///< 2026-01-01
inline constexpr sequence first_click{15};
inline constexpr std::uint64_t clicks = 3;
inline constexpr char event_prefix = 'e'; ///< of events' request ids; those of other movements begin otherwise

/// The records of the journal's first entries.
std::vector<std::string> first_records();

} // namespace croupier::test
