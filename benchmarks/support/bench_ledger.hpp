#pragma once

#include "actors/gateway.hpp"
#include "benchmarks/support/workload.hpp"
#include "persistence/committed_view.hpp"
#include "persistence/rocksdb_store.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace croupier::bench {

/// What a ledger without HTTP is opened with.
struct ledger_setup {
  actors::gateway_options options;
  bool with_offer = true;   ///< 5 % of deposits go to the affiliate
  std::uint16_t brands = 1; ///< players are dealt to them in turn
  std::uint64_t block_cache_bytes = 256ULL << 20;
};

/// A ledger in a folder of its own, without HTTP, with ten metrics.
class bench_ledger {
public:
  /// Opens the folder, or makes it. Ends the program with a message when that fails.
  bench_ledger(const std::filesystem::path& folder, const ledger_setup& setup);
  /// An orderly stop.
  ~bench_ledger();
  bench_ledger(const bench_ledger&) = delete;
  bench_ledger& operator=(const bench_ledger&) = delete;

  /// Registers players "player-<first>" ... through the one click.
  void register_players(std::uint64_t first, std::uint64_t count);

  /// A deposit of 12.50 with a payload of about 300 bytes. Request ids are unique by `number`.
  actors::movement_request movement(std::uint64_t player, std::uint64_t number) const;
  /// The same with all ten metrics.
  actors::movement_request wide_movement(std::uint64_t player, std::uint64_t number) const;
  /// The movement of a workload, as the call would have brought it.
  actors::movement_request movement(const workload& work, const bench::movement& what) const;

  actors::gateway& gateway() noexcept { return *gateway_; }
  persistence::committed_view& view() noexcept { return *view_; }
  const persistence::committed_view& view() const noexcept { return *view_; }

private:
  brand_number brand_of(std::uint64_t player) const;

  std::uint16_t brands_;
  std::unique_ptr<persistence::rocksdb_store> store_;
  std::unique_ptr<persistence::committed_view> view_;
  std::unique_ptr<actors::gateway> gateway_;
  uuid click_;
  std::shared_ptr<const workspace> ws_;
};

} // namespace croupier::bench
