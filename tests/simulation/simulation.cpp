#include "tests/simulation/simulation.hpp"

#include "actors/actor_house.hpp"
#include "persistence/rocksdb_store.hpp"
#include "support/fault_env.hpp"
#include "support/memory_disk.hpp"
#include "tests/simulation/finance.hpp"
#include "tests/simulation/model.hpp"
#include "tests/simulation/start.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <map>
#include <memory>
#include <optional>
#include <random>

namespace croupier::test {

namespace {

using namespace actors;

constexpr int clients = 5;
constexpr int players = 3;
constexpr int rounds = 400;

/// What the clients may rely on for one request id of one player.
enum class promise { none, may_exist, must_exist, must_not_exist };

struct client {
  std::string player;
  std::string request_id;
  bool registers = false;
  batch_ptr sent;            ///< nullptr: nothing is under way
  std::optional<uuid> click; ///< of a registration, or of an event
  std::optional<movement_request> movement;
};

/// The power goes while somebody waits for an answer.
struct power_gone {};

class world {
public:
  explicit world(std::uint64_t seed) : random_(seed), pays_(seed % one_pays_of == 0), races_(seed % one_races_of == 0) {
    start_anew();
  }

  simulation_report run() {
    for (int round = 0; round < rounds && report_.differences.empty(); ++round) {
      try {
        step();
        if (pays_ && chance(20)) finance_->act();
        wait_for_rocksdb();
        if (chance(1)) power_loss();
      } catch (const power_gone&) {
        power_loss();
      }
    }
    if (house_) { // not when the last start was refused
      disk_->heal();
      settle();
      power_loss();
    }
    report_.payments = people_.answers;
    report_.settlements = people_.settled;
    return report_;
  }

private:
  bool chance(unsigned percent) { return random_() % 100 < percent; }
  template<class Range>
  auto& any_of(Range& range) {
    return range[random_() % range.size()];
  }

  /// On the disk in memory; nothing of that name is on the real one.
  std::filesystem::path folder_of_life() const { return "/simulated/life-" + std::to_string(lives_); }
  void wait_for_rocksdb() {
    if (!races_) disk_->wait_until_idle();
  }
  void start_anew();
  void open(const std::filesystem::path& folder);
  void close();
  void step();
  void run_one_actor();
  void act(client& who);
  movement_request next_movement(const client& who);
  outcome record(std::span<const entry> facts);
  void send(client& who);
  void hear(client& who);
  void settle();
  void power_loss();
  void compare();
  void promised(const client& who, promise what);

  std::mt19937_64 random_;
  const bool pays_;                                                      ///< affiliates are paid, and events happen
  const bool races_;                                                     ///< RocksDB's threads are not waited for
  const std::shared_ptr<rocksdb::FileSystem> bytes_ = new_memory_disk(); ///< below the disk of every life
  unsigned lives_ = 0;
  std::filesystem::path folder_;
  std::unique_ptr<fault_env> disk_;
  std::unique_ptr<persistence::rocksdb_store> store_;
  std::unique_ptr<persistence::committed_view> view_;
  std::unique_ptr<actor_house> house_;
  std::unique_ptr<finance> finance_;
  finance_memory people_;
  std::int64_t now_us_ = start_of_time.unix_us;
  std::array<client, clients> clients_;
  std::uint64_t requests_ = 0;
  std::map<std::pair<std::string, std::string>, promise> promises_;
  std::set<std::pair<std::string, std::string>> refused_in_outage_;
  simulation_report report_;
};

void world::start_anew() {
  disk_ = std::make_unique<fault_env>(bytes_);
  open(folder_of_life());
}

void world::open(const std::filesystem::path& folder) {
  folder_ = folder;
  persistence::store_options options;
  options.folder = folder_;
  options.env = disk_->env();
  options.block_cache_bytes = 1 << 20;
  options.request_filter_bytes = 1 << 14;
  auto opened = persistence::rocksdb_store::open(options);
  if (!opened) throw std::runtime_error("cannot open after a power loss: " + opened.error().text);
  store_ = std::move(*opened);
  if (store_->journal().last_position().last == sequence{}) {
    const auto records = first_records();
    const std::vector<std::string_view> views(records.begin(), records.end());
    if (!store_->journal().append(views, {now_us_})) throw std::runtime_error("cannot write the workspace");
  }
  view_ = std::make_unique<persistence::committed_view>(store_->key(), store_->journal(), store_->checkpoints());
  if (auto restored = view_->restore([](sequence, sequence) {}); !restored)
    throw std::runtime_error("cannot restore after a power loss: " + restored.error().text);
  gateway_options settings;
  settings.in_flight_max = 4;
  settings.checkpoint_entries = 10 + random_() % 60;
  settings.idle_after = std::chrono::seconds(6);
  settings.awake_players_max = 2;
  settings.worker_threads = 1;
  house_ = std::make_unique<actor_house>(store_->journal(), *view_, settings,
                                         actor_runtime{[this] { return timestamp{now_us_}; }, true});
  if (!pays_) return;
  finance::world around{*view_, [this] { return timestamp{now_us_}; }, random_,
                        [this](std::span<const entry> facts) { return record(facts); }};
  finance_ = std::make_unique<finance>(std::move(around), folder_, disk_->env(), people_);
}

void world::close() {
  finance_.reset();
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
    // The wall clock runs ahead of the timers, so that players forget request ids while they are awake.
    now_us_ += passed.count() * 10'000;
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
  if (pays_ && chance(2)) now_us_ += static_cast<std::int64_t>(random_() % 16) * 86'400'000'000; // a few quiet days
}

/// Facts go to the journal, and the world goes on until they are answered.
outcome world::record(std::span<const entry> facts) {
  const auto batch = house_->make_batch(facts);
  auto& posted = batch->postings.front();
  house_->send(batch);
  while (posted.state.load() != posting_state::replied) {
    if (chance(1)) {
      batch->settle(posted);
      throw power_gone{};
    }
    step();
  }
  if (const auto* done = std::get_if<receipt>(&posted.reply)) return *done;
  return std::get<failure>(posted.reply);
}

void world::run_one_actor() {
  auto& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(house_->system().scheduler());
  if (scheduler.jobs.empty()) return;
  std::swap(scheduler.jobs.front(), any_of(scheduler.jobs));
  scheduler.run_once();
  wait_for_rocksdb();
  if (!house_->journal_broken()) refused_in_outage_.clear();
}

void world::act(client& who) {
  if (who.sent) return hear(who);
  if (chance(40) || who.request_id.empty()) { // something new; otherwise the last one again
    who.player = "p" + std::to_string(random_() % players);
    who.request_id = "r" + std::to_string(random_() % 12 == 0 ? random_() % (requests_ + 1) : requests_++);
    who.registers = chance(15);
    who.click = make_id(view_->key(), id_kind::click, first_click.value + (pays_ ? random_() % clicks : 0));
    who.movement = next_movement(who);
    who.request_id = who.movement->request_id;
  }
  send(who);
}

movement_request world::next_movement(const client& who) {
  movement_request request;
  request.brand = the_brand;
  request.external_id = who.player;
  request.request_id = who.request_id;
  request.payload = "{" + std::to_string(random_()) + "}";
  const auto ws = view_->current_workspace();
  const auto how = chance(30) ? value_type::absolute : value_type::relative;
  const auto add = [&](std::string_view code, value_type type, const std::string& value) {
    request.updates.push_back(resolve_update(*ws, code, type, value));
  };
  add("ngr", how, (pays_ && chance(30) ? "-" : "") + std::to_string(random_() % 2000) + ".25");
  if (chance(50)) add("bets", value_type::relative, chance(5) ? "1.5" : "1");
  if (!pays_) return request;
  if (chance(25)) add("deposits", value_type::relative, std::to_string(random_() % 40));
  if (chance(5)) add("chargebacks", value_type::relative, "10");
  if (chance(30)) {
    event_request event;
    event.name = "something";
    event.occurred_at = {now_us_};
    if (chance(50)) event.click = who.click;
    if (chance(20)) event.traits.push_back({"vip", chance(50) ? "true" : ""});
    request.source = dialect::revvvs;
    request.request_id = event_prefix + who.request_id; // a name space of their own
    request.event = std::make_shared<const event_request>(std::move(event));
  }
  return request;
}

void world::send(client& who) {
  try {
    if (who.registers) {
      who.sent = house_->make_batch(1);
      registration_request request{the_brand, who.player, *who.click, "{}"};
      auto attributed = house_->attribute(request);
      if (!attributed) throw std::runtime_error("the click is lost");
      who.sent->postings.front().ask =
          std::make_unique<const registration>(registration{std::move(request), std::move(*attributed)});
    } else {
      who.sent = house_->make_batch(std::vector{*who.movement});
      const auto& event = who.movement->event;
      if (event && event->click)
        who.sent->postings.front().click =
            std::make_shared<const found_click>(house_->find_click(*event->click).value());
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
  ++lives_;
  const auto next = folder_of_life();
  wait_for_rocksdb();
  disk_->copy_after_power_loss(folder_, next, random_);
  for (const auto& key : refused_in_outage_) promises_[key] = promise::may_exist;
  refused_in_outage_.clear();
  close();
  disk_->remove_folder(folder_);
  disk_ = std::make_unique<fault_env>(bytes_);
  try {
    open(next);
  } catch (const std::runtime_error& refused) {
    report_.differences.emplace_back(refused.what());
    return;
  }
  wait_for_rocksdb();
  compare();
}

void world::compare() {
  model expected(people_.drafted);
  store_->journal().scan_up({1}, [&](const committed_entry& entry, std::string_view) {
    expected.take(entry);
    return true;
  });
  expected.compare(*view_);
  if (finance_) finance_->compare(expected);
  for (const auto& each : people_.differences) report_.differences.push_back(each);
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
