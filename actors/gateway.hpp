#pragma once

#include "engine/entry.hpp"
#include "engine/ids.hpp"
#include "engine/movement.hpp"
#include "engine/rejection.hpp"
#include "engine/result.hpp"
#include "engine/timestamp.hpp"
#include "engine/workspace.hpp"
#include "persistence/committed_view.hpp"
#include "persistence/rocksdb_store.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace croupier::actors {

/// The entry is durable (or written, with durability "async").
struct receipt {
  sequence at;
  timestamp time;
  std::string record = {}; ///< of movements and registrations: the entry as it was journalled, for `entry_of`
};

/// The entry that a receipt of a movement or of a registration tells of, without reading the journal. Views in it point
/// into the receipt.
committed_entry entry_of(const receipt& done);

/// A business no. Nothing was changed.
struct refusal {
  rejection why{};
  sequence original; ///< with request_duplicate: the durable entry that carries the request id; otherwise 0
};

/// Broken machinery or a limit of ours. Values are metric labels: do not change them.
enum class failure : std::uint8_t {
  overloaded = 1,          ///< too much is in flight; nothing was applied; try again shortly
  journal_unavailable = 2, ///< the disk refused; nothing was applied
  deadline_passed = 3,     ///< the outcome is unknown; repeating with the same request id is safe
  stopping = 4             ///< the ledger is stopping; nothing was applied
};

using outcome = std::variant<receipt, refusal, failure>;

/// A change of one trait of a player.
struct trait_update {
  std::string name;
  std::string value; ///< JSON text; empty: unset it
};

/// What makes a movement an event. The player need not exist: an event brings it into being, unattributed or not.
struct event_request {
  std::string name;
  timestamp occurred_at;
  std::string country;
  std::vector<trait_update> traits;
  /// The event may attribute its player: to this click, if it is one of ours and within the brand's window at
  /// `occurred_at`, and the player is unattributed and has made no deposit. Otherwise it is recorded all the same.
  std::optional<uuid> click;
};

/// A movement as a dialect understood it: well-formed, not yet judged.
struct movement_request {
  brand_number brand; ///< 0: the brand is unknown (or not visible to the key); answered player_unknown
  std::string external_id;
  dialect source = dialect::trackdesk;
  std::string request_id;                               ///< empty: none
  std::string payload;                                  ///< the body byte for byte, kept for ever
  metric_updates updates;                               ///< of distinct metrics; 1 to 20, of an event also none
  bool opening = false;                                 ///< balances carried over from elsewhere: nothing is earned
  std::shared_ptr<const event_request> event = nullptr; ///< none: a plain movement, whose player must exist
};

/// A registration that names the click which brought the player.
struct registration_request {
  brand_number brand; ///< 0: unknown; answered brand_unknown
  std::string external_id;
  uuid click; ///< an id that is not of a click of ours is answered click_unknown
  std::string payload;
};

struct click_request {
  link_number link; ///< an enabled link of the workspace
  std::string ip;
  std::string user_agent;
  std::array<std::string, 5> sub_ids;
  bool unique = true;
  bool bot = false;
};

/// What became of the storage, for the log of whoever runs the process.
enum class storage_event : std::uint8_t {
  failed,    ///< of the journal or a checkpoint: the text says how, and what to do about it
  back,      ///< what had failed is written again
  unreadable ///< a read failed: the text says of what, and what to do about it
};

struct gateway_options {
  std::size_t in_flight_max = 8192;             ///< movements accepted and not yet answered, in the whole process
  std::size_t awake_players_max = 200'000;      ///< beyond it the longest idle are passivated
  std::chrono::seconds idle_after{300};         ///< a player without messages for this long is passivated
  std::uint64_t checkpoint_entries = 131'072;   ///< a tail of this many entries is written as a checkpoint
  std::chrono::seconds checkpoint_after{60};    ///< a non-empty tail this old is, too
  std::chrono::milliseconds sync_interval{100}; ///< with durability "async": how often the journal is synced
  persistence::durability mode = persistence::durability::sync;
  std::function<timestamp()> now; ///< the time that new entries get; empty: the wall clock
  std::size_t worker_threads = 2; ///< of the actor system, for what no caller's thread runs
  /// Told once for each different failure of an outage, and of failed reads at most once a second, on any thread; does
  /// not throw. May be empty.
  std::function<void(storage_event what, const std::string& text)> on_storage_event{};
};

/// A latency histogram with fixed bounds, for /metrics. `counts[i]` is the number at or below `bounds_us[i]`, not
/// cumulative; the last one is everything above.
struct latency_figures {
  static constexpr std::array<std::uint32_t, 16> bounds_us{50,      100,       250,       500,       1'000,   2'500,
                                                           5'000,   10'000,    25'000,    50'000,    100'000, 250'000,
                                                           500'000, 1'000'000, 2'500'000, 10'000'000};
  std::array<std::uint64_t, 17> counts{};
  std::uint64_t sum_us = 0;
};

/// A reading of the counters, for /metrics and /readyz. Each figure is exact; together they are not one instant.
struct ledger_figures {
  std::uint64_t movements_accepted = 0;
  std::uint64_t movements_duplicate = 0;
  std::array<std::uint64_t, 16> movements_rejected{}; ///< by value of `rejection`
  std::array<std::uint64_t, 8> failures{};            ///< by value of `failure`
  std::uint64_t registrations = 0;
  std::uint64_t clicks = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t awake_players = 0;
  std::uint64_t players_woken = 0;
  std::uint64_t players_passivated = 0;
  std::uint64_t commits = 0; ///< groups made durable
  std::uint64_t entries_committed = 0;
  latency_figures sync_latency; ///< of one group: write and sync
  std::uint64_t journal_sequence = 0;
  std::uint64_t checkpoint_sequence = 0;
  std::uint64_t tail_entries = 0;
  std::uint64_t checkpoints_written = 0;
  std::uint64_t checkpoint_errors = 0;
  std::uint64_t journal_errors = 0;
  std::uint64_t read_errors = 0;
  std::uint64_t player_count = 0;
};

/// Whether the ledger takes writes, and if not, why (one line).
struct readiness {
  bool writable = false;
  std::string reason;
};

/// A group of movements on its way. It is to be waited for: a movement whose look-up grew old on the way is only sent
/// again by `wait`, so one that is dropped unwaited may be left undone.
class submission {
public:
  submission();
  ~submission();
  submission(submission&&) noexcept;
  submission& operator=(submission&&) noexcept;

  /// Blocks until every movement of the group is answered or the deadline has passed; what is unanswered then reads
  /// failure::deadline_passed. `outcomes[i]` is that of the i-th movement.
  std::vector<outcome> wait(std::chrono::steady_clock::time_point deadline);

  /// For callers that have better things to do than to sleep: true when every movement is answered, so that `wait`
  /// returns at once. Otherwise `wake` will be called once, by the journal writer or whoever answers last, when it is
  /// worth asking again: it must be quick and must not throw. May read the disk.
  bool ready_or_call(const std::function<void()>& wake);

private:
  friend class gateway;
  struct state;
  explicit submission(std::shared_ptr<state> content);
  std::shared_ptr<state> state_;
};

/// The face of the actors for everyone who is not one: plain C++ in, plain C++ out, no CAF.
///
/// Purpose: records movements, registrations, clicks and workspace changes, each exactly once and durable before it is
///   answered; gives access to what is durable.
/// Operation: the calling thread looks up what the decision needs from disk, then runs the brand's and the player's
///   actors itself and sleeps until the journal writer has committed (see ARCHITECTURE.md, "The way of one movement").
/// Concurrency: every member from any thread, except `stop`, which is called once, when no other call will start.
/// Limitations: `in_flight_max` bounds what is accepted and unanswered; beyond it calls answer failure::overloaded.
class gateway {
public:
  /// The store and view must outlive the gateway; the view is restored. Begins the store's upkeep, starts the actors.
  gateway(persistence::rocksdb_store& store, persistence::committed_view& view, const gateway_options& options);
  ~gateway();
  gateway(const gateway&) = delete;
  gateway& operator=(const gateway&) = delete;

  using deadline = std::chrono::steady_clock::time_point;

  /// Sends a group of movements on its way; those of one player keep their order within the group and with earlier
  /// calls of the same thread. Answers overloaded for all of it when the group does not fit into what may be in flight.
  submission submit(std::vector<movement_request> requests);
  /// Sends registrations on their way, each on its own.
  submission submit(std::vector<registration_request> requests);
  /// Sends a click on its way. Its id is made from the receipt's sequence.
  submission submit(click_request request);
  /// Sends facts that need no player on their way, all or nothing, in one group: what happens to accounts, impressions.
  /// Whoever decided them sees to it that they still hold when they are committed.
  submission submit(std::span<const entry> facts);

  /// The same for one request, and waits for its answer.
  template<class Request>
  outcome record(Request request, deadline until);

  /// Changes objects of the workspace, all or nothing, in one group. The caller has validated them in order
  /// (`workspace::problem_with`); changes are serialised among themselves. The published workspace has them when this
  /// answers a receipt (of the last change).
  outcome change_workspace(std::vector<workspace_changed::object> objects, std::string who, deadline until);

  /// Sees the newest workspace and gives the objects to put, validated in order; nothing or none: there is nothing to
  /// change. Must be quick: other changes wait meanwhile.
  using workspace_decision =
      std::function<std::optional<std::vector<workspace_object>>(const workspace& newest, timestamp now)>;

  /// The same for objects that are decided on while no other change can come between. Nothing when nothing was to be
  /// changed. When the deadline passes, the next change waits until the outcome of this one is known.
  std::optional<outcome> change_workspace(const workspace_decision& decide, std::string who, deadline until);

  /// What is durable. Its reads throw persistence::storage_failure.
  const persistence::committed_view& view() const noexcept;
  /// For whoever catches one and answers its caller: whoever runs the process is to know, too.
  void note_unreadable(const persistence::storage_error& why) const;

  ledger_figures figures() const;
  persistence::store_figures disk_figures() const;
  readiness ready() const;
  persistence::durability durability() const noexcept;

  /// Stops taking calls, waits for what is in flight, writes a last checkpoint and marks the stop as orderly.
  /// About as long as one checkpoint takes.
  result<done, persistence::storage_error> stop();

private:
  struct state;
  std::unique_ptr<state> state_;
};

template<class Request>
outcome gateway::record(Request request, deadline until) {
  if constexpr (std::is_same_v<Request, click_request>) {
    return submit(std::move(request)).wait(until).front();
  } else {
    std::vector<Request> one;
    one.push_back(std::move(request));
    return submit(std::move(one)).wait(until).front();
  }
}

} // namespace croupier::actors
