#pragma once

#include "persistence/committed_view.hpp"
#include "persistence/player_cache.hpp"
#include "persistence/tail.hpp"
#include "persistence/workspace_objects.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace croupier::persistence {

/// What the parts of a checkpoint that are no tail were when a generation was frozen.
struct frozen_marks {
  position valid_for;
  std::uint64_t next_player_number = 1;
  std::uint64_t player_count = 0;
};

struct generation {
  explicit generation(sequence base, const tail* like = nullptr) : content(base, like) {}

  tail content;
  /// Changed since, newest form. The writer's, then the checkpointer's.
  std::map<object_place, workspace_changed::object> workspace;
  frozen_marks marks; ///< set by freeze
};

/// The generations that a reader looks at together: everything after `base` is in them, everything up to it on disk.
/// The disk may already hold the frozen one, too.
struct generations {
  std::shared_ptr<generation> active;
  std::shared_ptr<generation> frozen; ///< nullptr: none

  sequence base() const noexcept { return (frozen ? frozen : active)->content.base(); }
};

/// What one query sees: every entry up to `upto`, wherever it is kept. Entries after `upto` may or may not be there.
struct snapshot {
  sequence upto;
  std::shared_ptr<const generations> held;
};

/// The movements of a batch on their way into the tail. Flat, because the decoded form of a movement is large.
struct movement_batch {
  std::vector<tail_movement> movements;
  std::vector<metric_change> changes; ///< of all of them; reserved, so that spans into it stay
};

/// A movement that is the first of its player, or of one of its balances, in the tail: what it says of before must be
/// what the checkpoint has.
struct first_touch {
  player_number player;
  sequence at;
  std::optional<std::uint64_t> ordinal; ///< when it is the player's first
  std::vector<metric_change> changes;   ///< of balances that nothing before it in the tail has
};

/// What is behind a committed_view, for the files that implement it.
struct view_state {
  view_state(const folder_key& secret, journal& truth, checkpoint_store& disk);

  // Writing, by the writer's thread.
  std::optional<contradiction> apply(const committed_entry& entry);
  std::optional<contradiction> take(sequence at, timestamp time, const player_registered& what);
  std::optional<contradiction> take(sequence at, timestamp time, const player_attributed& what);
  std::optional<contradiction> take(sequence at, timestamp time, const movement_recorded& what);
  std::optional<contradiction> take(sequence at, timestamp time, const click_tracked& what);
  std::optional<contradiction> take(sequence at, timestamp time, const workspace_changed& what);
  std::optional<contradiction> take(sequence at, timestamp time, const impressions_counted& what);
  std::optional<contradiction> take(sequence at, timestamp time, const account_adjusted& what);
  std::optional<contradiction> take(sequence at, timestamp time, const account_closed& what);
  std::optional<contradiction> take(sequence at, timestamp time, const settlement_recorded& what);
  std::optional<contradiction> take(sequence at, timestamp time, const settlement_status_recorded& what);
  std::optional<contradiction> take(sequence at, timestamp time, const settlement_deletion_recorded& what);
  /// Takes in what a movement changed of who its player is.
  std::optional<contradiction> join(timestamp time, const movement_recorded& what);
  std::optional<contradiction> add_player(const player_profile& who);
  std::optional<contradiction> flush();
  void publish_workspace();
  void freeze_at(const position& end);

  // Checkpointing, by the checkpointer's thread.
  result<done, storage_error> write_frozen();

  // Restoring: view_restore.cpp.
  std::optional<storage_error> load_head(const checkpoint_head& head, const position& end);
  std::optional<storage_error> replay(const position& from, const position& end, const replay_progress& progress);
  std::optional<contradiction> replay_entry(const committed_entry& entry);
  void note_first_touch(const movement_recorded& movement, sequence at);
  /// Holds those that were noted since the last time against the checkpoint; the first one that it contradicts.
  std::optional<contradiction> check_first_touches();
  std::optional<contradiction> check_frame(const movement_recorded& movement, sequence at) const;

  // Reading, from any thread.
  snapshot look() const;
  std::shared_ptr<const generations> current() const;
  void publish(generations next);
  /// Makes everything up to `newest` visible, and wakes those who wait for it.
  void announce(sequence newest);
  std::uint64_t hash_player(brand_number brand, std::string_view external_id) const noexcept;
  std::uint64_t hash_request(dialect source, std::string_view request_id) const noexcept;
  std::optional<player_state> player(const generations& held, player_number number) const;
  /// The player as of the end of the frozen generation, or of the checkpoint where there is none; nullptr: not there.
  player_cache::shared_state player_before_active(const generations& held, player_number number) const;
  std::optional<sequence> find_request(const generations& held, const request_key& wanted) const;
  /// Adds the sequences of all movements with the request hash to `out`, some of them possibly twice.
  void find_requests(const generations& held, std::uint64_t request_hash, std::vector<sequence>& out) const;
  /// Adds up to `most` of the player's history rows with `at` < `before` to `out`, newest first, from all sources.
  void history_down(const generations& held, player_number number, sequence before, std::size_t most,
                    std::vector<history_row>& out) const;
  /// The player's number of movements at or before `at`.
  std::uint64_t movements_of(const generations& held, player_number number, sequence at) const;

  folder_key key;
  journal& log;
  checkpoint_store& checkpoints;
  mutable player_cache recent; ///< what was read lately

  std::atomic<std::uint64_t> durable{0};
  std::atomic<std::uint32_t> watchers{0}; ///< threads in `wait_beyond`
  std::mutex bell_lock;
  std::condition_variable bell;
  std::atomic<std::uint64_t> active_base{0};
  std::atomic<std::uint64_t> checkpointed{0};
  std::atomic<std::uint64_t> next_player{1}; ///< drawn by registrations
  std::atomic<std::uint64_t> players{0};

  mutable std::mutex generations_lock; ///< held to copy or replace the pointer only
  std::shared_ptr<const generations> held_generations;

  mutable std::mutex workspace_lock; ///< likewise
  std::shared_ptr<const workspace> published_workspace;

  // The writer's own.
  std::shared_ptr<generation> active;
  std::uint64_t next_registered = 1; ///< one above the greatest player number that is durable
  movement_batch batch;
  std::vector<workspace_changed::object> workspace_changes; ///< of the group that is being applied
  std::vector<first_touch> first_touches;                   ///< while restoring
};

} // namespace croupier::persistence
