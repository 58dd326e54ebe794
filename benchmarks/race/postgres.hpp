#pragma once

#include "benchmarks/load/channel.hpp"
#include "benchmarks/race/engine.hpp"
#include "benchmarks/race/system.hpp"
#include "benchmarks/support/child_process.hpp"

#include <functional>
#include <memory>
#include <string>

namespace croupier::race {

/// PostgreSQL in a cluster of its own: initdb, a Unix socket, fsync and synchronous_commit on, and one function that
/// does the unit of work in one call. As root it runs as the user "postgres".
class postgres final : public system {
public:
  explicit postgres(const workload& work);
  ~postgres() override;

  void start(const std::filesystem::path& folder) override;
  void stop() override;
  void show(bench::balance_check& check) override;
  void freeze() override { server_->freeze(); }
  void thaw() override { server_->thaw(); }
  double cpu_s() const override { return server_->cpu_s(); }
  std::uint64_t memory_bytes() const override { return server_->memory_bytes(); }
  /// Tables and indexes. The log, whose files are kept for reuse, is left out.
  std::uint64_t disk_bytes(const std::filesystem::path& folder) const override;

  /// For libpq.
  std::string connection_text(const std::string& database = "postgres") const;
  const std::filesystem::path& folder() const noexcept { return folder_; }
  /// Another database with the same schema and players.
  void make_database(const std::string& name);
  /// The one value that a query gives.
  std::string query_text(const std::string& database, const std::string& sql) const;

  /// The settings that it runs with, beyond the defaults: "name=value".
  static const std::vector<std::string>& settings();
  /// Empty when its programs are installed; otherwise what is missing.
  static std::string missing();

  /// The path of one of its programs.
  static std::string program(const std::string& name);

private:
  void fill(const std::string& database);

  std::filesystem::path folder_;
  std::unique_ptr<bench::child_process> server_;
};

/// A call and a wait, over libpq with a prepared statement.
std::unique_ptr<engine> postgres_engine(const std::string& connection_text, const workload& work);

/// What the movements of a request are, by its tag.
using movement_lookup = std::function<void(std::uint64_t tag, movement& into)>;
using movements_lookup = std::function<void(std::uint64_t tag, std::vector<movement>& into)>;

/// The same without waiting, for the load generator. An answer's status is the value of its verdict, its body the
/// balances.
load::channel_maker postgres_channels(const std::string& connection_text, const workload& work, movement_lookup find);

/// Many movements in one call and one transaction. An answer's status is `applied` when it could be done at all, its
/// body "<applied> <replayed> <conflicts>".
load::channel_maker postgres_batch_channels(const std::string& connection_text, const workload& work,
                                            movements_lookup find);

} // namespace croupier::race
