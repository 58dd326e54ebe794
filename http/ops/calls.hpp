#pragma once

#include "actors/books.hpp"
#include "actors/gateway.hpp"
#include "http/route.hpp"

#include <functional>
#include <string>

/// The calls of whoever runs the ledger.
namespace croupier::http::ops {

/// Appends metrics in Prometheus' text format: how the server's own figures get into /metrics.
using metrics_source = std::function<void(std::string& out)>;

/// 200 as long as the process answers.
response healthz();

/// 200 when the ledger is recovered and takes writes; else 503 with the reason. Books that lag or stand still are told,
/// but do not make the ledger unready.
response readyz(const actors::gateway& ledger, const persistence::projector_figures& books);

/// Everything that is counted, the server's part included.
response metrics(const actors::gateway& ledger, const persistence::projector_figures& books,
                 const metrics_source& server);

} // namespace croupier::http::ops
