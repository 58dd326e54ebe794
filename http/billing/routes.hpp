#pragma once

#include "http/billing/calls.hpp"
#include "http/route.hpp"

#include <string_view>
#include <vector>

namespace croupier::http::billing {

/// Adds the billing calls. What `with` refers to outlives the table.
void add_routes(std::vector<route>& table, const desk& with);

/// What the routes' schemas refer to, as OpenAPI's `components`. Valid for ever.
std::string_view components();

} // namespace croupier::http::billing
