#include "actors/journal_writer.hpp"

#include <algorithm>
#include <utility>

namespace croupier::actors {

namespace {

using namespace std::chrono_literals;

// The tail may grow to this many times the entries between checkpoints.
constexpr std::uint64_t tail_intervals_max = 4;
constexpr auto repair_delay_min = 50ms;
constexpr auto repair_delay_max = 5'000ms;

std::uint64_t elapsed_us(std::chrono::steady_clock::time_point since) {
  const auto passed = std::chrono::steady_clock::now() - since;
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(passed).count());
}

} // namespace

void journal_core::start(ledger_context& context, checkpointer_actor checkpointer) {
  context_ = &context;
  checkpointer_ = std::move(checkpointer);
  last_checkpoint_ = std::chrono::steady_clock::now();
  self_->delayed_send(self_, context_->options.sync_interval, beat_atom::value);
}

void journal_core::commit() {
  take_group();
  write_group();
  context_->inbox.pass_taken();
}

void journal_core::take_group() {
  context_->inbox.take(group_);
  // What its player decided on a state that is void, or can not be written, is refused here.
  const bool broken = context_->journal_broken.load(std::memory_order_relaxed);
  std::erase_if(group_, [&](const posting_ptr& posted) {
    const bool refused = broken || (posted->epoch && *posted->epoch != epoch_);
    if (refused) deliver(*posted, failure::journal_unavailable);
    return refused;
  });
}

void journal_core::write_group() {
  if (group_.empty()) return;
  // 1. Gather the records.
  records_.clear();
  for (const auto& posted : group_) {
    if (posted->record.empty()) continue;
    records_.emplace_back(posted->record);
    if (const auto* direct = posted->direct())
      records_.insert(records_.end(), direct->further.begin(), direct->further.end());
  }
  auto at = context_->log.last_position();
  if (!records_.empty()) {
    // 2. Write and sync them as one.
    const auto started = std::chrono::steady_clock::now();
    auto written = context_->log.append(records_, context_->now());
    if (!written) {
      fail_group(written.error());
      return;
    }
    context_->figures.count_sync(elapsed_us(started));
    context_->figures.commits.fetch_add(1, std::memory_order_relaxed);
    context_->figures.entries_committed.fetch_add(records_.size(), std::memory_order_relaxed);
    // 3. Let every read see them.
    at = *written;
    context_->view.apply(sequence{at.last.value - records_.size() + 1}, at.time, records_);
  }
  // 4. Only now answer.
  answer_group(sequence{at.last.value - records_.size()}, at.time);
  checkpoint_if_due();
}

void journal_core::answer_group(sequence before, timestamp time) {
  auto newest = before;
  for (auto& posted : group_) {
    newest.value += posted->entry_count();
    if (posted->after_commit)
      deliver(*posted, *posted->after_commit);
    else
      deliver(*posted, receipt{newest, time});
  }
  group_.clear();
}

void journal_core::tell_failure(const persistence::storage_error& why) {
  if (why.text == told_failure_) return;
  told_failure_ = why.text;
  if (context_->options.on_storage_event) context_->options.on_storage_event(storage_event::failed, why.text);
}

void journal_core::fail_group(const persistence::storage_error& why) {
  tell_failure(why);
  context_->figures.journal_errors.fetch_add(1, std::memory_order_relaxed);
  context_->journal_broken.store(true, std::memory_order_release);
  for (auto& posted : group_) deliver(*posted, failure::journal_unavailable);
  group_.clear();
  new_epoch();
  repair_delay_ = repair_delay_min;
  schedule_repair();
}

void journal_core::new_epoch() {
  ++epoch_;
  for (const auto& shard : shards_) self_->send(caf::actor_cast<brand_actor>(shard), drop_atom::value, epoch_);
}

void journal_core::schedule_repair() {
  self_->delayed_send(self_, repair_delay_, repair_atom::value);
}

void journal_core::repair() {
  const auto later = [&] {
    repair_delay_ = std::min<std::chrono::milliseconds>(repair_delay_ * 2, repair_delay_max);
    schedule_repair();
  };
  // A checkpoint that is being written holds the store open.
  if (context_->checkpoint_running.load()) return later();
  if (const auto recovered = context_->log.recover(); !recovered) {
    tell_failure(recovered.error());
    return later();
  }
  told_failure_.clear();
  if (context_->options.on_storage_event) context_->options.on_storage_event(storage_event::back, {});
  // Players that woke while the journal refused everything have accepted what was never written.
  new_epoch();
  context_->journal_broken.store(false, std::memory_order_release);
}

void journal_core::beat() {
  const auto& options = context_->options;
  if (options.mode == persistence::durability::async && !context_->journal_broken.load())
    if (const auto synced = context_->log.sync(); !synced) fail_group(synced.error());
  if (std::chrono::steady_clock::now() - last_checkpoint_ >= options.checkpoint_after &&
      context_->view.tail_entries() > 0)
    request_checkpoint();
  self_->delayed_send(self_, options.sync_interval, beat_atom::value);
}

void journal_core::checkpoint_if_due() {
  const auto due = context_->options.checkpoint_entries;
  if (context_->view.tail_entries() < due) return;
  request_checkpoint();
  // Memory is bounded by waiting here, which makes everyone wait: the disk takes sorted runs more slowly than entries.
  if (context_->view.tail_entries() >= tail_intervals_max * due && !context_->stepped)
    context_->checkpoint_running.wait(true);
}

void journal_core::request_checkpoint() {
  if (context_->journal_broken.load() || context_->checkpoint_running.exchange(true)) return;
  context_->view.freeze();
  last_checkpoint_ = std::chrono::steady_clock::now();
  self_->send(checkpointer_, write_atom::value);
}

void journal_core::join(const caf::actor& shard) {
  shards_.push_back(shard);
  if (epoch_ > 0) self_->send(caf::actor_cast<brand_actor>(shard), drop_atom::value, epoch_);
}

caf::result<bool> journal_core::finish() {
  commit();
  shards_.clear();
  auto promise = self_->make_response_promise<bool>();
  // Two rounds: the first waits for a checkpoint that is being written, the second writes what came after it.
  auto self = self_;
  self->request(checkpointer_, caf::infinite, finish_atom::value)
      .then(
          [this, self, promise](bool) mutable {
            context_->view.freeze();
            self->request(checkpointer_, caf::infinite, finish_atom::value)
                .then(
                    [self, promise](bool written) mutable {
                      promise.deliver(written);
                      self->quit();
                    },
                    [self, promise](caf::error&) mutable {
                      promise.deliver(false);
                      self->quit();
                    });
          },
          [self, promise](caf::error&) mutable {
            promise.deliver(false);
            self->quit();
          });
  return promise;
}

journal_actor::behavior_type journal_writer(journal_actor::stateful_pointer<journal_core> self, ledger_context* context,
                                            checkpointer_actor checkpointer) {
  self->state.start(*context, std::move(checkpointer));
  return {
      [self](commit_atom) { self->state.commit(); },
      [self](barrier_atom) {
        self->state.commit();
        return true;
      },
      [self](repair_atom) { self->state.repair(); },
      [self](beat_atom) { self->state.beat(); },
      [self](join_atom, const caf::actor& shard) { self->state.join(shard); },
      [self](finish_atom) { return self->state.finish(); },
  };
}

} // namespace croupier::actors
