#pragma once

#include "actors/context.hpp"
#include "actors/interfaces.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

namespace croupier::actors {

/// Group commit.
///
/// Purpose: makes postings durable and answers them; decides nothing.
/// Operation: postings gather in the inbox while the last group is being written and synced; then they are the next
///   group: written, synced, applied to the committed view, and only then answered, in order.
/// Failure: every posting of a failed group is answered journal_unavailable. What the players had accepted beyond the
///   durable state is void: the epoch moves on, the brand shards forget their players, and records that still come from
///   players of the old epoch are refused. The journal is opened anew at growing intervals until that succeeds.
/// Limitations: the tail of the committed view is bounded by waiting for the checkpointer when it is far behind.
class journal_core {
public:
  static constexpr const char* name = "journal writer";

  explicit journal_core(journal_actor::pointer self) : self_(self) {}

  void start(ledger_context& context, checkpointer_actor checkpointer);
  void commit();
  void repair();
  void beat();
  void join(const caf::actor& shard);
  caf::result<bool> finish();

private:
  void take_group();
  void write_group();
  void answer_group(sequence last, timestamp time);
  void fail_group(const persistence::storage_error& why);
  void tell_failure(const persistence::storage_error& why);
  void new_epoch();
  void checkpoint_if_due();
  void request_checkpoint();
  void schedule_repair();

  journal_actor::pointer self_;
  ledger_context* context_ = nullptr;
  checkpointer_actor checkpointer_;
  std::vector<caf::actor> shards_;
  std::uint64_t epoch_ = 0;
  std::vector<posting_ptr> group_;
  std::vector<std::string_view> records_;
  std::chrono::milliseconds repair_delay_{0};
  std::string told_failure_; ///< of the outage that goes on; empty: there is none
  std::chrono::steady_clock::time_point last_checkpoint_{};
};

journal_actor::behavior_type journal_writer(journal_actor::stateful_pointer<journal_core> self, ledger_context* context,
                                            checkpointer_actor checkpointer);

/// Writes what has been frozen, on a thread of its own with low priority.
checkpointer_actor::behavior_type checkpointer(checkpointer_actor::pointer self, ledger_context* context);

} // namespace croupier::actors
