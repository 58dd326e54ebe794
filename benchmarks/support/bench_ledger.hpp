#pragma once

#include "actors/gateway.hpp"
#include "persistence/committed_view.hpp"
#include "persistence/rocksdb_store.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace croupier::bench {

/// A ledger in a folder of its own, without HTTP, with one brand and the usual metrics.
class bench_ledger {
public:
  bench_ledger(const std::filesystem::path& folder, const actors::gateway_options& options, bool with_offer = true);
  ~bench_ledger();

  /// Registers players "player-<first>" ... through the one click.
  void register_players(std::uint64_t first, std::uint64_t count);

  /// A deposit of 12.50 with a payload of about 300 bytes. Request ids are unique by `number`.
  actors::movement_request movement(std::uint64_t player, std::uint64_t number) const;

  actors::gateway& gateway() noexcept { return *gateway_; }
  persistence::committed_view& view() noexcept { return *view_; }

private:
  std::unique_ptr<persistence::rocksdb_store> store_;
  std::unique_ptr<persistence::committed_view> view_;
  std::unique_ptr<actors::gateway> gateway_;
  uuid click_;
  std::shared_ptr<const workspace> ws_;
};

} // namespace croupier::bench
