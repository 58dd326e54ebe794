#pragma once

#include "benchmarks/race/croupier.hpp"
#include "benchmarks/race/entrant.hpp"
#include "benchmarks/race/sqlite.hpp"

namespace croupier::race {

/// SQLite: one movement after the other on the one connection that writes, so connections do not matter to it.
class sqlite_entrant final : public entrant {
public:
  sqlite_entrant(std::string name, sqlite& home) : entrant(std::move(name), home), sqlite_(home) {}
  bool takes(const cell& what) const override;
  measured run(const cell& what, const extent& size, double rate_per_s) override;

private:
  sqlite& sqlite_;
};

/// Croupier's gateway without HTTP: two threads, each with three windows of 512 movements on their way.
class in_process_entrant final : public entrant {
public:
  in_process_entrant(std::string name, croupier_in_process& home) : entrant(std::move(name), home), croupier_(home) {}
  bool takes(const cell& what) const override;
  measured run(const cell& what, const extent& size, double rate_per_s) override;

private:
  croupier_in_process& croupier_;
};

/// The database of the bare append.
class bare_rocksdb final : public system {
public:
  explicit bare_rocksdb(const bench::workload& work);
  ~bare_rocksdb() override;
  void start(const std::filesystem::path& folder) override;
  void stop() override;
  /// It has no balances; the model stays empty.
  void show(bench::balance_check&) override {}

  /// Appends one group and syncs. Throws when the disk fails.
  void append(std::uint64_t first, const std::vector<bench::movement>& group);

private:
  struct database;
  std::unique_ptr<database> database_;
};

/// What the disk and RocksDB give at most, not a ledger: each movement's payload under a number, in groups of 512 with
/// one sync each. Nothing is looked up, decided or answered.
class bare_append_entrant final : public entrant {
public:
  bare_append_entrant(std::string name, bare_rocksdb& home) : entrant(std::move(name), home), bare_(home) {}
  bool takes(const cell& what) const override;
  measured run(const cell& what, const extent& size, double rate_per_s) override;

private:
  bare_rocksdb& bare_;
};

} // namespace croupier::race
