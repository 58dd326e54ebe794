#pragma once

#include "actors/billing.hpp"
#include "actors/gateway.hpp"
#include "http/route.hpp"

#include <string_view>
#include <vector>

namespace croupier::http::trackdesk {

/// Appends the routes of the Trackdesk dialect. Gateway and books outlive them.
void add_routes(std::vector<route>& table, actors::gateway& ledger, const actors::billing& books);

/// What the routes' schemas refer to, as OpenAPI's `components`: `{"parameters": {...}, "schemas": {...}}`.
std::string_view components() noexcept;

} // namespace croupier::http::trackdesk
