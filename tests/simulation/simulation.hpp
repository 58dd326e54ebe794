#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace croupier::test {

inline constexpr std::uint64_t one_pays_of = 12;
inline constexpr std::uint64_t one_races_of = 11;

struct simulation_report {
  std::vector<std::string> differences; ///< empty: the ledger did what it promises
  std::uint64_t requests = 0;           ///< answered, retries included
  std::uint64_t crashes = 0;
  std::uint64_t faults = 0;      ///< failed writes and syncs
  std::uint64_t payments = 0;    ///< calls about what affiliates are paid
  std::uint64_t settlements = 0; ///< made by them
};

/// One run of the real engine, actors, committed view, journal and checkpoints, on RocksDB with a disk in memory, under
/// a scheduler that the seed drives: which actor runs next, when time passes, when clients send, give up and repeat,
/// when the disk fails, and when the power goes, which loses what was not synced. Afterwards, and after each restart,
/// everything is compared with the model. In one world of `one_pays_of`, events happen too, and affiliates are paid:
/// plans with CPA, settlements, adjustments, claims and closes of months, by the real books and the real billing. One
/// seed always gives the same run, except in one world of `one_races_of`: there RocksDB's compactions go on while the
/// actors do, and the next time it may be another.
simulation_report simulate(std::uint64_t seed);

} // namespace croupier::test
