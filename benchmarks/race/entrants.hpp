#pragma once

#include "benchmarks/race/croupier.hpp"
#include "benchmarks/race/entrant.hpp"
#include "benchmarks/race/postgres.hpp"
#include "benchmarks/race/redis.hpp"
#include "benchmarks/race/sqlite.hpp"

#include <memory>
#include <string>
#include <vector>

namespace croupier::race {

/// Everyone who runs, with the systems that they call.
struct field {
  struct home {
    std::string name; ///< also of its folder
    std::unique_ptr<system> what;
  };
  std::vector<home> systems;
  std::vector<std::unique_ptr<entrant>> entrants;
};

struct field_options {
  std::string program;        ///< the croupier binary
  std::string only;           ///< entrants whose name contains this; empty: all
  std::filesystem::path race; ///< this program, which is also the thin HTTP server
};

// The names, which tables and ratios go by.
inline constexpr const char* no_op_name = "no-op (Croupier, 405)";
inline constexpr const char* single_name = "Croupier HTTP";
inline constexpr const char* batch_name = "Croupier HTTP, batch of 100";
inline constexpr const char* stream_name = "Croupier HTTP, NDJSON";
inline constexpr const char* in_process_name = "Croupier in process";
inline constexpr const char* bare_name = "bare RocksDB append";
inline constexpr const char* postgres_name = "PostgreSQL native";
inline constexpr const char* pgbench_name = "PostgreSQL by pgbench";
inline constexpr const char* postgres_batch_name = "PostgreSQL native, 100 per transaction";
inline constexpr const char* postgres_http_name = "PostgreSQL behind thin HTTP";
inline constexpr const char* redis_name = "Redis native";
inline constexpr const char* redis_pipelined_name = "Redis native, 16 pipelined";
inline constexpr const char* redis_http_name = "Redis behind thin HTTP";
inline constexpr const char* sqlite_name = "SQLite in process";

/// The field of one round; nothing is started yet.
field make_field(const bench::workload& work, const field_options& options);

} // namespace croupier::race
