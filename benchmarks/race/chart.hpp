#pragma once

#include "benchmarks/race/race.hpp"

#include <string>

namespace croupier::race {

/// The medians of the first table and the latency at half load as bars, in one SVG of its own: no script, no font, no
/// picture from elsewhere.
std::string to_svg(const results& all);

} // namespace croupier::race
