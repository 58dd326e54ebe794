#pragma once

#include "benchmarks/load/generator.hpp"
#include "cli/bench/contestants.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::cli {

struct storm_options {
  std::uint32_t movements = 100'000;
  std::uint32_t copies = 3;          ///< of each movement, all with its request id
  std::uint32_t cut_percent = 1;     ///< of all requests: their connection is cut before or in the middle of the answer
  std::uint32_t changed_percent = 2; ///< of all copies but the first: another amount
  std::uint64_t seed = 1;
};

/// What is known of the movements of a storm: which of two payloads, the original and the changed one, each request id
/// stands for, from the answers alone. Whichever copy comes first is the movement; so every answer says, in its own
/// way, which one that was, and all answers about a movement must agree. O(1) a call, 1 byte a movement.
class storm_record {
public:
  enum class payload : std::uint8_t { original = 1, changed = 2 };
  enum class said : std::uint8_t {
    accepted,  ///< this copy was applied
    duplicate, ///< nothing changed, and the payload is that of the movement
    mismatch   ///< nothing changed, and the payload is another one
  };

  explicit storm_record(std::uint32_t movements) : known_(movements) {}

  void answered(std::uint32_t movement, payload sent, said what) noexcept;
  /// A copy was sent and nobody heard the answer.
  void unheard(std::uint32_t movement) noexcept { known_[movement] |= lost_; }

  bool settled(std::uint32_t movement) const noexcept { return (known_[movement] & payloads_) != 0; }
  /// Of a settled movement that no answer disagrees about.
  payload applied(std::uint32_t movement) const noexcept { return static_cast<payload>(known_[movement] & payloads_); }
  /// Empty, or what is wrong with what was said of a movement.
  std::string_view problem(std::uint32_t movement) const noexcept;
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(known_.size()); }

private:
  static constexpr std::uint8_t payloads_ = 3;
  static constexpr std::uint8_t accepted_ = 4;
  static constexpr std::uint8_t twice_ = 8;
  static constexpr std::uint8_t lost_ = 16;

  std::vector<std::uint8_t> known_;
};

/// Sends every movement several times, in an order that a seed decides: half of the copies within a few requests of
/// each other, so that they race, and half at any time. Use by one thread.
class retry_storm final : public load::caller {
public:
  /// Indexes of `outcomes()`.
  enum class outcome : std::uint8_t { accepted, duplicate, mismatch, overloaded, error };
  static std::vector<std::string> outcomes();

  /// `show` hears how many requests are done, now and then. The players outlive the storm.
  retry_storm(const contestants& whom, const storm_options& options, std::function<void(std::uint64_t)> show);

  bool next(load::request& to_fill) override;
  std::size_t judge(const load::request& sent, const load::answer& got) override;
  void lost(const load::request& sent, load::loss why) override;

  std::uint64_t requests() const noexcept { return std::uint64_t{options_.movements} * options_.copies; }
  /// After a run: prepares another one that asks again about every movement of which nothing is known. False: there
  /// is none, or the server answers nothing any more.
  bool ask_again();

  const storm_record& record() const noexcept { return record_; }
  /// What the answers promise, per player.
  std::vector<expected_balance> promised() const;
  /// Movements whose answers contradict each other, or that nothing is known of; `first` is left with the first one.
  std::uint64_t contradictions(std::string& first) const;
  /// The first answer that is none of the expected ones.
  const std::string& first_error() const noexcept { return first_error_; }
  /// Movements that were settled by asking again.
  std::uint64_t asked_again() const noexcept { return asked_again_; }

private:
  std::uint32_t movement_of(std::uint64_t tag) const noexcept {
    return static_cast<std::uint32_t>(tag / options_.copies);
  }
  storm_record::payload payload_of(std::uint64_t tag) const noexcept;
  std::uint32_t player_of(std::uint32_t movement) const noexcept;
  std::int64_t cents_of(std::uint32_t movement, storm_record::payload which) const noexcept;
  void put_back(std::uint64_t tag, std::string why);
  void count_done();

  const contestants& whom_;
  storm_options options_;
  std::function<void(std::uint64_t)> show_;
  load::request_head head_;
  std::vector<std::uint64_t> order_; ///< of what is to be sent: movement x copies + copy
  std::size_t next_ = 0;
  std::vector<std::uint64_t> again_; ///< refused for now
  bool cutting_ = true;
  storm_record record_;
  std::string body_;
  std::string first_error_;
  std::uint64_t done_ = 0;
  std::uint64_t asked_again_ = 0;
  std::uint32_t refused_in_a_row_ = 0;
};

} // namespace croupier::cli
