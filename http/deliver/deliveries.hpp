#pragma once

#include "actors/gateway.hpp"
#include "http/deliver/delivery.hpp"
#include "http/route.hpp"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace croupier::http::deliver {

/// Delivers to every destination of the workspace, and follows its changes: within a fifth of a second a new one is
/// begun with, an archived one is ended, a changed one goes on changed.
///
/// Operation: what ends may take seconds to, when a receiver does not let go of it. A destination that is un-archived
///   meanwhile is begun with when that is over, from the position that was noted last: two deliveries to one
///   destination would both send what is due, and set its position back. Nobody else writes to the folder of a file
///   destination until then either.
/// Concurrency: all members from any thread, but `stop`, which is called once.
class deliveries {
public:
  /// The ledger outlives this. Begins at once.
  deliveries(const actors::gateway& ledger, const delivery_options& options);
  /// Stops.
  ~deliveries();
  deliveries(const deliveries&) = delete;
  deliveries& operator=(const deliveries&) = delete;

  /// Ends all deliveries; running attempts are broken off. Seconds at most.
  void stop();

  /// Answers `GET /admin/v1/destinations/{destinationId}/status`.
  response show(const request& req) const;

  void write_prometheus(std::string& out) const;

private:
  struct lag {
    std::uint64_t entries = 0;
    std::uint64_t seconds = 0;
  };

  struct held {
    destination target;
    std::string refusal;
    std::shared_ptr<delivery> running;
  };

  void run();
  bool reconcile(const workspace& ws);
  void end(std::map<destination_number, held>::iterator which);
  bool is_ending(destination_number number) const;
  std::string refusal_of(const workspace& ws, const destination& target) const;
  std::shared_ptr<delivery> find(destination_number number) const;
  lag lag_of(sequence delivered) const;

  const actors::gateway& ledger_;
  const delivery_options options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::map<destination_number, held> running_;
  std::vector<held> ending_; ///< archived ones, and those that leave a folder; the thread's own
  std::thread thread_;
};

/// Appends the route of a destination's status. The service outlives it.
void add_delivery_routes(std::vector<route>& table, const deliveries& service);

} // namespace croupier::http::deliver
