#pragma once

#include "actors/gateway.hpp"
#include "http/revvvs/visitor_memory.hpp"
#include "http/route.hpp"

namespace croupier::http::revvvs {

/// Records the click on a tracking link, then sends the visitor on: 302 once the click is durable. 404 for a link that
/// is unknown or disabled. HEAD is told where the link leads and records nothing: it comes from link checkers.
response follow_link(actors::gateway& ledger, visitor_memory& visitors, const request& req);

} // namespace croupier::http::revvvs
