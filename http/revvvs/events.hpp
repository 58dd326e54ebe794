#pragma once

#include "actors/gateway.hpp"
#include "http/route.hpp"

namespace croupier::http::revvvs {

/// Takes one event, or `{"events": [...]}` with up to `events_max` of them, each on its own and in order per player.
/// 202 when any was accepted, 200 when all were duplicates, 400 when none was accepted and one was wrong.
response take_events(actors::gateway& ledger, const request& req);

} // namespace croupier::http::revvvs
