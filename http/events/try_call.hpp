#pragma once

#include "http/route.hpp"

#include <vector>

namespace croupier::http {

/// Says what an event would do: `{"dialect": ..., "event": {...}}` is answered with the mappings that apply, the
/// updates that they make, or the errors that the dialect would answer. Nothing is recorded, and no player is looked
/// at.
response try_event(const request& req);

/// Appends the route of `try_event`.
void add_event_routes(std::vector<route>& table);

} // namespace croupier::http
