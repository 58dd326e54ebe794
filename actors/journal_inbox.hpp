#pragma once

#include "actors/posting.hpp"
#include "engine/check.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace croupier::actors {

/// The postings on their way to the journal writer.
///
/// Purpose: a posting that is accepted costs a push to a list and not a message; the writer takes the whole list.
/// Operation: whoever finds the inbox empty sends the writer one commit message. Postings stay in the order of their
///   `put`s, so those of one player in the order of its decisions.
///   Each has a place in the line, counted from 1; the writer tells which have left it, durable or refused.
/// Concurrency: any thread. The lock is held for the push of one pointer.
/// Limitations: bounded by what may be in flight.
class journal_inbox {
public:
  struct place {
    std::uint64_t number = 0;
    bool first = false; ///< the inbox was empty: the writer must be told
  };

  place put(posting_ptr posted) {
    const std::lock_guard held(lock_);
    postings_.push_back(std::move(posted));
    return {++last_place_, postings_.size() == 1};
  }

  /// Moves everything into `out`, which is empty, in order. The two lists take turns, so that none is allocated anew.
  void take(std::vector<posting_ptr>& out) {
    CROUPIER_ASSERT(out.empty(), "a group is taken before the last one is answered");
    const std::lock_guard held(lock_);
    postings_.swap(out);
    taken_ = last_place_;
  }

  /// By the writer: what was taken is durable and can be read, or was refused.
  void pass_taken() noexcept { passed_.store(taken_, std::memory_order_release); }

  /// Nobody up to this place is in the line any more.
  std::uint64_t passed() const noexcept { return passed_.load(std::memory_order_acquire); }

private:
  std::mutex lock_;
  std::vector<posting_ptr> postings_;
  std::uint64_t last_place_ = 0;
  std::uint64_t taken_ = 0; ///< the writer's
  std::atomic<std::uint64_t> passed_{0};
};

} // namespace croupier::actors
