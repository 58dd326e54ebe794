#pragma once

#include "actors/posting.hpp"
#include "engine/check.hpp"

#include <mutex>
#include <utility>
#include <vector>

namespace croupier::actors {

/// The postings on their way to the journal writer.
///
/// Purpose: a posting that is accepted costs a push to a list and not a message; the writer takes the whole list.
/// Operation: whoever finds the inbox empty sends the writer one commit message. Postings stay in the order of their
///   `put`s, so those of one player in the order of its decisions.
/// Concurrency: any thread. The lock is held for the push of one pointer.
/// Limitations: bounded by what may be in flight.
class journal_inbox {
public:
  /// True when the inbox was empty: the writer must be told.
  bool put(posting_ptr posted) {
    const std::lock_guard held(lock_);
    postings_.push_back(std::move(posted));
    return postings_.size() == 1;
  }

  /// Moves everything into `out`, which is empty, in order. The two lists take turns, so that none is allocated anew.
  void take(std::vector<posting_ptr>& out) {
    CROUPIER_ASSERT(out.empty(), "a group is taken before the last one is answered");
    const std::lock_guard held(lock_);
    postings_.swap(out);
  }

private:
  std::mutex lock_;
  std::vector<posting_ptr> postings_;
};

} // namespace croupier::actors
