#include "http/metrics.hpp"

#include "engine/check.hpp"
#include "http/prometheus.hpp"

#include <algorithm>

namespace croupier::http {

namespace {

std::uint64_t read(const std::atomic<std::uint64_t>& counter) noexcept {
  return counter.load(std::memory_order_relaxed);
}

} // namespace

metrics::metrics() {
  routes_.push_back(std::make_unique<of_route>());
  routes_.front()->method = "-";
  routes_.front()->pattern = "-";
}

void metrics::expect_routes(const std::vector<route>& routes) {
  CROUPIER_ASSERT(routes_.size() == 1, "metrics belong to one server");
  for (const auto& known : routes) {
    auto& entry = *routes_.emplace_back(std::make_unique<of_route>());
    entry.method = known.method;
    entry.pattern = known.pattern;
  }
}

std::size_t metrics::status_index(int status) noexcept {
  const auto* found = std::lower_bound(statuses_.begin(), statuses_.end(), status);
  return found != statuses_.end() && *found == status ? static_cast<std::size_t>(found - statuses_.begin())
                                                      : statuses_.size();
}

void metrics::record(std::size_t route_index, int status, std::chrono::microseconds took) noexcept {
  auto& entry = *routes_[route_index];
  const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
  const auto* bound = std::lower_bound(latency_bounds_us.begin(), latency_bounds_us.end(), us);
  const auto bucket = static_cast<std::size_t>(bound - latency_bounds_us.begin());
  entry.by_status[status_index(status)].fetch_add(1, std::memory_order_relaxed);
  entry.by_latency[bucket].fetch_add(1, std::memory_order_relaxed);
  entry.latency_sum_us.fetch_add(us, std::memory_order_relaxed);
}

std::uint64_t metrics::answered(std::size_t route_index, int status) const noexcept {
  return read(routes_[route_index]->by_status[status_index(status)]);
}

server_figures metrics::figures() const noexcept {
  server_figures all;
  all.connections_open = read(live.connections_open);
  all.connections_parked = read(live.connections_parked);
  all.workers = read(live.workers);
  all.streams_open = read(live.streams_open);
  all.connections_accepted = read(live.connections_accepted);
  all.connections_refused = read(live.connections_refused);
  all.header_timeouts = read(live.header_timeouts);
  all.body_timeouts = read(live.body_timeouts);
  all.write_timeouts = read(live.write_timeouts);
  all.idle_timeouts = read(live.idle_timeouts);
  all.framing_errors = read(live.framing_errors);
  all.tls_failures = read(live.tls_failures);
  for (const auto& entry : routes_)
    for (const auto& count : entry->by_status) all.requests += read(count);
  return all;
}

void metrics::write_prometheus(std::string& out) const {
  prometheus_writer to(out);
  const auto now = figures();
  to.counter("croupier_http_requests_total", "Requests answered, by route and status.");
  for (const auto& entry : routes_)
    for (std::size_t i = 0; i < entry->by_status.size(); ++i) {
      const auto count = read(entry->by_status[i]);
      if (count == 0) continue;
      const auto status = i < statuses_.size() ? std::to_string(statuses_[i]) : std::string("other");
      to.sample(count, {{"method", entry->method}, {"route", entry->pattern}, {"status", status}});
    }
  to.histogram("croupier_http_request_duration_seconds", "From the complete request to its answer, by route.");
  for (const auto& entry : routes_) {
    std::array<std::uint64_t, latency_bounds_us.size() + 1> counts{};
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = read(entry->by_latency[i]);
    if (std::all_of(counts.begin(), counts.end(), [](std::uint64_t count) { return count == 0; })) continue;
    to.buckets(latency_bounds_us, counts, read(entry->latency_sum_us),
               {{"method", entry->method}, {"route", entry->pattern}});
  }
  to.gauge("croupier_http_connections", "Connections now, by whether a thread serves them.");
  const auto parked = std::min(now.connections_parked, now.connections_open);
  to.sample(now.connections_open - parked, {{"state", "served"}}).sample(parked, {{"state", "parked"}});
  to.gauge("croupier_http_workers", "Threads that serve connections.").sample(now.workers);
  to.gauge("croupier_http_streams", "Streamed requests and answers, each holding a thread.").sample(now.streams_open);
  to.counter("croupier_http_connections_accepted_total", "Connections accepted.").sample(now.connections_accepted);
  to.counter("croupier_http_connections_refused_total", "Connections closed at once because too many were open.");
  to.sample(now.connections_refused);
  to.counter("croupier_http_timeouts_total", "Connections closed for slowness (idle: none was owed a request).");
  to.sample(now.header_timeouts, {{"kind", "header"}}).sample(now.body_timeouts, {{"kind", "body"}});
  to.sample(now.write_timeouts, {{"kind", "write"}}).sample(now.idle_timeouts, {{"kind", "idle"}});
  to.counter("croupier_http_framing_errors_total", "Requests refused because their bounds could not be trusted.");
  to.sample(now.framing_errors);
  to.counter("croupier_http_tls_failures_total", "TLS handshakes that failed.").sample(now.tls_failures);
}

} // namespace croupier::http
