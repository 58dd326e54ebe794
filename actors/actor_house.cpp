#include "actors/actor_house.hpp"

#include "actors/brand_shard.hpp"
#include "actors/journal_writer.hpp"
#include "actors/wall_clock.hpp"
#include "engine/check.hpp"
#include "persistence/record_codec.hpp"

#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <thread>
#include <unordered_map>
#include <utility>

namespace croupier::actors {

namespace {

using namespace std::chrono_literals;

// Routing is memory work on this or another caller's thread; it does not end only when the process is in trouble.
constexpr auto routing_grace = 30s;

bool has_replied(const posting& each) {
  return each.state.load(std::memory_order_acquire) == posting_state::replied;
}

} // namespace

actor_runtime threaded_runtime() {
  return {wall_clock, false};
}

actor_house::config::config(std::size_t worker_threads, bool stepped) {
  // CAF's workers have next to nothing to do here. With "sharing" they sleep until there is something; those of
  // "stealing", CAF's default, look for work on a timer, which cost a twentieth of a processor on an idle ledger.
  set("scheduler.policy", stepped ? caf::atom("testing") : caf::atom("sharing"));
  set("scheduler.max-threads", worker_threads);
  set("scheduler.max-throughput", std::size_t{64});
}

actor_house::actor_house(persistence::journal& log, persistence::committed_view& view, const gateway_options& options,
                         actor_runtime runtime)
    : stepped_(runtime.stepped),
      context_{log, view, options, {}, {}, {}, {}, std::move(runtime.now), runtime.stepped},
      config_(options.worker_threads, stepped_),
      system_(config_),
      shards_(std::make_shared<shard_table>()) {
  if (stepped_) {
    checkpointer_ = system_.spawn(checkpointer, &context_);
    journal_ = system_.spawn(journal_writer, &context_, checkpointer_);
  } else {
    checkpointer_ = system_.spawn<caf::detached>(checkpointer, &context_);
    journal_ = system_.spawn<caf::detached>(journal_writer, &context_, checkpointer_);
  }
  open_shards();
}

actor_house::~actor_house() {
  if (stopping()) return;
  if (stepped_)
    abandon();
  else
    stop(0s);
}

batch_ptr actor_house::make_batch(std::size_t size) {
  return std::make_shared<posting_batch>(size, context_.view.current_workspace(), context_.figures);
}

batch_ptr actor_house::make_batch(std::vector<movement_request> movements) {
  return std::make_shared<posting_batch>(std::move(movements), context_.view.current_workspace(), context_.figures);
}

batch_ptr actor_house::make_batch(std::span<const entry> facts) {
  CROUPIER_ASSERT(!facts.empty(), "there is nothing to record");
  std::vector<std::string> records(facts.size());
  for (std::size_t i = 0; i < facts.size(); ++i) persistence::encode(facts[i], records[i]);
  auto batch = make_batch(1);
  auto& each = batch->postings.front();
  each.record = std::move(records.front());
  records.erase(records.begin());
  each.ask = direct_records{direct_records::kind::other, std::move(records)};
  return batch;
}

bool actor_house::count_in(const batch_ptr& batch) {
  const auto requests = batch->postings.size();
  batch->answers.expect(static_cast<std::uint32_t>(requests));
  const auto before = context_.figures.in_flight.fetch_add(requests, std::memory_order_acq_rel);
  std::optional<failure> no;
  if (stopping())
    no = failure::stopping;
  else if (journal_broken())
    no = failure::journal_unavailable;
  else if (before + requests > context_.options.in_flight_max)
    no = failure::overloaded;
  if (no)
    for (auto& each : batch->postings) deliver(each, *no);
  return !no;
}

void actor_house::identify(posting& each) {
  each.player_hash = context_.view.player_hash(each.brand(), each.external_id());
  const auto* request = each.movement();
  if (request != nullptr && !request->request_id.empty())
    each.request_hash = context_.view.request_hash(request->source, request->request_id);
}

void actor_house::look_up(const std::vector<posting*>& asked) {
  // One sequence for all: if one movement of a player must be looked up again, so must all after it. What is committed
  // from it on may be missed here; the player remembers that much.
  const auto as_of = context_.view.durable();
  std::vector<persistence::request_key> keys;
  for (const auto* each : asked)
    if (each->request_hash) keys.push_back({*each->request_hash, each->player_hash});
  std::optional<std::vector<std::optional<sequence>>> originals;
  try {
    if (!keys.empty()) originals = find_requests(keys);
  } catch (const persistence::storage_failure& failure) {
    // Left empty. Counted in already, so each gets an answer: without one it would stay in flight for ever.
    context_.note_unreadable(failure.error());
  }
  std::size_t next = 0;
  for (auto* each : asked) {
    each->absent_up_to = as_of;
    const bool to_find = each->request_hash.has_value();
    if (to_find && !originals)
      deliver(*each, failure::journal_unavailable);
    else if (const auto original = to_find ? (*originals)[next++] : std::nullopt)
      deliver(*each, refusal{rejection::request_duplicate, *original});
    else
      each->to_route = true;
  }
}

std::vector<std::optional<sequence>> actor_house::find_requests(const std::vector<persistence::request_key>& keys) {
  if (keys.size() == 1) return {context_.view.find_request(keys[0].request_hash, keys[0].player_hash)};
  return context_.view.find_requests(keys);
}

void actor_house::send(const batch_ptr& batch) {
  if (!count_in(batch)) return;
  std::vector<posting*> asked;
  asked.reserve(batch->postings.size());
  for (auto& each : batch->postings) {
    if (each.objection) {
      deliver(each, refusal{*each.objection, {}});
    } else if (each.direct() != nullptr) {
      const auto at = context_.inbox.put(batch->share(static_cast<std::size_t>(&each - batch->postings.data())));
      if (at.first) lane(system_, stepped_).send(journal_, commit_atom::value);
    } else {
      identify(each);
      asked.push_back(&each);
    }
  }
  look_up(asked);
  route(batch);
}

void actor_house::route(const batch_ptr& batch) {
  send_routes(batch);
  // A single posting has nothing behind it to keep in order; its caller sleeps once, until it is answered.
  if (batch->postings.size() == 1) return;
  const auto patience = deadline::clock::now() + routing_grace;
  while (batch->routings.wait(patience) && prepare_again<player_asleep>(batch)) send_routes(batch);
}

void actor_house::send_routes(const batch_ptr& batch) {
  std::vector<brand_number> brands;
  for (const auto& each : batch->postings)
    if (each.to_route && std::find(brands.begin(), brands.end(), each.brand()) == brands.end())
      brands.push_back(each.brand());
  if (brands.empty()) return;
  batch->routings.expect(static_cast<std::uint32_t>(brands.size()));
  const auto shards = shards_for(brands);
  lane here(system_, stepped_);
  for (const auto brand : brands) here.send(shards->at(brand.value - 1), route_atom::value, batch);
  here.run();
}

/// A brand is known to everyone as soon as it is committed, which may be before whoever made it has opened its shard.
std::shared_ptr<const actor_house::shard_table> actor_house::shards_for(const std::vector<brand_number>& brands) {
  auto shards = shards_.load();
  const auto newest = *std::max_element(brands.begin(), brands.end());
  if (newest.value <= shards->size() || stopping()) return shards;
  open_shards();
  return shards_.load();
}

template<class Reply>
bool actor_house::prepare_again(const batch_ptr& batch) {
  std::vector<posting*> unfinished;
  std::vector<posting*> sleepers;
  for (auto& each : batch->postings) {
    if (!has_replied(each)) continue;
    const bool asleep = std::holds_alternative<player_asleep>(each.reply);
    if (asleep) sleepers.push_back(&each);
    if (asleep || std::holds_alternative<Reply>(each.reply)) unfinished.push_back(&each);
  }
  if (unfinished.empty()) return false;
  bring_state(sleepers);
  batch->answers.expect(static_cast<std::uint32_t>(unfinished.size()));
  for (auto* each : unfinished) {
    each->reply = std::monostate{};
    each->state.store(posting_state::open, std::memory_order_release);
  }
  // Look up after the states were read: a player that wakes knows nothing of the ids before its state.
  look_up(unfinished);
  return true;
}

void actor_house::bring_state(std::vector<posting*>& sleepers) {
  // Only the first posting of a player brings its state; of a player that does not exist, each brings that news.
  std::unordered_map<std::uint64_t, bool> exists;
  for (auto* each : sleepers) {
    const auto known = exists.find(each->player_hash);
    if (known != exists.end() && known->second) continue;
    wake_state wake;
    wake.generation = std::get<player_asleep>(each->reply).generation;
    wake.read_at = context_.view.durable();
    if (const auto number = context_.view.find_player(each->brand(), each->external_id()))
      wake.player = context_.view.player(*number);
    exists.insert_or_assign(each->player_hash, wake.player.has_value());
    each->wake = std::make_unique<wake_state>(std::move(wake));
  }
}

bool actor_house::send_unfinished(const batch_ptr& batch) {
  if (!prepare_again<look_again>(batch)) return false;
  route(batch);
  return true;
}

std::optional<found_click> actor_house::find_click(const uuid& id) const {
  auto& view = context_.view;
  const auto number = number_of_id(view.key(), id_kind::click, id);
  if (!number || *number == 0 || *number > view.durable().value) return std::nullopt;
  const auto stored = view.entry_at(sequence{*number});
  const auto* click = std::get_if<click_tracked>(&stored.entry.what);
  if (click == nullptr) return std::nullopt;
  return found_click{stored.entry.at, stored.entry.time, click->link, click->offer, click->affiliate};
}

std::optional<player_profile> actor_house::attribute(const registration_request& request) const {
  const auto click = find_click(request.click);
  if (!click) return std::nullopt;
  player_profile profile;
  profile.number = context_.view.draw_player_number();
  profile.brand = request.brand;
  profile.external_id = request.external_id;
  profile.click = click->at;
  profile.link = click->link;
  profile.offer = click->offer;
  profile.affiliate = click->affiliate;
  return profile;
}

void actor_house::open_shards() {
  const std::lock_guard lock(opening_shards_);
  const auto ws = context_.view.current_workspace();
  auto table = std::make_shared<shard_table>(*shards_.load());
  while (table->size() < ws->brands().size()) {
    const brand_number number{static_cast<brand_number::rep>(table->size() + 1)};
    table->push_back(system_.spawn(brand_shard, &context_, journal_, number));
  }
  shards_.store(std::move(table));
}

bool actor_house::stop(std::chrono::seconds grace) {
  stopping_.store(true, std::memory_order_release);
  // Calls that were counted in before are let through; new ones are refused from here on.
  const auto patience = deadline::clock::now() + grace;
  while (context_.figures.in_flight.load(std::memory_order_acquire) > 0 && deadline::clock::now() < patience)
    std::this_thread::sleep_for(1ms);
  bool written = false;
  caf::scoped_actor self(system_, true);
  // The shards first, so that no player accepts anything behind the last commit; players end with their shard.
  for (const auto& shard : *shards_.load()) self->send_exit(shard, caf::exit_reason::user_shutdown);
  shards_.store(std::make_shared<shard_table>());
  self->request(journal_, caf::infinite, finish_atom::value)
      .receive([&](bool all) { written = all; }, [&](const caf::error&) { written = false; });
  self->send_exit(checkpointer_, caf::exit_reason::user_shutdown);
  return written;
}

void actor_house::abandon() {
  CROUPIER_ASSERT(stepped_, "only a simulation ends without a last commit");
  stopping_.store(true, std::memory_order_release);
  const auto shards = shards_.exchange(std::make_shared<shard_table>());
  for (const auto& shard : *shards) caf::anon_send_exit(shard, caf::exit_reason::kill);
  caf::anon_send_exit(journal_, caf::exit_reason::kill);
  caf::anon_send_exit(checkpointer_, caf::exit_reason::kill);
  dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler()).run();
}

} // namespace croupier::actors
