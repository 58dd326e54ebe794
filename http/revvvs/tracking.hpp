#pragma once

#include "actors/gateway.hpp"
#include "http/revvvs/impressions.hpp"
#include "http/revvvs/visitor_memory.hpp"
#include "http/route.hpp"

#include <vector>

namespace croupier::http::revvvs {

/// What the tracking calls remember between requests. One for a server.
struct tracking {
  /// Takes up the visitors of the last hour. The ledger outlives this. Throws persistence::storage_failure.
  explicit tracking(actors::gateway& ledger);

  visitor_memory visitors;
  impression_counter impressions;
};

/// Appends the routes of redirects and pixels.
void add_tracking_routes(std::vector<route>& table, actors::gateway& ledger, tracking& memory);

} // namespace croupier::http::revvvs
