#pragma once

#include "actors/books.hpp"
#include "actors/gateway.hpp"
#include "http/route.hpp"

#include <string_view>
#include <vector>

namespace croupier::http::wynta {

/// Appends the routes of the Wynta dialect. The gateway and the books outlive them.
void add_routes(std::vector<route>& table, actors::gateway& ledger, actors::books& books);

/// What the routes' schemas refer to, as OpenAPI's `components`.
std::string_view components() noexcept;

} // namespace croupier::http::wynta
