#pragma once

#include "benchmarks/support/workload.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::bench {

/// What the balances must be: the sum of what was answered as applied. Adding is thread-safe.
class model {
public:
  explicit model(const workload& work);

  void apply(std::uint32_t player, std::uint64_t number) noexcept;
  /// A movement whose outcome nobody knows: the model can no longer be compared.
  void uncertain() noexcept { uncertain_.fetch_add(1, std::memory_order_relaxed); }

  const workload& work() const noexcept { return work_; }
  std::uint64_t applied() const noexcept { return applied_; }
  std::uint64_t uncertain_count() const noexcept { return uncertain_; }
  std::int64_t balance(std::uint32_t player, std::size_t metric) const noexcept;

private:
  const workload& work_;
  std::vector<std::atomic<std::int64_t>> balances_;
  std::atomic<std::uint64_t> applied_{0};
  std::atomic<std::uint64_t> uncertain_{0};
};

/// A server's balances, held against the model one by one.
class balance_check {
public:
  explicit balance_check(const model& expected);

  /// One balance, as the server gives it. A metric that the workload does not use must be zero.
  void see(std::string_view external_id, std::string_view code, std::string_view value);
  void see(std::string_view external_id, std::string_view code, std::int64_t units);
  /// Movements that the server counted.
  void see_count(std::uint64_t movements);
  /// Something else that speaks against the run.
  void complain(const std::string& what);

  /// Empty when every balance was seen or is zero, and all agree; otherwise what differs first.
  std::string verdict() const;

private:
  static constexpr std::size_t none = ~std::size_t{0};
  std::size_t index_of(std::string_view external_id, std::string_view code) const;

  const model& expected_;
  std::vector<bool> seen_;
  std::uint64_t differences_ = 0;
  std::string first_;
};

} // namespace croupier::bench
