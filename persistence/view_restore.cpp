#include "persistence/view_state.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace croupier::persistence {

namespace {

constexpr std::uint64_t progress_interval = 10'000;

/// A replay longer than this writes checkpoints on its way, so that the tail's memory stays bounded.
constexpr std::uint64_t replayed_tail_max = 1'000'000;

/// Held against the checkpoint together, some hundred bytes each.
constexpr std::size_t first_touches_max = 1 << 16;

storage_error corrupt(sequence at, const std::string& what) {
  return {storage_errc::corrupt, "entry " + std::to_string(at.value) + ": " + what, at};
}

} // namespace

result<done, storage_error> committed_view::restore(const replay_progress& progress) {
  auto& view = *state_;
  try {
    const auto end = view.log.last_position();
    const auto head = view.checkpoints.head();
    if (auto problem = view.load_head(head, end)) return *problem;
    if (auto problem = view.replay(head.valid_for, end, progress)) return *problem;
    view.publish_workspace();
    view.durable.store(end.last.value, std::memory_order_release);
    return done{};
  } catch (const storage_failure& failure) {
    return failure.error();
  }
}

std::optional<storage_error> view_state::load_head(const checkpoint_head& head, const position& end) {
  const auto& valid_for = head.valid_for;
  if (valid_for.last > end.last)
    return storage_error{storage_errc::corrupt,
                         "the checkpoint is valid for entry " + std::to_string(valid_for.last.value) +
                             " but the journal ends at entry " + std::to_string(end.last.value) +
                             ": the journal has lost its end",
                         sequence{end.last.value + 1}};
  if (valid_for.last.value != 0 && log.page_end(valid_for.last) != valid_for)
    return corrupt(valid_for.last, "the checkpoint was made from another journal: the hash chains differ");

  active = std::make_shared<generation>(valid_for.last);
  publish(generations{active, nullptr});
  active_base.store(valid_for.last.value, std::memory_order_relaxed);
  checkpointed.store(valid_for.last.value, std::memory_order_release);
  next_registered = head.next_player_number;
  next_player.store(head.next_player_number, std::memory_order_relaxed);
  players.store(head.player_count, std::memory_order_release);
  workspace_changes = head.workspace;
  return std::nullopt;
}

std::optional<storage_error> view_state::replay(const position& from, const position& end,
                                                const replay_progress& progress) {
  auto reached = from;
  sequence stop;
  std::optional<storage_error> problem;
  const auto visit = [&](const committed_entry& entry, std::string_view) {
    if (entry.at.value != reached.last.value + 1)
      problem = corrupt({reached.last.value + 1}, "it is missing from the journal");
    else if (entry.time < reached.time)
      problem = corrupt(entry.at, "it is earlier than the entry before it");
    else if (const auto found = replay_entry(entry))
      problem = corrupt(found->at, found->what);
    if (problem) return false;
    reached.last = entry.at;
    reached.time = entry.time;
    if (std::holds_alternative<movement_recorded>(entry.what)) ++reached.movement_count;
    if (progress && reached.last.value % progress_interval == 0) progress(reached.last, end.last);
    return reached.last < stop;
  };
  while (reached.last < end.last) {
    const auto replayed_to = active->content.base().value + replayed_tail_max;
    const auto due = replayed_to < end.last.value ? log.page_end({replayed_to}) : end;
    stop = due.last;
    log.scan_up({reached.last.value + 1}, visit);
    if (const auto found = check_first_touches()) problem = corrupt(found->at, found->what); // it is the earlier one
    if (problem) return problem;
    if (reached.last != stop) return corrupt({reached.last.value + 1}, "it is missing from the journal");
    if (reached.movement_count != due.movement_count)
      return corrupt(reached.last, "the journal counts other movements up to here than it holds");
    if (stop == end.last) break;
    freeze_at(due);
    if (auto written = write_frozen(); !written) return written.error();
  }
  if (progress) progress(reached.last, end.last);
  return std::nullopt;
}

std::optional<contradiction> view_state::replay_entry(const committed_entry& entry) {
  const auto* movement = std::get_if<movement_recorded>(&entry.what);
  if (movement == nullptr) return apply(entry);
  if (movement->joined != profile_change::created) note_first_touch(*movement, entry.at);
  if (first_touches.size() >= first_touches_max)
    if (auto problem = check_first_touches()) return problem;
  if (auto problem = apply(entry)) return problem;
  if (auto problem = flush()) return problem;
  return movement->frame ? check_frame(*movement, entry.at) : std::nullopt;
}

// The tail itself checks what it can tell by what it holds.
void view_state::note_first_touch(const movement_recorded& movement, sequence at) {
  const auto& known = active->content;
  first_touch touch{movement.player, at, std::nullopt, {}};
  if (!known.known_count(movement.player)) touch.ordinal = movement.ordinal;
  for (const auto& change : movement.changes)
    if (!known.known_balance(movement.player, change.metric)) touch.changes.push_back(change);
  if (touch.ordinal || !touch.changes.empty()) first_touches.push_back(std::move(touch));
}

namespace {

std::optional<contradiction> contradiction_of(const first_touch& touch, const std::optional<player_state>& before) {
  if (!before) return contradiction{touch.at, "its player was never registered"};
  if (touch.ordinal && *touch.ordinal != before->movement_count + 1)
    return contradiction{touch.at, "the ordinal does not follow the player's last one"};
  for (const auto& change : touch.changes)
    if (before->balance_of(change.metric).plus(change.delta) != change.balance_after)
      return contradiction{touch.at, "the balance is not what the change makes of the balance before"};
  return std::nullopt;
}

} // namespace

std::optional<contradiction> view_state::check_first_touches() {
  // In the order of the players: reading them one by one as they come took most of a start's time.
  auto touches = std::exchange(first_touches, {});
  std::sort(touches.begin(), touches.end(),
            [](const auto& one, const auto& other) { return one.player < other.player; });
  std::vector<player_number> numbers;
  for (const auto& touch : touches)
    if (numbers.empty() || numbers.back() != touch.player) numbers.push_back(touch.player);
  std::optional<contradiction> first;
  auto touch = touches.begin();
  checkpoints.each_player(numbers, [&](std::size_t i, const std::optional<player_state>& before) {
    for (; touch != touches.end() && touch->player == numbers[i]; ++touch) {
      const auto found = contradiction_of(*touch, before);
      if (found && (!first || found->at < first->at)) first = found;
    }
  });
  return first;
}

std::optional<contradiction> view_state::check_frame(const movement_recorded& movement, sequence at) const {
  const auto now = player(*current(), movement.player);
  if (!now || now->balances != movement.frame->balances || now->revshare_total != movement.frame->revshare_total)
    return contradiction{at, "its key frame is not the sum of the player's movements"};
  return std::nullopt;
}

} // namespace croupier::persistence
