#pragma once

#include "benchmarks/race/system.hpp"
#include "benchmarks/support/bench_ledger.hpp"
#include "benchmarks/support/croupier_server.hpp"

#include <memory>
#include <optional>

namespace croupier::race {

/// `croupier serve` as it comes: default settings, durability "sync".
class croupier_over_http final : public system {
public:
  croupier_over_http(const bench::workload& work, std::filesystem::path program);

  void start(const std::filesystem::path& folder) override;
  void stop() override { server_->stop(); }
  void show(bench::balance_check& check) override;
  void freeze() override { server_->process().freeze(); }
  void thaw() override { server_->process().thaw(); }
  double cpu_s() const override { return server_->process().cpu_s(); }
  std::uint64_t memory_bytes() const override { return server_->process().memory_bytes(); }

  const bench::croupier_server& server() const noexcept { return *server_; }

private:
  std::filesystem::path program_;
  std::unique_ptr<bench::croupier_server> server_;
};

/// The same ledger as a library, without HTTP.
class croupier_in_process final : public system {
public:
  explicit croupier_in_process(const bench::workload& work);

  void start(const std::filesystem::path& folder) override;
  void stop() override { ledger_.reset(); }
  void show(bench::balance_check& check) override;

  bench::bench_ledger& ledger() noexcept { return *ledger_; }

private:
  std::unique_ptr<bench::bench_ledger> ledger_;
};

} // namespace croupier::race
