#pragma once

#include "http/billing/calls.hpp"
#include "http/route.hpp"

#include <vector>

namespace croupier::http::billing {

/// Adds the billing calls. What `with` refers to outlives the table.
void add_routes(std::vector<route>& table, const desk& with);

} // namespace croupier::http::billing
