#pragma once

#include "benchmarks/support/model.hpp"
#include "benchmarks/support/workload.hpp"

#include <atomic>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::bench {

/// What a server says of a movement. The values are indexes of `verdict_names()`.
enum class verdict : std::uint8_t {
  applied,    ///< applied once, durable
  replayed,   ///< the request id is known, the payload is the same: nothing changed
  conflict,   ///< the request id is known, the payload is another one: nothing changed
  overloaded, ///< refused for now; nothing changed
  wrong       ///< anything else, and any of the above where another one is right
};

/// For `load::plan::outcomes`.
std::vector<std::string> verdict_names();

/// A movement that is to be sent: which one, and what the server must say.
struct draft {
  std::uint64_t number = 0;
  verdict expected = verdict::applied;
};

/// A draft as the tag of a request, and back: it then needs no memory beside the request.
constexpr std::uint64_t tag_of(const draft& what) noexcept {
  return what.number << 3U | static_cast<std::uint64_t>(what.expected);
}
constexpr draft draft_of(std::uint64_t tag) noexcept {
  return {tag >> 3U, static_cast<verdict>(tag & 7U)};
}

struct feed_options {
  shape whom = shape::uniform;
  std::uint32_t retry_percent = 0; ///< of all movements, repeats of ones that were answered; 1 in 50 of them altered
  std::uint64_t limit = ~std::uint64_t{0}; ///< drafts to give
  std::uint64_t seed = 1;
};

/// The movements of one run for one sending thread, with the repeats among them, and the judge of what comes back. What
/// is applied goes into the model. `numbers` is the next unused movement number of the server; runs and threads share
/// it.
class movement_feed {
public:
  movement_feed(model& expected, std::atomic<std::uint64_t>& numbers, const feed_options& options);

  /// The next movement; false: there are no more.
  bool next(draft& into);
  void make(const draft& what, movement& into) const;

  /// Takes down what the server said and gives what it counts as.
  verdict settle(const draft& what, verdict said);
  /// No answer came.
  void lost(const draft& what);

  std::uint64_t wrong() const noexcept { return wrong_; }
  /// Keeps the first of the texts that it is given: what a wrong answer looked like.
  void remember(std::string_view evidence);
  const std::string& evidence() const noexcept { return evidence_; }

private:
  static constexpr std::size_t remembered = 4096;

  model& model_;
  std::atomic<std::uint64_t>& numbers_;
  feed_options options_;
  std::mt19937_64 random_;
  std::vector<std::uint64_t> settled_; ///< a ring of numbers that were applied in this run
  std::size_t oldest_ = 0;
  std::vector<draft> again_; ///< refused for now
  std::uint64_t given_ = 0;
  std::uint64_t wrong_ = 0;
  std::string evidence_;
};

/// The judge's last step: a call's outcome for the load generator, with the answer kept if it is the first wrong one.
std::size_t outcome_of(verdict settled, movement_feed& feed, int status, std::string_view body);

/// What the requests on their way hold, when one request carries many movements: the tag of a request is its group.
class draft_groups {
public:
  explicit draft_groups(movement_feed& feed) : feed_(feed) {}

  /// A group of up to `size` movements; nothing when there are no more. The group is the tag's until `settle` or
  /// `lost`.
  bool take(std::size_t size, std::uint64_t& tag);
  std::vector<draft>& of(std::uint64_t tag) { return groups_[tag]; }
  /// How many of the group must be said to be `applied`; the others are repeats.
  std::uint64_t fresh_in(std::uint64_t tag) const;

  /// `applied`: everything was as expected; otherwise the whole group shares the verdict.
  verdict settle(std::uint64_t tag, verdict said);
  void lost(std::uint64_t tag);

  /// Movements that were answered as they must be.
  std::uint64_t settled() const noexcept { return settled_; }

private:
  movement_feed& feed_;
  std::vector<std::vector<draft>> groups_;
  std::vector<std::uint64_t> free_;
  std::uint64_t settled_ = 0;
};

} // namespace croupier::bench
