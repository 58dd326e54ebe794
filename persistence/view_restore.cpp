#include "persistence/view_state.hpp"

#include <algorithm>
#include <string>

namespace croupier::persistence {

namespace {

constexpr std::uint64_t progress_interval = 10'000;

/// A replay longer than this writes checkpoints on its way, so that the tail's memory stays bounded.
constexpr std::uint64_t replayed_tail_max = 1'000'000;

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
  if (movement->joined != profile_change::created)
    if (auto problem = check_with_disk(*movement, entry.at)) return problem;
  if (auto problem = apply(entry)) return problem;
  if (auto problem = flush()) return problem;
  return movement->frame ? check_frame(*movement, entry.at) : std::nullopt;
}

// Checks the first touch of a player or a balance against the checkpoint; the tail itself checks the rest.
std::optional<contradiction> view_state::check_with_disk(const movement_recorded& movement, sequence at) const {
  const auto& known = active->content;
  const auto is_unknown = [&](const metric_change& change) {
    return !known.known_balance(movement.player, change.metric);
  };
  const bool count_unknown = !known.known_count(movement.player);
  if (!count_unknown && std::none_of(movement.changes.begin(), movement.changes.end(), is_unknown)) return std::nullopt;

  auto before = checkpoints.player(movement.player);
  if (!before) return contradiction{at, "its player was never registered"};
  if (count_unknown && movement.ordinal != before->movement_count + 1)
    return contradiction{at, "the ordinal does not follow the player's last one"};
  for (const auto& change : movement.changes) {
    if (!is_unknown(change)) continue;
    if (before->balance_of(change.metric).plus(change.delta) != change.balance_after)
      return contradiction{at, "the balance is not what the change makes of the balance before"};
    before->set_balance(change.metric, change.balance_after);
  }
  return std::nullopt;
}

std::optional<contradiction> view_state::check_frame(const movement_recorded& movement, sequence at) const {
  const auto now = player(*current(), movement.player);
  if (!now || now->balances != movement.frame->balances || now->revshare_total != movement.frame->revshare_total)
    return contradiction{at, "its key frame is not the sum of the player's movements"};
  return std::nullopt;
}

} // namespace croupier::persistence
