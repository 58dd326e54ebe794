#include "http/deliver/deliveries.hpp"

#include "actors/wall_clock.hpp"
#include "http/errors.hpp"
#include "http/json.hpp"
#include "http/prometheus.hpp"

#include <algorithm>
#include <utility>

namespace croupier::http::deliver {

namespace {

constexpr std::chrono::milliseconds look_interval{200};

constexpr std::string_view status_schema = R"({
  "responses": {
    "200": {"description": "How far it is, and its newest attempts.", "content": {"application/json": {"schema": {
      "type": "object", "required": ["id", "name", "state", "newest", "attempts"], "properties": {
        "id": {"type": "string", "format": "uuid"}, "name": {"type": "string"},
        "state": {"enum": ["delivering", "failing", "paused", "archived", "starting"]},
        "problem": {"type": "string"}, "delivered": {"type": "integer"}, "newest": {"type": "integer"},
        "lagEntries": {"type": "integer"}, "lagSeconds": {"type": "integer"}, "batches": {"type": "integer"},
        "failedAttempts": {"type": "integer"}, "failuresInARow": {"type": "integer"},
        "nextAttemptAt": {"type": "string", "format": "date-time"},
        "attempts": {"type": "array", "items": {"type": "object", "properties": {
          "at": {"type": "string", "format": "date-time"}, "tookMs": {"type": "integer"},
          "first": {"type": "integer"}, "last": {"type": "integer"}, "delivered": {"type": "boolean"},
          "status": {"type": "string"}, "url": {"type": "string"}}}}}}}}},
    "404": {"description": "There is no such destination."}}})";

using actors::wall_clock;

std::string_view state_of(const destination& target, const delivery_status* now) {
  if (target.archived) return "archived";
  if (now == nullptr) return "starting";
  if (now->paused) return "paused";
  return now->problem.empty() ? "delivering" : "failing";
}

void write_attempt(json::writer& out, const attempt& made) {
  out.begin_object();
  out.key("at").string(made.at.text()).key("tookMs").integer(made.took.count());
  out.key("first").unsigned_integer(made.first.value).key("last").unsigned_integer(made.last.value);
  out.key("delivered").boolean(made.delivered).key("status").string(made.status);
  if (!made.url.empty()) out.key("url").string(made.url);
  out.end_object();
}

} // namespace

deliveries::deliveries(const actors::gateway& ledger, const delivery_options& options)
    : ledger_(ledger), options_(options), thread_([this] { run(); }) {}

deliveries::~deliveries() {
  stop();
}

void deliveries::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void deliveries::run() {
  std::shared_ptr<const workspace> seen;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    std::erase_if(ending_, [](const held& one) { return one.running->finished(); });
    if (auto now = ledger_.view().current_workspace(); now != seen) seen = reconcile(*now) ? std::move(now) : nullptr;
    for (const auto& [number, one] : running_) one.running->watch();
    for (const held& one : ending_) one.running->stop_soon();
    wake_.wait_for(lock, look_interval, [this] { return stopping_; });
  }
  // All at once, then each is waited for.
  while (!running_.empty()) end(running_.begin());
  lock.unlock();
  ending_.clear();
}

void deliveries::end(std::map<destination_number, held>::iterator which) {
  which->second.running->stop_soon();
  ending_.push_back(std::move(which->second));
  running_.erase(which);
}

bool deliveries::is_ending(destination_number number) const {
  return std::any_of(ending_.begin(), ending_.end(), [&](const held& one) { return one.target.number == number; });
}

/// Whether all is as the workspace says; otherwise something waits for what is ending.
bool deliveries::reconcile(const workspace& ws) {
  // First what makes room.
  for (const destination& target : ws.destinations()) {
    const auto found = running_.find(target.number);
    if (found == running_.end()) continue;
    const destination& before = found->second.target;
    const bool writes = before.kind == destination_kind::file && found->second.refusal.empty();
    const bool leaves =
        writes && (target.kind != before.kind || target.target != before.target || !refusal_of(ws, target).empty());
    if (target.archived || leaves) end(found);
  }
  for (const destination& target : ws.destinations()) {
    if (target.archived) continue;
    const auto found = running_.find(target.number);
    auto refusal = refusal_of(ws, target);
    if (found == running_.end()) {
      if (running_.size() >= options_.destinations_max || is_ending(target.number)) continue;
      auto begun = std::make_shared<delivery>(ledger_.view(), target, refusal, options_);
      running_.emplace(target.number, held{target, std::move(refusal), std::move(begun)});
    } else if (found->second.target != target || found->second.refusal != refusal) {
      found->second.target = target;
      found->second.refusal = refusal;
      found->second.running->change(target, std::move(refusal));
    }
  }
  return ending_.empty();
}

/// Two destinations that write the same files would cut off each other's.
std::string deliveries::refusal_of(const workspace& ws, const destination& target) const {
  if (target.kind != destination_kind::file) return {};
  for (const destination& other : ws.destinations())
    if (other.number < target.number && other.kind == destination_kind::file && !other.archived &&
        other.target == target.target)
      return "the destination " + other.name + " writes to this folder";
  for (const held& one : ending_)
    if (one.target.kind == destination_kind::file && one.target.target == target.target)
      return "the destination " + one.target.name + " is still writing to this folder";
  return {};
}

std::shared_ptr<delivery> deliveries::find(destination_number number) const {
  const std::scoped_lock lock(mutex_);
  const auto found = running_.find(number);
  return found == running_.end() ? nullptr : found->second.running;
}

deliveries::lag deliveries::lag_of(sequence delivered) const {
  const auto newest = ledger_.view().durable();
  if (newest <= delivered) return {};
  lag behind{newest.value - delivered.value, 0};
  try {
    const auto since = ledger_.view().entry_at({delivered.value + 1}).entry.time.unix_us;
    behind.seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(wall_clock().unix_us - since, 0) / 1'000'000);
  } catch (const persistence::storage_failure& failure) {
    ledger_.note_unreadable(failure.error()); // the number of entries is known all the same
  }
  return behind;
}

response deliveries::show(const request& req) const {
  const auto id = uuid::parse(req.path_parameter("destinationId"));
  const auto& all = req.ws->destinations();
  const auto target = std::find_if(all.begin(), all.end(), [&](const destination& one) { return id && one.id == *id; });
  if (target == all.end())
    return error_response(error_style::plain, error_kind::not_found, "there is no such destination");
  const auto running = find(target->number);
  std::optional<delivery_status> now;
  if (running) now = running->status();
  response answer;
  json::writer out(answer.body);
  out.begin_object();
  out.key("id").string(target->id.text()).key("name").string(target->name);
  out.key("state").string(state_of(*target, now ? &*now : nullptr));
  out.key("newest").unsigned_integer(ledger_.view().durable().value);
  if (now) {
    if (!now->problem.empty()) out.key("problem").string(now->problem);
    const auto behind = lag_of(now->delivered);
    out.key("delivered").unsigned_integer(now->delivered.value);
    out.key("lagEntries").unsigned_integer(behind.entries).key("lagSeconds").unsigned_integer(behind.seconds);
    out.key("batches").unsigned_integer(now->batches);
    out.key("failedAttempts").unsigned_integer(now->failed_attempts);
    out.key("failuresInARow").unsigned_integer(now->failures_in_a_row);
    if (now->next_attempt) out.key("nextAttemptAt").string(now->next_attempt->text());
  } else if (!target->archived) {
    out.key("problem").string("not begun: there are more destinations than are delivered to, or it was made or "
                              "changed just now");
  }
  out.key("attempts").begin_array();
  if (now)
    for (const auto& each : now->attempts) write_attempt(out, each);
  out.end_array().end_object();
  return answer;
}

void deliveries::write_prometheus(std::string& out) const {
  struct line {
    std::string id;
    delivery_status now;
    lag behind;
  };
  std::vector<held> all;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [number, one] : running_) all.push_back(one);
  }
  std::vector<line> lines;
  for (const auto& each : all) {
    auto& added = lines.emplace_back(line{each.target.id.text(), each.running->status(), {}});
    added.behind = lag_of(added.now.delivered);
  }
  prometheus_writer to(out);
  to.gauge("croupier_destination_lag_entries", "Entries that are committed and not yet delivered.");
  for (const auto& each : lines) to.sample(each.behind.entries, {{"destination", each.id}});
  to.gauge("croupier_destination_lag_seconds", "Age of the oldest of them.");
  for (const auto& each : lines) to.sample(each.behind.seconds, {{"destination", each.id}});
  to.gauge("croupier_destination_failing", "1 while the last attempt failed.");
  for (const auto& each : lines) to.sample(each.now.problem.empty() ? 0 : 1, {{"destination", each.id}});
  to.counter("croupier_destination_batches_total", "Batches delivered.");
  for (const auto& each : lines) to.sample(each.now.batches, {{"destination", each.id}});
  to.counter("croupier_destination_failures_total", "Attempts that failed.");
  for (const auto& each : lines) to.sample(each.now.failed_attempts, {{"destination", each.id}});
}

void add_delivery_routes(std::vector<route>& table, const deliveries& service) {
  table.push_back({"GET", "/admin/v1/destinations/{destinationId}/status", scope::admin, body_policy::none,
                   error_style::plain, "Show how far a destination is and how its newest attempts went.",
                   [&service](const request& req) { return service.show(req); }, status_schema});
}

} // namespace croupier::http::deliver
