#pragma once

#include "actors/gateway.hpp"
#include "http/route.hpp"

#include <functional>
#include <vector>

namespace croupier::http {

/// The answer to a write of one request: rendered when the ledger has answered it, which nobody waits for meanwhile.
/// `render` is called once at most, by any thread, possibly after the request is gone: it owns what it needs. It is
/// also asked what to say when the deadline has passed (actors::failure::deadline_passed).
response when_answered(actors::submission sent, std::function<response(const actors::outcome&)> render);

/// The same for a write of many: rendered when all are answered. When the deadline has passed, those without an answer
/// read actors::failure::deadline_passed.
response when_all_answered(actors::submission sent,
                           std::function<response(const std::vector<actors::outcome>&)> render);

} // namespace croupier::http
