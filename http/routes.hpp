#pragma once

#include "actors/billing.hpp"
#include "actors/books.hpp"
#include "actors/gateway.hpp"
#include "http/deliver/deliveries.hpp"
#include "http/deliver/entry_streams.hpp"
#include "http/ops/backup_call.hpp"
#include "http/ops/calls.hpp"
#include "http/revvvs/tracking.hpp"
#include "http/route.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace croupier::http {

/// What the calls are answered with. Everything that is pointed to outlives the route table.
struct services {
  actors::gateway& ledger;
  actors::books& books;
  actors::billing& billing;
  ops::metrics_source server_metrics; ///< what the server itself counts, for /metrics
  deliver::entry_streams& streams;
  deliver::deliveries& deliveries;
  revvvs::tracking& tracking;
  ops::backup_maker backups = {};          ///< empty: this server makes no backups
  ops::backup_watcher backup_watcher = {}; ///< how far the one is that is being made
  /// When the API key of that number was last used, since the server started; empty: not known.
  std::function<std::optional<timestamp>(std::uint32_t key)> key_last_used = {};
};

/// Every call that the server answers, in one table.
/// A handler whose read of the disk fails answers 503 in its dialect's form.
std::vector<route> make_routes(const services& with);

} // namespace croupier::http
