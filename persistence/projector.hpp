#pragma once

#include "persistence/committed_view.hpp"
#include "persistence/projection.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::persistence {

struct projector_options {
  std::chrono::milliseconds look_every{10};    ///< how often it looks for new entries by itself
  std::chrono::milliseconds retry_after{1000}; ///< after an entry could not be read, or books not be saved
  std::uint64_t portion = 4096;                ///< entries between two publications of what was reached
  std::uint64_t save_entries = 500'000;        ///< books are saved after this many entries,
  std::chrono::seconds save_after{30};         ///< or when they have been unsaved for this long
  /// There is no thread: whoever waits feeds the books himself, as far as that goes without an error, and nothing is
  /// saved at the end. For simulations, with `save_after` beyond their end; only one thread may wait.
  bool stepped = false;
};

/// How far one projection is.
struct projection_figures {
  std::string_view name;
  sequence applied; ///< everything up to it is in the books
  sequence saved;   ///< everything up to it need not be read again at the next start
  std::uint64_t saves = 0;
  std::uint64_t save_errors = 0;
};

struct projector_figures {
  sequence durable;
  std::vector<projection_figures> books; ///< in the order in which they were given
  std::string error;                     ///< one line; empty: nothing is wrong
  std::uint64_t lag() const noexcept;    ///< entries that the slowest still has to take in
};

/// Keeps the books beside the ledger.
///
/// Purpose: feeds every projection the committed entries after its position, in order, each exactly once.
/// Operation: a thread of its own takes up the saved books, then reads the journal upwards from the oldest position. It
///   looks for new entries every `look_every`, so that a commit has nobody to wake; whoever waits makes it look at
///   once. Books are saved from time to time and at the end.
/// Concurrency: `stop` once; everything else from any thread.
/// Limitations: a read that fails stops all books where they are until it succeeds; `figures().error` says so. Books
///   that are made again from the first entry take as long as reading the journal does; the ledger runs meanwhile.
class projector {
public:
  using clock = std::chrono::steady_clock;
  /// Told every error, once for each; from the projector's thread.
  using error_sink = std::function<void(const std::string& line)>;

  /// View and books outlive the projector. Starts the thread.
  projector(const committed_view& view, std::vector<projection*> books, projector_options options = {},
            error_sink on_error = {});
  ~projector();
  projector(const projector&) = delete;
  projector& operator=(const projector&) = delete;

  /// Waits until all books have taken in the entry `at`. False when the deadline has passed, or the projector stops.
  bool wait_for(sequence at, clock::time_point deadline);

  /// Everything up to it is in all books. Lock-free.
  sequence applied() const noexcept;

  projector_figures figures() const;

  /// Takes in no more, saves all books and ends the thread. Waiting callers are answered false.
  void stop();

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace croupier::persistence
