#pragma once

#include "actors/gateway.hpp"
#include "http/route.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>

namespace croupier::http::revvvs {

/// Counts how often creatives are shown, and records the counts once a second.
///
/// Operation: an impression is an addition in memory; a thread of its own records what has gathered as
///   impressions_counted entries, one for each creative, link and affiliate. What was counted within the last second is
///   lost when the process is killed; an orderly stop records it.
/// Concurrency: all members from any thread, but `stop`, which is called once.
/// Limitations: 10,000 different combinations in one second; impressions of further ones are dropped and counted.
/// Counts
///   whose commit was not answered in time are not repeated: rather too few than twice.
class impression_counter {
public:
  /// The ledger outlives this.
  explicit impression_counter(actors::gateway& ledger, std::chrono::milliseconds interval = std::chrono::seconds(1));
  /// Stops.
  ~impression_counter();
  impression_counter(const impression_counter&) = delete;
  impression_counter& operator=(const impression_counter&) = delete;

  void count(creative_number creative, link_number link, affiliate_number affiliate);

  /// Records what is left and ends the thread.
  void stop();

  void write_prometheus(std::string& out) const;

private:
  using shown = std::tuple<creative_number, link_number, affiliate_number>;
  using counts = std::map<shown, std::uint64_t>;

  void run();
  void record(counts taken);
  void put_back(const counts& taken);

  actors::gateway& ledger_;
  const std::chrono::milliseconds interval_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  counts gathered_;
  bool stopping_ = false;
  std::uint64_t counted_ = 0;
  std::uint64_t recorded_ = 0;
  std::uint64_t dropped_ = 0;
  std::thread thread_;
};

/// Counts an impression of the creative and answers with a picture of one transparent point, whatever the request says:
/// a page must not show a broken picture.
response show_pixel(impression_counter& counter, const request& req);

} // namespace croupier::http::revvvs
