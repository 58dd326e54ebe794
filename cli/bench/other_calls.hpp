#pragma once

#include "benchmarks/load/generator.hpp"
#include "cli/bench/contestants.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace croupier::cli {

/// Movements in JSON batches, each movement once. A batch that is refused as a whole is sent again. Use by one thread.
class batch_calls final : public load::caller {
public:
  /// Indexes of `outcomes()`, of whole batches.
  enum class outcome : std::uint8_t { accepted, overloaded, error };
  static std::vector<std::string> outcomes() { return {"accepted", "overloaded", "error"}; }
  static constexpr std::uint32_t movements_per_batch = 100;

  /// `show` hears how many movements are done, now and then. The players outlive the caller.
  batch_calls(const contestants& whom, std::uint32_t movements, std::uint64_t seed,
              std::function<void(std::uint64_t)> show);

  bool next(load::request& to_fill) override;
  std::size_t judge(const load::request& sent, const load::answer& got) override;
  void lost(const load::request& sent, load::loss why) override;

  /// What the answers promise, per player.
  const std::vector<expected_balance>& promised() const noexcept { return promised_; }
  std::uint64_t accepted() const noexcept { return accepted_; }
  const std::string& first_error() const noexcept { return first_error_; }

private:
  std::uint64_t size_of(std::uint64_t batch) const noexcept;
  std::uint32_t player_of(std::uint64_t number) const noexcept;
  std::int64_t cents_of(std::uint64_t number) const noexcept;
  void promise(std::uint64_t batch);

  const contestants& whom_;
  std::uint32_t movements_;
  std::uint64_t seed_;
  std::function<void(std::uint64_t)> show_;
  load::request_head head_;
  std::vector<std::uint64_t> again_;
  std::uint64_t next_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t accepted_ = 0;
  std::vector<expected_balance> promised_;
  std::string first_error_;
  std::string body_;
};

/// Reads of balances, of one player after the other. Use by one thread.
class read_calls final : public load::caller {
public:
  enum class outcome : std::uint8_t { read, overloaded, error };
  static std::vector<std::string> outcomes() { return {"read", "overloaded", "error"}; }

  read_calls(const contestants& whom, std::uint32_t reads, std::function<void(std::uint64_t)> show);

  bool next(load::request& to_fill) override;
  std::size_t judge(const load::request& sent, const load::answer& got) override;
  void lost(const load::request& sent, load::loss why) override;

  const std::string& first_error() const noexcept { return first_error_; }

private:
  std::function<void(std::uint64_t)> show_;
  std::vector<std::string> wires_; ///< one for each player
  std::uint32_t reads_;
  std::uint32_t next_ = 0;
  std::string first_error_;
};

} // namespace croupier::cli
