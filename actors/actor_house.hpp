#pragma once

#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "actors/lane.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace croupier::actors {

/// How the actors of a house are run.
struct actor_runtime {
  std::function<timestamp()> now; ///< what new entries get as their time
  /// Nothing runs by itself: actors, also the journal writer, run one by one as a test resumes them through the
  /// system's test coordinator. Callers must not wait for answers but look for them.
  bool stepped = false;
};

/// The real thing: threads and the wall clock.
actor_runtime threaded_runtime();

/// The actor system of one ledger and how callers' threads get postings into it.
///
/// Purpose: owns the actors; sends batches; does for them what they may not do themselves, which is to read the disk.
/// Operation: a batch is looked up (request ids), counted in, and routed by the brands' shards on the calling thread's
///   lane. Postings that come back `player_asleep` or `look_again` are read up on and sent again, in their order.
/// Concurrency: any thread; `stop` once.
class actor_house {
public:
  using deadline = std::chrono::steady_clock::time_point;

  actor_house(persistence::journal& log, persistence::committed_view& view, const gateway_options& options,
              actor_runtime runtime = threaded_runtime());
  ~actor_house();
  actor_house(const actor_house&) = delete;
  actor_house& operator=(const actor_house&) = delete;

  /// Whoever makes postings without movements sets what each asks.
  batch_ptr make_batch(std::size_t size);
  batch_ptr make_batch(std::vector<movement_request> movements);
  /// One posting of facts that need no player, all or nothing; not empty (CROUPIER_ASSERT).
  batch_ptr make_batch(std::span<const entry> facts);

  /// Counts in, looks up and routes a batch of movements and registrations, or hands direct records to the journal.
  /// When it has more than one, every one is with its player, or answered, when this returns, so that a later batch of
  /// the same thread cannot overtake it.
  void send(const batch_ptr& batch);

  /// Sends again what came back unfinished from an answered batch. False when nothing did.
  bool send_unfinished(const batch_ptr& batch);

  /// The click with this id; nothing when it is not one of ours. Reads the disk.
  std::optional<found_click> find_click(const uuid& id) const;

  /// Whom a registration is attributed to, with a new player number; nothing when the click is not one of ours.
  std::optional<player_profile> attribute(const registration_request& request) const;

  /// Spawns the shards of brands that are in the workspace and have none yet.
  void open_shards();

  /// Ends all actors in order: no more calls, everything in flight answered, last checkpoint. False when that failed.
  bool stop(std::chrono::seconds grace);

  /// Ends all actors where they stand, as a crash would, without a last commit. Stepped houses only.
  void abandon();

  caf::actor_system& system() noexcept { return system_; }
  const persistence::committed_view& view() const noexcept { return context_.view; }
  void note_unreadable(const persistence::storage_error& why) { context_.note_unreadable(why); }
  const gateway_options& options() const noexcept { return context_.options; }
  counters& figures() noexcept { return context_.figures; }
  const counters& figures() const noexcept { return context_.figures; }
  /// What an entry would get as its time now.
  timestamp now() const { return context_.now(); }
  bool stopping() const noexcept { return stopping_.load(std::memory_order_acquire); }
  bool journal_broken() const noexcept { return context_.journal_broken.load(std::memory_order_acquire); }

private:
  struct config : caf::actor_system_config {
    config(std::size_t worker_threads, bool stepped);
  };
  using shard_table = std::vector<brand_actor>; ///< by brand number - 1

  /// The table, with the shards of these brands in it, unless the house is stopping. Not empty.
  std::shared_ptr<const shard_table> shards_for(const std::vector<brand_number>& brands);

  bool count_in(const batch_ptr& batch);
  void identify(posting& each);
  void look_up(const std::vector<posting*>& asked);
  std::vector<std::optional<sequence>> find_requests(const std::vector<persistence::request_key>& keys);
  void route(const batch_ptr& batch);
  void send_routes(const batch_ptr& batch);
  template<class Reply>
  bool prepare_again(const batch_ptr& batch);
  void bring_state(std::vector<posting*>& sleepers);

  bool stepped_;
  ledger_context context_;
  config config_;
  caf::actor_system system_;
  checkpointer_actor checkpointer_;
  journal_actor journal_;
  std::mutex opening_shards_;
  std::atomic<std::shared_ptr<const shard_table>> shards_;
  std::atomic<bool> stopping_{false};
};

} // namespace croupier::actors
