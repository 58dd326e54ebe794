#include "actors/gateway.hpp"

#include "actors/actor_house.hpp"
#include "engine/entry.hpp"
#include "persistence/record_codec.hpp"

#include <mutex>
#include <thread>
#include <utility>

namespace croupier::actors {

namespace {

using namespace std::chrono_literals;

constexpr auto stop_grace = 10s;

// What a posting with its final reply is answered with. Of a duplicate it says where the original is, for which it may
// read the disk, as actors may not.
outcome final_outcome(posting& posted, const persistence::committed_view& view) {
  // Nobody else has the posting any more.
  if (const auto* done = std::get_if<receipt>(&posted.reply))
    return receipt{done->at, done->time, std::move(posted.record)};
  if (const auto* broken = std::get_if<failure>(&posted.reply)) return *broken;
  const auto* no = std::get_if<refusal>(&posted.reply);
  CROUPIER_ASSERT(no != nullptr, "a posting was left without an answer");
  auto told = *no;
  if (told.why == rejection::request_duplicate && told.original.value == 0)
    told.original = view.find_request(*posted.request_hash, posted.player_hash).value_or(sequence{});
  return told;
}

const api_key* find_object(const workspace& ws, const api_key& like) {
  return like.number - 1U < ws.api_keys().size() ? &ws.api_keys()[like.number - 1U] : nullptr;
}
const commission_plan* find_object(const workspace& ws, const commission_plan& like) {
  return ws.plans().find(like.number);
}
template<class Object>
const Object* find_object(const workspace& ws, const Object& like) {
  return ws.find(like.number);
}

/// The object as it is now; nothing when it is new.
std::optional<workspace_object> current_form(const workspace& ws, const workspace_object& object) {
  return std::visit(
      [&](const auto& value) -> std::optional<workspace_object> {
        const auto* found = find_object(ws, value);
        return found == nullptr ? std::nullopt : std::optional<workspace_object>(*found);
      },
      object);
}

} // namespace

committed_entry entry_of(const receipt& done) {
  auto entry = persistence::decode_committed(done.at, done.time, done.record);
  CROUPIER_ASSERT(entry.has_value(), "what was journalled can be read");
  return std::move(*entry);
}

struct submission::state {
  state(batch_ptr sent, actor_house& home) : batch(std::move(sent)), house(home) {}
  ~state() {
    for (auto& each : batch->postings) batch->settle(each);
  }
  state(const state&) = delete;
  state& operator=(const state&) = delete;

  batch_ptr batch;
  actor_house& house;
};

submission::submission() = default;
submission::~submission() = default;
submission::submission(submission&&) noexcept = default;
submission& submission::operator=(submission&&) noexcept = default;
submission::submission(std::shared_ptr<state> content) : state_(std::move(content)) {}

std::vector<outcome> submission::wait(std::chrono::steady_clock::time_point deadline) {
  if (!state_) return {};
  auto& [batch, house] = *state_;
  while (batch->answers.wait(deadline) && house.send_unfinished(batch)) {
  }
  std::vector<outcome> outcomes;
  outcomes.reserve(batch->postings.size());
  for (auto& each : batch->postings)
    outcomes.push_back(batch->settle(each) ? final_outcome(each, house.view()) : outcome{failure::deadline_passed});
  return outcomes;
}

bool submission::ready_or_call(const std::function<void()>& wake) {
  do {
    if (!state_->batch->answers.zero_or_call(wake)) return false;
  } while (state_->house.send_unfinished(state_->batch));
  return true;
}

struct gateway::state {
  state(persistence::rocksdb_store& disk, persistence::committed_view& durable, const gateway_options& options)
      : store(disk),
        house(disk.journal(), durable, options, options.now ? actor_runtime{options.now, false} : threaded_runtime()) {}

  submission send(batch_ptr batch) {
    auto sent = std::make_shared<submission::state>(std::move(batch), house);
    house.send(sent->batch);
    return submission(std::move(sent));
  }

  /// Waits for the last change of the workspace; false when the deadline passes before its outcome is known.
  bool is_settled(deadline until) {
    if (!unsettled) return true;
    auto& [batch, home] = *unsettled->state_;
    do {
      if (!batch->answers.wait(until)) return false;
    } while (home.send_unfinished(batch));
    last_outcome = unsettled->wait(until).front();
    unsettled.reset();
    return true;
  }

  persistence::rocksdb_store& store;
  actor_house house;
  std::mutex workspace_changes;
  // Under workspace_changes:
  std::optional<submission> unsettled; ///< a change whose outcome is not known yet
  outcome last_outcome;                ///< of the last change that was settled
};

gateway::gateway(persistence::rocksdb_store& store, persistence::committed_view& view, const gateway_options& options) {
  store.begin_upkeep();
  state_ = std::make_unique<state>(store, view, options);
}

gateway::~gateway() = default;

submission gateway::submit(std::vector<movement_request> requests) {
  auto batch = state_->house.make_batch(std::move(requests));
  for (auto& each : batch->postings) {
    const auto& request = *each.movement();
    if (request.brand == brand_number{}) each.objection = rejection::player_unknown;
    if (request.event && request.event->click)
      if (auto click = state_->house.find_click(*request.event->click))
        each.click = std::make_shared<const found_click>(*click);
  }
  return state_->send(std::move(batch));
}

submission gateway::submit(std::vector<registration_request> requests) {
  auto batch = state_->house.make_batch(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    auto& each = batch->postings[i];
    auto attributed = state_->house.attribute(requests[i]);
    if (requests[i].brand == brand_number{})
      each.objection = rejection::brand_unknown;
    else if (!attributed)
      each.objection = rejection::click_unknown;
    each.ask = std::make_unique<const registration>(
        registration{std::move(requests[i]), std::move(attributed).value_or(player_profile{})});
  }
  return state_->send(std::move(batch));
}

submission gateway::submit(click_request request) {
  auto& house = state_->house;
  auto batch = house.make_batch(1);
  auto& each = batch->postings.front();
  const auto* link = each.ws().find(request.link);
  if (link == nullptr || !link->enabled) {
    each.objection = rejection::click_unknown;
    return state_->send(std::move(batch));
  }
  click_tracked fact{link->number,       link->offer, link->affiliate, request.ip,
                     request.user_agent, {},          request.unique,  request.bot};
  for (std::size_t i = 0; i < fact.sub_ids.size(); ++i)
    fact.sub_ids[i] = request.sub_ids[i].empty() ? link->sub_ids[i] : request.sub_ids[i];
  persistence::encode(entry{fact}, each.record);
  each.ask = direct_records{direct_records::kind::click, {}};
  return state_->send(std::move(batch));
}

submission gateway::submit(std::span<const entry> facts) {
  return state_->send(state_->house.make_batch(facts));
}

outcome gateway::change_workspace(std::vector<workspace_changed::object> objects, std::string who, deadline until) {
  const auto put_these = [&](const workspace& /*newest*/, timestamp /*now*/) {
    return std::optional(std::move(objects));
  };
  const auto answered = change_workspace(put_these, std::move(who), until);
  CROUPIER_ASSERT(answered.has_value(), "a change of the workspace has no objects");
  return *answered;
}

std::optional<outcome> gateway::change_workspace(const workspace_decision& decide, std::string who, deadline until) {
  const std::lock_guard one_at_a_time(state_->workspace_changes);
  auto& house = state_->house;
  if (!state_->is_settled(until)) return failure::overloaded;
  const auto ws = house.view().current_workspace();
  const auto objects = decide(*ws, house.now());
  if (!objects || objects->empty()) return std::nullopt;
  std::vector<std::string> records;
  for (const auto& object : *objects) {
    std::string record;
    persistence::encode(entry{workspace_changed{who, current_form(*ws, object), object}}, record);
    records.push_back(std::move(record));
  }
  auto batch = house.make_batch(1);
  auto& each = batch->postings.front();
  each.record = std::move(records.front());
  records.erase(records.begin());
  each.ask = direct_records{direct_records::kind::workspace, std::move(records)};
  state_->unsettled = state_->send(std::move(batch));
  if (!state_->is_settled(until)) return failure::deadline_passed;
  house.open_shards();
  return state_->last_outcome;
}

const persistence::committed_view& gateway::view() const noexcept {
  return state_->house.view();
}

void gateway::note_unreadable(const persistence::storage_error& why) const {
  state_->house.note_unreadable(why);
}

ledger_figures gateway::figures() const {
  ledger_figures out;
  const auto& house = state_->house;
  house.figures().read(out);
  out.journal_sequence = house.view().durable().value;
  out.checkpoint_sequence = house.view().checkpoint_sequence().value;
  out.tail_entries = house.view().tail_entries();
  out.player_count = house.view().player_count();
  return out;
}

persistence::store_figures gateway::disk_figures() const {
  return state_->store.figures();
}

readiness gateway::ready() const {
  if (state_->house.stopping()) return {false, "the ledger is stopping"};
  if (state_->house.journal_broken())
    return {false, "the journal cannot be written; retrying (see the log and the disk)"};
  return {true, {}};
}

persistence::durability gateway::durability() const noexcept {
  return state_->house.options().mode;
}

result<done, persistence::storage_error> gateway::stop() {
  if (!state_->house.stop(stop_grace))
    return persistence::storage_error{
        persistence::storage_errc::io_failed,
        "the last checkpoint was not written; the journal has everything, the next start replays it", std::nullopt};
  return state_->store.close_cleanly();
}

} // namespace croupier::actors
