#pragma once

#include "engine/workspace.hpp"
#include "http/deliver/outlet.hpp"
#include "persistence/delivery_files.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace croupier::http::deliver {

/// Something that whoever runs the process should read in the log.
struct delivery_event {
  enum class kind : std::uint8_t {
    failed, ///< an attempt; it is made again after `pause`
    delivers_again,
    position_ahead,  ///< beyond the newest entry: the data folder is older than the position; it goes on from there
    position_unnoted ///< what was delivered is delivered again after a crash
  };
  kind what = kind::failed;
  std::string destination; ///< its id
  std::string why;
  sequence delivered;
  std::uint64_t failures = 0; ///< in a row
  std::chrono::milliseconds pause{0};
};

struct delivery_options {
  std::filesystem::path data_folder;
  bool allow_private = false;                 ///< destinations may be on this machine and in its network
  std::chrono::milliseconds first_pause{500}; ///< after a failure; doubled by each further one
  std::chrono::milliseconds longest_pause{300'000};
  std::chrono::milliseconds connect_timeout{3'000};
  std::chrono::milliseconds answer_timeout{10'000};  ///< between two bytes of an answer
  std::chrono::milliseconds attempt_timeout{30'000}; ///< for a whole attempt
  std::uint64_t export_file_bytes_max = 64U << 20U;
  /// Called on threads of the deliveries; does not throw. May be empty.
  std::function<void(const delivery_event& event)> on_event{};
  std::size_t destinations_max = 64; ///< each has a thread; those beyond are not delivered to, and say so
};

/// One request to a receiver, as the log of attempts has it.
struct attempt {
  timestamp at;
  std::chrono::milliseconds took{0};
  sequence first; ///< of the batch
  sequence last;
  bool delivered = false;
  std::string status;
  std::string url; ///< of postbacks
};

struct delivery_status {
  sequence delivered;
  std::uint64_t batches = 0;         ///< delivered since the start
  std::uint64_t failed_attempts = 0; ///< since the start
  std::uint64_t failures_in_a_row = 0;
  std::optional<timestamp> next_attempt; ///< while it waits after a failure
  std::string problem;                   ///< why nothing moves; empty: it does
  bool paused = false;
  std::deque<attempt> attempts; ///< the newest twenty, newest first
};

/// Delivers committed entries to one destination: in order, at least once.
///
/// Operation: a thread of its own reads the journal from the durable position, leaves out what the destination does not
///   ask for, and hands batches to the outlet. The position is made durable behind each delivered batch, so what was
///   delivered and not noted before a crash is delivered again. A batch that fails is tried again without end, after
///   growing pauses with jitter; nothing is skipped. A new destination begins behind the entry that made it.
/// Concurrency: all members from any thread.
class delivery {
public:
  delivery(const persistence::committed_view& view, const destination& target, std::string refusal,
           const delivery_options& options);
  /// Ends the thread.
  ~delivery();
  delivery(const delivery&) = delete;
  delivery& operator=(const delivery&) = delete;

  /// The destination was changed, but not the folder that it writes to. A batch that is waiting is made anew; a pause
  /// after a failure ends.
  void change(const destination& target, std::string refusal);

  /// Asks the thread to end, and ends a running attempt. Repeated until `finished`.
  void stop_soon();
  bool finished() const noexcept { return finished_; }
  /// Ends an attempt that takes too long.
  void watch();

  delivery_status status() const;
  sequence delivered() const noexcept { return {delivered_.load()}; }

private:
  using clock = std::chrono::steady_clock;

  void run();
  void step(entry_renderer& render);
  void take_change();
  bool prepare();
  result<done, std::string> find_position();
  void fill(entry_renderer& render);
  bool wants(const entry& what) const;
  void try_once();
  void note_position();
  void fail(const std::string& why);
  void tell(delivery_event::kind what, const std::string& why, std::uint64_t failures = 0,
            std::chrono::milliseconds pause = std::chrono::milliseconds(0)) const;
  void wait(std::chrono::milliseconds at_most);
  void abort() noexcept;

  const persistence::committed_view& view_;
  const delivery_options options_;
  const persistence::position_file file_;

  mutable std::mutex mutex_; ///< of what is beside other threads: the next form, the status
  std::condition_variable wake_;
  std::optional<std::pair<destination, std::string>> next_form_;
  delivery_status told_;
  std::mutex outlet_mutex_; ///< of the pointer, for `abort`
  std::shared_ptr<outlet> outlet_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> finished_{false};
  std::atomic<std::uint64_t> delivered_{0};
  std::atomic<clock::rep> attempt_began_{0}; ///< 0: none runs

  // The thread's own.
  destination target_;
  std::string refusal_; ///< why nothing may be sent; empty: it may
  bool has_position_ = false;
  bool ready_ = false;
  persistence::delivery_position position_;
  sequence noted_; ///< what the file says
  clock::time_point noted_at_;
  sequence scanned_; ///< how far the journal was read
  sequence first_;   ///< of the pending batch
  std::thread thread_;
};

} // namespace croupier::http::deliver
