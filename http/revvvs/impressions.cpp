#include "http/revvvs/impressions.hpp"

#include "http/prometheus.hpp"

#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace croupier::http::revvvs {

namespace {

constexpr std::size_t combinations_max = 10'000;
constexpr std::size_t facts_per_group = 500;
constexpr std::chrono::seconds commit_deadline{30};

/// GIF89a, one transparent point.
constexpr std::string_view pixel{
    "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff\x21\xf9\x04\x01\x00\x00\x00"
    "\x00\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b",
    43};

} // namespace

impression_counter::impression_counter(actors::gateway& ledger, std::chrono::milliseconds interval)
    : ledger_(ledger), interval_(interval), thread_([this] { run(); }) {}

impression_counter::~impression_counter() {
  stop();
}

void impression_counter::count(creative_number creative, link_number link, affiliate_number affiliate) {
  const std::scoped_lock lock(mutex_);
  const shown what{creative, link, affiliate};
  const auto found = gathered_.find(what);
  if (found != gathered_.end()) {
    ++found->second;
  } else if (gathered_.size() < combinations_max) {
    gathered_.emplace(what, 1);
  } else {
    ++dropped_;
    return;
  }
  ++counted_;
}

void impression_counter::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void impression_counter::run() {
  std::unique_lock lock(mutex_);
  for (bool last = false; !last;) {
    last = wake_.wait_for(lock, interval_, [this] { return stopping_; });
    if (gathered_.empty()) continue;
    auto taken = std::exchange(gathered_, {});
    lock.unlock();
    record(std::move(taken));
    lock.lock();
  }
}

void impression_counter::record(counts taken) {
  while (!taken.empty()) {
    counts group;
    std::vector<entry> facts;
    while (!taken.empty() && facts.size() < facts_per_group) {
      auto next = taken.extract(taken.begin());
      const auto& [creative, link, affiliate] = next.key();
      facts.emplace_back(impressions_counted{creative, link, affiliate, next.mapped()});
      group.insert(std::move(next));
    }
    const auto outcomes = ledger_.submit(facts).wait(std::chrono::steady_clock::now() + commit_deadline);
    const auto* failed = std::get_if<actors::failure>(&outcomes.front());
    if (failed != nullptr && *failed != actors::failure::deadline_passed) {
      put_back(group);
      put_back(taken);
      return;
    }
    const std::scoped_lock lock(mutex_);
    for (const auto& [what, times] : group) (failed == nullptr ? recorded_ : dropped_) += times;
  }
}

void impression_counter::put_back(const counts& taken) {
  const std::scoped_lock lock(mutex_);
  for (const auto& [what, times] : taken) gathered_[what] += times;
}

void impression_counter::write_prometheus(std::string& out) const {
  const std::scoped_lock lock(mutex_);
  prometheus_writer to(out);
  to.counter("croupier_impressions_total", "Impressions counted.").sample(counted_);
  to.counter("croupier_impressions_recorded_total", "Impressions that are durable.").sample(recorded_);
  to.counter("croupier_impressions_dropped_total",
             "Impressions that may be missing: too many different ones at once were not counted, and of some it is not "
             "known whether they became durable.")
      .sample(dropped_);
}

response show_pixel(impression_counter& counter, const request& req) {
  const auto named = [](const std::optional<std::string>& text) { return text ? uuid::parse(*text) : std::nullopt; };
  const auto id = uuid::parse(req.path_parameter("creativeId"));
  const creative* shown = id ? req.ws->find_creative(*id) : nullptr;
  if (shown != nullptr && !shown->archived && req.method == "GET") {
    const auto link_id = named(req.query("lid"));
    const auto affiliate_id = named(req.query("aid"));
    const tracking_link* link = link_id ? req.ws->find_link(*link_id) : nullptr;
    const affiliate* owner = affiliate_id ? req.ws->find_affiliate(*affiliate_id) : nullptr;
    // A link belongs to its affiliate, whatever the page says.
    const auto credited = link != nullptr ? link->affiliate : owner != nullptr ? owner->number : affiliate_number{};
    counter.count(shown->number, link != nullptr ? link->number : link_number{}, credited);
  }
  response answer;
  answer.content_type = "image/gif";
  answer.body = pixel;
  answer.headers.emplace_back("Cache-Control", "no-store");
  return answer;
}

} // namespace croupier::http::revvvs
