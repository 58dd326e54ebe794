#pragma once

#include "actors/gateway.hpp"
#include "http/route.hpp"

#include <string_view>
#include <vector>

namespace croupier::http::trackdesk {

/// Appends the routes of the Trackdesk dialect. The gateway outlives them.
void add_routes(std::vector<route>& table, actors::gateway& ledger);

/// What the routes' schemas refer to, as OpenAPI's `components`: `{"parameters": {...}, "schemas": {...}}`.
std::string_view components() noexcept;

} // namespace croupier::http::trackdesk
