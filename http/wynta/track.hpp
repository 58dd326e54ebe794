#pragma once

#include "actors/gateway.hpp"
#include "http/route.hpp"
#include "http/wynta/replay_cache.hpp"

#include <memory>

namespace croupier::http::wynta {

/// Takes up to `events_max` events, each on its own and in order per player: 202 with how many were accepted and why
/// the others were not. A known `event_id` counts as accepted and changes nothing. 422 for a body that is malformed.
/// The mark tells whether a retry would be answered alike.
response track_events(actors::gateway& ledger, const request& req, const std::shared_ptr<answer_mark>& mark);

} // namespace croupier::http::wynta
