#pragma once

#include "http/route.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace croupier::http::wynta {

/// Answers by `X-Idempotency-Key`, so that a retry is given the first answer again.
///
/// Operation: the first call under a key runs and its answer (202, or 422) is kept for `kept_for`. Answers that ask for
///   a retry are not kept, as a whole (429, 503, 504) or for some of the events (`answer_mark`). What makes
///   retries safe for ever is `event_id`; this is beside it.
/// Concurrency: all members from any thread.
/// Limitations: in memory, so that a restart forgets it. Beyond `bytes_max` the oldest answers are forgotten first.
class replay_cache {
public:
  using clock = std::chrono::steady_clock;
  using digest = std::array<std::uint8_t, 32>;
  static constexpr std::chrono::hours kept_for{24};
  static constexpr std::size_t bytes_max = 32U << 20U;

  struct key {
    std::uint32_t api_key = 0; ///< number: names belong to whoever sends them
    std::string name;
    friend bool operator==(const key&, const key&) = default;
  };
  enum class verdict : std::uint8_t {
    run,      ///< it is the first call: `finish` or `drop` follows
    replay,   ///< it was answered: `status` and `body`
    mismatch, ///< the key stands for another request
    running   ///< the first call has no answer yet
  };
  struct finding {
    verdict what = verdict::run;
    int status = 0;
    std::string body = {};
  };

  /// `request`: SHA-256 of what is asked.
  finding begin(const key& of, const digest& request, clock::time_point now);
  void finish(const key& of, int status, const std::string& body);
  /// The call ended without an answer that is kept.
  void drop(const key& of);

  /// What the cache holds, in bytes, its own tables reckoned in.
  std::size_t bytes() const;

private:
  struct entry {
    key of;
    digest request{};
    clock::time_point since;
    int status = 0; ///< 0: running
    std::string body;
  };
  struct key_hash {
    std::size_t operator()(const key& of) const noexcept {
      return std::hash<std::string>{}(of.name) ^ (of.api_key * 0x9e3779b97f4a7c15U);
    }
  };
  using entries = std::list<entry>;

  static std::size_t size_of(const entry& one) noexcept;
  void forget(entries::iterator one);
  void make_room(clock::time_point now);

  mutable std::mutex mutex_;
  entries oldest_first_;
  std::unordered_map<key, entries::iterator, key_hash> by_key_;
  std::size_t bytes_ = 0;
};

/// What a handler says of its answer, at the latest when it gives it.
struct answer_mark {
  bool is_final = true; ///< false: a part of it says "not now", and the same request may be answered otherwise
};

/// Runs `handle`, or answers for it: as the request's `X-Idempotency-Key` and what the cache knows of it say.
response replayable(const std::shared_ptr<replay_cache>& cache, const request& req,
                    const std::function<response(const std::shared_ptr<answer_mark>&)>& handle);

} // namespace croupier::http::wynta
