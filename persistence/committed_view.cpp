#include "persistence/committed_view.hpp"

#include "engine/check.hpp"
#include "engine/keyed_hash.hpp"
#include "persistence/index_hashes.hpp"
#include "persistence/player_overlay.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/view_state.hpp"

#include <algorithm>

namespace croupier::persistence {

namespace {

storage_failure not_in_checkpoint(player_number number, sequence at) {
  return storage_failure({storage_errc::corrupt,
                          "player " + std::to_string(number.value) + " has entries but is not in the checkpoint", at});
}

void require(const std::optional<contradiction>& problem) {
  CROUPIER_ASSERT(!problem, problem->what);
}

} // namespace

view_state::view_state(const folder_key& secret, journal& truth, checkpoint_store& disk)
    : key(secret),
      log(truth),
      checkpoints(disk),
      published_workspace(std::make_shared<const workspace>()),
      active(std::make_shared<generation>(sequence{0})) {
  batch.movements.reserve(tail::batch_max);
  batch.changes.reserve(tail::batch_max * metrics_per_movement_max);
  held_generations = std::make_shared<const generations>(generations{active, nullptr});
}

committed_view::committed_view(const folder_key& key, journal& log, checkpoint_store& checkpoints)
    : state_(std::make_unique<view_state>(key, log, checkpoints)) {}

committed_view::~committed_view() = default;

// ---- writing

std::optional<contradiction> view_state::apply(const committed_entry& entry) {
  // Movements gather in a batch; everything else keeps its place among them.
  if (!std::holds_alternative<movement_recorded>(entry.what))
    if (auto problem = flush()) return problem;
  return std::visit([&](const auto& known) { return take(entry.at, entry.time, known); }, entry.what);
}

std::optional<contradiction> view_state::take(sequence at, timestamp time, const movement_recorded& what) {
  if (what.joined != profile_change::none)
    if (auto problem = join(time, what)) return problem;
  tail_movement added;
  added.at = at;
  added.time = time;
  added.player = what.player;
  added.ordinal = what.ordinal;
  if (!what.request_id.empty())
    added.request = request_key{hash_request(what.source, what.request_id), what.player_hash};
  const auto* changes = batch.changes.data() + batch.changes.size();
  batch.changes.insert(batch.changes.end(), what.changes.begin(), what.changes.end());
  added.changes = {changes, what.changes.size()};
  if (what.revshare) added.earned = what.revshare->earned;
  batch.movements.push_back(added);
  return batch.movements.size() == tail::batch_max ? flush() : std::nullopt;
}

std::optional<contradiction> view_state::join(timestamp time, const movement_recorded& what) {
  switch (what.joined) {
  case profile_change::none: return std::nullopt;
  case profile_change::created: return add_player(what.profile);
  case profile_change::attributed:
    // What the player did before is still in the batch, and must not come after this.
    if (auto problem = flush()) return problem;
    active->content.attribute(what.profile, time);
    return std::nullopt;
  }
  return std::nullopt;
}

std::optional<contradiction> view_state::flush() {
  if (batch.movements.empty()) return std::nullopt;
  const auto held = current();
  const auto* older = held->frozen ? &held->frozen->content : nullptr;
  auto problem = active->content.record(batch.movements, older);
  batch.movements.clear();
  batch.changes.clear();
  return problem;
}

std::optional<contradiction> view_state::take(sequence, timestamp, const player_registered& what) {
  return add_player(what.profile);
}

std::optional<contradiction> view_state::add_player(const player_profile& who) {
  if (auto problem = active->content.add_player(who, hash_player(who.brand, who.external_id))) return problem;
  players.fetch_add(1, std::memory_order_relaxed);
  next_registered = std::max(next_registered, who.number.value + 1);
  auto drawn = next_player.load(std::memory_order_relaxed);
  while (drawn < next_registered && !next_player.compare_exchange_weak(drawn, next_registered)) {
  }
  return std::nullopt;
}

std::optional<contradiction> view_state::take(sequence, timestamp time, const player_attributed& what) {
  active->content.attribute(what.profile, time);
  return std::nullopt;
}

std::optional<contradiction> view_state::take(sequence, timestamp, const click_tracked&) {
  return std::nullopt; // clicks are found by the sequence in their ids
}

// What happens to accounts, and what was shown, is followed by those who keep books of it.
std::optional<contradiction> view_state::take(sequence, timestamp, const impressions_counted&) {
  return std::nullopt;
}
std::optional<contradiction> view_state::take(sequence, timestamp, const account_adjusted&) {
  return std::nullopt;
}
std::optional<contradiction> view_state::take(sequence, timestamp, const account_closed&) {
  return std::nullopt;
}
std::optional<contradiction> view_state::take(sequence, timestamp, const settlement_recorded&) {
  return std::nullopt;
}
std::optional<contradiction> view_state::take(sequence, timestamp, const settlement_status_recorded&) {
  return std::nullopt;
}
std::optional<contradiction> view_state::take(sequence, timestamp, const settlement_deletion_recorded&) {
  return std::nullopt;
}

std::optional<contradiction> view_state::take(sequence, timestamp, const workspace_changed& what) {
  active->workspace.insert_or_assign(place_of(what.after), what.after);
  workspace_changes.push_back(what.after);
  return std::nullopt;
}

// The workspace is copied once a group, however many of its objects changed.
void view_state::publish_workspace() {
  if (workspace_changes.empty()) return;
  auto next = std::make_shared<workspace>(*published_workspace);
  for (auto& object : workspace_changes) std::visit([&](auto& value) { next->put(std::move(value)); }, object);
  workspace_changes.clear();
  const std::lock_guard lock(workspace_lock);
  published_workspace = std::move(next);
}

void committed_view::apply(sequence first, timestamp time, std::span<const std::string_view> records) {
  auto& view = *state_;
  CROUPIER_ASSERT(first.value == view.durable.load(std::memory_order_relaxed) + 1,
                  "a group does not follow the newest applied entry");
  auto at = first;
  for (const auto record : records) {
    const auto decoded = decode_committed(at, time, record);
    CROUPIER_ASSERT(decoded.has_value(), "a record that was just encoded does not decode");
    require(view.apply(*decoded));
    ++at.value;
  }
  require(view.flush());
  view.publish_workspace();
  view.announce({at.value - 1});
}

// ---- checkpointing

void view_state::freeze_at(const position& end) {
  auto frozen = active;
  frozen->marks.valid_for = end;
  frozen->marks.next_player_number = next_registered;
  frozen->marks.player_count = players.load(std::memory_order_relaxed);
  active = std::make_shared<generation>(end.last, &frozen->content);
  active_base.store(end.last.value, std::memory_order_relaxed);
  publish(generations{active, std::move(frozen)});
}

bool committed_view::freeze() {
  auto& view = *state_;
  const auto newest = view.durable.load(std::memory_order_relaxed);
  if (view.current()->frozen || newest == view.active_base.load(std::memory_order_relaxed)) return false;
  const auto end = view.log.last_position();
  CROUPIER_ASSERT(end.last.value == newest, "the tail is frozen before everything durable was applied");
  view.freeze_at(end);
  return true;
}

result<done, storage_error> view_state::write_frozen() {
  const auto held = current();
  if (!held->frozen) return done{};
  const auto& frozen = *held->frozen;
  checkpoint_run run;
  run.valid_for = frozen.marks.valid_for;
  run.next_player_number = frozen.marks.next_player_number;
  run.player_count = frozen.marks.player_count;
  frozen.content.collect(run);
  for (const auto& [number, object] : frozen.workspace) run.workspace.push_back(object);
  auto written = checkpoints.write(run);
  if (!written) return written;
  // The writer never replaces the active generation while there is a frozen one, so `held` is still what is published.
  publish(generations{held->active, nullptr});
  checkpointed.store(run.valid_for.last.value, std::memory_order_release);
  return done{};
}

result<done, storage_error> committed_view::write_frozen() {
  return state_->write_frozen();
}

std::uint64_t committed_view::tail_entries() const noexcept {
  const auto base = state_->active_base.load(std::memory_order_relaxed);
  const auto newest = state_->durable.load(std::memory_order_acquire);
  return newest > base ? newest - base : 0;
}

sequence committed_view::checkpoint_sequence() const noexcept {
  return {state_->checkpointed.load(std::memory_order_acquire)};
}

// ---- reading

void view_state::publish(generations next) {
  auto published = std::make_shared<const generations>(std::move(next));
  // Swapped, so that a generation is never freed under the lock.
  const std::lock_guard lock(generations_lock);
  held_generations.swap(published);
}

std::shared_ptr<const generations> view_state::current() const {
  const std::lock_guard lock(generations_lock);
  return held_generations;
}

// The sequence is taken first: whatever is frozen or checkpointed afterwards, everything up to it is in the generations
// that are taken second, or on disk below their base.
snapshot view_state::look() const {
  const sequence upto{durable.load(std::memory_order_acquire)};
  return {upto, current()};
}

std::optional<player_state> view_state::player(const generations& held, player_number number) const {
  const auto newest = held.active->content.player(number);
  player_state found;
  if (!newest || !newest->profile || newest->profile->registered_entry <= held.active->content.base()) {
    const auto before = player_before_active(held, number);
    if (before == nullptr && !newest) return std::nullopt;
    if (before == nullptr) throw not_in_checkpoint(number, newest->last_entry);
    found = *before;
  }
  if (newest) overlay(found, *newest);
  return found;
}

player_cache::shared_state view_state::player_before_active(const generations& held, player_number number) const {
  const auto end = held.active->content.base();
  const auto kept = recent.find(number, held.base());
  if (kept.state != nullptr && kept.whole_to >= end) return kept.state;
  const auto frozen = held.frozen ? held.frozen->content.player(number) : std::nullopt;
  auto made = std::make_shared<player_state>();
  if (kept.state != nullptr) {
    *made = *kept.state;
  } else if (!frozen || !frozen->profile || frozen->profile->registered_entry <= held.base()) {
    auto on_disk = checkpoints.player(number);
    if (!on_disk && !frozen) return nullptr;
    if (!on_disk) throw not_in_checkpoint(number, frozen->last_entry);
    *made = std::move(*on_disk);
  }
  if (frozen) overlay(*made, *frozen);
  recent.keep(end, made);
  return made;
}

std::optional<sequence> view_state::find_request(const generations& held, const request_key& wanted) const {
  if (const auto found = held.active->content.find_request(wanted)) return found;
  if (held.frozen)
    if (const auto found = held.frozen->content.find_request(wanted)) return found;
  return checkpoints.find_request(wanted);
}

std::uint64_t view_state::hash_player(brand_number brand, std::string_view external_id) const noexcept {
  return hash_of_player(key, brand, external_id);
}

std::uint64_t view_state::hash_request(dialect source, std::string_view request_id) const noexcept {
  return hash_of_request(key, source, request_id);
}

void view_state::announce(sequence newest) {
  durable.store(newest.value); // in one order with `watchers`: either this is seen by who waits, or the watcher here
  if (watchers.load() == 0) return;
  { const std::lock_guard lock(bell_lock); }
  bell.notify_all();
}

sequence committed_view::wait_beyond(sequence seen, std::chrono::steady_clock::time_point until) const {
  auto& view = *state_;
  if (durable() > seen) return durable();
  std::unique_lock lock(view.bell_lock);
  view.watchers.fetch_add(1);
  view.bell.wait_until(lock, until, [&] { return view.durable.load() > seen.value; });
  view.watchers.fetch_sub(1);
  return durable();
}

sequence committed_view::durable() const noexcept {
  return {state_->durable.load(std::memory_order_acquire)};
}

std::shared_ptr<const workspace> committed_view::current_workspace() const {
  const std::lock_guard lock(state_->workspace_lock);
  return state_->published_workspace;
}

const folder_key& committed_view::key() const noexcept {
  return state_->key;
}

std::uint64_t committed_view::player_hash(brand_number brand, std::string_view external_id) const noexcept {
  return state_->hash_player(brand, external_id);
}

std::uint64_t committed_view::request_hash(dialect source, std::string_view request_id) const noexcept {
  return state_->hash_request(source, request_id);
}

std::optional<player_number> committed_view::find_player(brand_number brand, std::string_view external_id) const {
  const auto hash = state_->hash_player(brand, external_id);
  const auto held = state_->current();
  if (const auto found = held->active->content.find_player(hash, brand, external_id)) return found;
  if (held->frozen)
    if (const auto found = held->frozen->content.find_player(hash, brand, external_id)) return found;
  if (const auto found = state_->recent.find_name(hash, brand, external_id)) return found;
  const auto found = state_->checkpoints.find_player(brand, external_id);
  if (found) state_->recent.keep_name(hash, brand, external_id, *found);
  return found;
}

std::optional<player_state> committed_view::player(player_number number) const {
  return state_->player(*state_->current(), number);
}

std::optional<sequence> committed_view::find_request(std::uint64_t request_hash, std::uint64_t player_hash) const {
  return state_->find_request(*state_->current(), {request_hash, player_hash});
}

std::vector<std::optional<sequence>> committed_view::find_requests(std::span<const request_key> wanted) const {
  const auto held = state_->current();
  std::vector<std::optional<sequence>> found(wanted.size());
  std::vector<request_key> on_disk; // or nowhere
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    found[i] = held->active->content.find_request(wanted[i]);
    if (!found[i] && held->frozen) found[i] = held->frozen->content.find_request(wanted[i]);
    if (found[i]) continue;
    on_disk.push_back(wanted[i]);
    places.push_back(i);
  }
  std::vector<std::optional<sequence>> there(on_disk.size());
  state_->checkpoints.find_each_request(on_disk, there);
  for (std::size_t i = 0; i < there.size(); ++i) found[places[i]] = there[i];
  return found;
}

stored_entry committed_view::entry_at(sequence at) const {
  return state_->log.read(at);
}

void committed_view::scan_up(sequence from, const journal::visitor& visit) const {
  const auto last = durable();
  if (from > last) return;
  // The journal may be ahead of what was applied.
  state_->log.scan_up(from, [&](const committed_entry& entry, std::string_view record) {
    return entry.at <= last && visit(entry, record) && entry.at < last;
  });
}

void committed_view::scan_down(sequence from, const journal::visitor& visit) const {
  const auto last = std::min(from, durable());
  if (last.value != 0) state_->log.scan_down(last, visit);
}

std::uint64_t committed_view::player_count() const noexcept {
  return state_->players.load(std::memory_order_acquire);
}

player_number committed_view::draw_player_number() noexcept {
  return {state_->next_player.fetch_add(1, std::memory_order_relaxed)};
}

} // namespace croupier::persistence
