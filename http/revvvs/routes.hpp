#pragma once

#include "actors/gateway.hpp"
#include "http/route.hpp"

#include <string_view>
#include <vector>

namespace croupier::http::revvvs {

/// The event calls of the Revvvs dialect. The ledger outlives the table.
void add_routes(std::vector<route>& table, actors::gateway& ledger);

/// What the routes' schemas refer to, as OpenAPI's `components`.
std::string_view components() noexcept;

} // namespace croupier::http::revvvs
