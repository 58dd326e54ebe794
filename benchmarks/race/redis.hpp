#pragma once

#include "benchmarks/load/channel.hpp"
#include "benchmarks/race/engine.hpp"
#include "benchmarks/race/postgres.hpp"
#include "benchmarks/race/system.hpp"
#include "benchmarks/support/child_process.hpp"

#include <memory>
#include <string>

namespace croupier::race {

/// Redis with an append-only file that is synced before every answer (appendfsync always), on a Unix socket, and one
/// Lua script that does the unit of work.
class redis final : public system {
public:
  explicit redis(const workload& work);
  ~redis() override;

  void start(const std::filesystem::path& folder) override;
  void stop() override;
  void show(bench::balance_check& check) override;
  void freeze() override { server_->freeze(); }
  void thaw() override { server_->thaw(); }
  double cpu_s() const override { return server_->cpu_s(); }
  std::uint64_t memory_bytes() const override { return server_->memory_bytes(); }

  const std::string& socket_path() const noexcept { return socket_; }

  static const std::vector<std::string>& settings();
  static std::string missing();

private:
  void register_players();

  std::string socket_;
  std::unique_ptr<bench::child_process> server_;
};

/// A call and a wait.
std::unique_ptr<engine> redis_engine(const std::string& socket_path, const workload& work);

/// The same for the load generator; pipelines as many calls as the generator gives it. An answer's status is the value
/// of its verdict, its body the balances.
load::channel_maker redis_channels(const std::string& socket_path, const workload& work, movement_lookup find);

} // namespace croupier::race
