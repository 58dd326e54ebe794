#include "tests/simulation/simulation.hpp"

#include "actors/actor_house.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/rocksdb_store.hpp"
#include "support/fault_env.hpp"
#include "support/test_ledger.hpp"
#include "tests/simulation/model.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <map>
#include <memory>
#include <optional>
#include <random>

namespace croupier::test {

namespace {

using namespace actors;

constexpr brand_number the_brand{1};
constexpr int clients = 5;
constexpr int players = 3;
constexpr int rounds = 400;

/// What the clients may rely on for one request id of one player.
enum class promise { none, may_exist, must_exist, must_not_exist };

struct client {
  std::string player;
  std::string request_id;
  bool registers = false;
  batch_ptr sent; ///< nullptr: nothing is under way
  std::optional<movement_request> movement;
};

class world {
public:
  explicit world(std::uint64_t seed) : random_(seed) { start_anew(); }

  simulation_report run() {
    for (int round = 0; round < rounds && report_.differences.empty(); ++round) step();
    disk_->heal();
    settle();
    power_loss();
    return report_;
  }

private:
  bool chance(unsigned percent) { return random_() % 100 < percent; }
  template<class Range>
  auto& any_of(Range& range) {
    return range[random_() % range.size()];
  }

  void start_anew();
  void open(const std::filesystem::path& folder);
  void close();
  void step();
  void run_one_actor();
  void act(client& who);
  void send(client& who);
  void hear(client& who);
  void settle();
  void power_loss();
  void compare();
  void promised(const client& who, promise what);

  std::mt19937_64 random_;
  temporary_folder root_;
  unsigned lives_ = 0;
  std::filesystem::path folder_;
  std::unique_ptr<fault_env> disk_;
  std::unique_ptr<persistence::rocksdb_store> store_;
  std::unique_ptr<persistence::committed_view> view_;
  std::unique_ptr<actor_house> house_;
  std::int64_t now_us_ = 1'000'000;
  uuid click_;
  std::array<client, clients> clients_;
  std::uint64_t requests_ = 0;
  std::map<std::pair<std::string, std::string>, promise> promises_;
  std::set<std::pair<std::string, std::string>> refused_in_outage_;
  simulation_report report_;
};

std::vector<std::string> workspace_records() {
  const auto id = [](std::uint64_t n) { return uuid::from_halves(1, n); };
  std::vector<workspace_changed::object> all;
  all.emplace_back(brand{{1}, id(1), "Brand", "EUR", {}, true});
  all.emplace_back(metric{{1}, id(2), "ngr", "NGR", metric_type::decimal, true, true, false});
  all.emplace_back(metric{{2}, id(3), "bets", "Bets", metric_type::integer, false, true, false});
  all.emplace_back(affiliate{{1}, id(4), "Affiliate"});
  all.emplace_back(offer{{1}, id(5), "Offer", revshare_terms{{1}, *percentage::parse("12.5")}});
  all.emplace_back(tracking_link{{1}, id(6), "Link", {1}, {1}, "https://example.com/", true});
  std::vector<std::string> records;
  for (const auto& each : all)
    persistence::encode(entry{workspace_changed{"start-up", {}, each}}, records.emplace_back());
  persistence::encode(entry{click_tracked{{1}, {1}, {1}, "192.0.2.1", "simulation", {}}}, records.emplace_back());
  return records;
}

void world::start_anew() {
  disk_ = std::make_unique<fault_env>();
  open(root_.path() / "life-0");
}

void world::open(const std::filesystem::path& folder) {
  folder_ = folder;
  persistence::store_options options;
  options.folder = folder_;
  options.env = disk_->env();
  options.block_cache_bytes = 1 << 20;
  auto opened = persistence::rocksdb_store::open(options);
  if (!opened) throw std::runtime_error("cannot open after a power loss: " + opened.error().text);
  store_ = std::move(*opened);
  if (store_->journal().last_position().last == sequence{}) {
    const auto records = workspace_records();
    const std::vector<std::string_view> views(records.begin(), records.end());
    if (!store_->journal().append(views, {now_us_})) throw std::runtime_error("cannot write the workspace");
  }
  view_ = std::make_unique<persistence::committed_view>(store_->key(), store_->journal(), store_->checkpoints());
  if (auto restored = view_->restore([](sequence, sequence) {}); !restored)
    throw std::runtime_error("cannot restore after a power loss: " + restored.error().text);
  click_ = make_id(view_->key(), id_kind::click, 7);
  gateway_options settings;
  settings.in_flight_max = 4;
  settings.checkpoint_entries = 10 + random_() % 60;
  settings.idle_after = std::chrono::seconds(6);
  settings.awake_players_max = 2;
  settings.worker_threads = 1;
  house_ = std::make_unique<actor_house>(store_->journal(), *view_, settings,
                                         actor_runtime{[this] { return timestamp{now_us_}; }, true});
}

void world::close() {
  for (auto& each : clients_) each.sent.reset();
  house_.reset();
  view_.reset();
  store_.reset();
}

void world::step() {
  for (auto actors = random_() % 6; actors > 0; --actors) run_one_actor();
  act(any_of(clients_));
  if (chance(20)) {
    const auto passed = std::chrono::milliseconds(random_() % 400);
    now_us_ += passed.count() * 1000;
    dynamic_cast<caf::scheduler::test_coordinator&>(house_->system().scheduler()).advance_time(passed);
  }
  if (chance(2)) {
    fault_env::plan how;
    how.fault = chance(50) ? disk_fault::io_error : disk_fault::no_space;
    how.after = random_() % 4;
    how.percent_written = static_cast<unsigned>(random_() % 101);
    disk_->fail(how);
    ++report_.faults;
  } else if (chance(8)) {
    disk_->heal();
  }
  if (chance(1)) power_loss();
}

void world::run_one_actor() {
  auto& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(house_->system().scheduler());
  if (scheduler.jobs.empty()) return;
  std::swap(scheduler.jobs.front(), any_of(scheduler.jobs));
  scheduler.run_once();
  if (!house_->journal_broken()) refused_in_outage_.clear();
}

void world::act(client& who) {
  if (who.sent) return hear(who);
  if (chance(40) || who.request_id.empty()) { // something new; otherwise the last one again
    who.player = "p" + std::to_string(random_() % players);
    who.request_id = "r" + std::to_string(random_() % 12 == 0 ? random_() % (requests_ + 1) : requests_++);
    who.registers = chance(15);
    movement_request request;
    request.brand = the_brand;
    request.external_id = who.player;
    request.request_id = who.request_id;
    request.payload = "{" + std::to_string(random_()) + "}";
    const auto ws = view_->current_workspace();
    const auto how = chance(30) ? value_type::absolute : value_type::relative;
    request.updates.push_back(resolve_update(*ws, "ngr", how, std::to_string(random_() % 2000) + ".25"));
    if (chance(50))
      request.updates.push_back(resolve_update(*ws, "bets", value_type::relative, chance(5) ? "1.5" : "1"));
    who.movement = std::move(request);
  }
  send(who);
}

void world::send(client& who) {
  try {
    if (who.registers) {
      who.sent = house_->make_batch(1);
      registration_request request{the_brand, who.player, click_, "{}"};
      auto attributed = house_->attribute(request);
      if (!attributed) throw std::runtime_error("the click is lost");
      who.sent->postings.front().ask =
          std::make_unique<const registration>(registration{std::move(request), std::move(*attributed)});
    } else {
      who.sent = house_->make_batch(std::vector{*who.movement});
      promised(who, promise::may_exist);
    }
    house_->send(who.sent);
  } catch (const persistence::storage_failure&) { // the store is being opened anew; the caller is told so
    who.sent->settle(who.sent->postings.front());
    who.sent.reset();
  }
}

void world::hear(client& who) {
  auto& posted = who.sent->postings.front();
  if (posted.state.load() != posting_state::replied) {
    if (chance(10)) { // it waits no longer, and will repeat
      who.sent->settle(posted);
      who.sent.reset();
    }
    return;
  }
  if (is_unfinished(posted.reply)) {
    try {
      house_->send_unfinished(who.sent);
    } catch (const persistence::storage_failure&) {
      who.sent->settle(posted);
      who.sent.reset();
    }
    return;
  }
  ++report_.requests;
  if (!who.registers) {
    const auto* no = std::get_if<refusal>(&posted.reply);
    const auto* broken = std::get_if<failure>(&posted.reply);
    if (std::holds_alternative<receipt>(posted.reply)) promised(who, promise::must_exist);
    if (no != nullptr && no->why == rejection::request_duplicate) promised(who, promise::must_exist);
    if (broken != nullptr && *broken == failure::journal_unavailable) promised(who, promise::must_not_exist);
  }
  who.sent.reset();
}

/// A promise only becomes stronger, except that a repetition may make what was refused.
void world::promised(const client& who, promise what) {
  const auto key = std::pair(who.player, who.request_id);
  auto& now = promises_[key];
  if (now == promise::must_exist) return;
  if (what == promise::must_not_exist) {
    // Another client, or an earlier try that nobody waits for, may still bring it about.
    if (now == promise::may_exist) return;
    refused_in_outage_.insert(key);
  }
  now = what;
}

void world::settle() {
  for (int i = 0; i < 2000; ++i) {
    run_one_actor();
    for (auto& each : clients_)
      if (each.sent) hear(each);
    if (i % 50 == 0)
      dynamic_cast<caf::scheduler::test_coordinator&>(house_->system().scheduler())
          .advance_time(std::chrono::milliseconds(500));
  }
  if (const auto left = house_->figures().in_flight.load(); left != 0)
    report_.differences.push_back(std::to_string(left) + " calls are counted as in flight after all were answered");
  if (house_->journal_broken()) report_.differences.emplace_back("the journal did not recover on a healthy disk");
  compare();
}

void world::power_loss() {
  ++report_.crashes;
  const auto next = root_.path() / ("life-" + std::to_string(++lives_));
  disk_->copy_after_power_loss(folder_, next, random_);
  for (const auto& key : refused_in_outage_) promises_[key] = promise::may_exist;
  refused_in_outage_.clear();
  close();
  disk_ = std::make_unique<fault_env>();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  try {
    open(next);
  } catch (const std::runtime_error& refused) {
    report_.differences.emplace_back(refused.what());
    return;
  }
  compare();
}

void world::compare() {
  model expected;
  store_->journal().scan_up({1}, [&](const committed_entry& entry, std::string_view) {
    expected.take(entry);
    return true;
  });
  expected.compare(*view_);
  for (const auto& [key, what] : promises_) {
    const bool exists = expected.find(key.first, key.second).has_value();
    if (what == promise::must_exist && !exists) report_.differences.push_back("lost: " + key.first + " " + key.second);
    if (what == promise::must_not_exist && exists)
      report_.differences.push_back("refused, but there: " + key.first + " " + key.second);
  }
  for (const auto& each : expected.differences()) report_.differences.push_back(each);
}

} // namespace

simulation_report simulate(std::uint64_t seed) {
  return world(seed).run();
}

} // namespace croupier::test
