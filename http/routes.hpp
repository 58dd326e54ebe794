#pragma once

#include "actors/gateway.hpp"
#include "http/ops/calls.hpp"
#include "http/route.hpp"

#include <vector>

namespace croupier::http {

/// Every call that the server answers, in one table. The gateway and what `server_metrics` reads outlive the table.
/// A handler whose read of the disk fails answers 503 in its dialect's form.
std::vector<route> make_routes(actors::gateway& ledger, ops::metrics_source server_metrics);

} // namespace croupier::http
