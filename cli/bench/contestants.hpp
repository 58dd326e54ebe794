#pragma once

#include "benchmarks/load/channel.hpp"
#include "benchmarks/load/request.hpp"
#include "cli/api_client.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::cli {

/// Where a benchmark takes place, and for whom.
struct bench_place {
  server_access server; ///< checked; without TLS
  std::string brand;
  std::string link; ///< a tracking link of the brand, for a click to register with
  std::uint32_t players = 1'000;
  std::size_t connections = 64;
};

/// What the movements of a run must have made of one player.
struct expected_balance {
  std::int64_t cents = 0;
  std::int64_t movements = 0;
};

/// The players of one run, made for it: nobody else moves their balances, so they can be held against a model. Each
/// movement changes the brand's first decimal metric by some cents and, if there is one, its first integer metric by 1.
class contestants {
public:
  /// Makes a click on the link, registers the players with it, and asks which metrics there are. Blocks. Throws
  /// std::runtime_error with one line when the server is not there or refuses.
  explicit contestants(const bench_place& place);

  const bench_place& place() const noexcept { return place_; }
  std::uint32_t count() const noexcept { return place_.players; }

  /// Different for every run, so that a run never meets the request ids of another one.
  const std::string& run() const noexcept { return run_; }
  std::string id_of(std::uint32_t player) const;

  /// Appends the body of the movement call.
  void append_movement(std::string& out, std::uint32_t player, std::uint64_t number, std::int64_t cents) const;

  load::request_head head(std::string_view method, std::string_view path,
                          const load::request_head::headers& further = {}) const;
  load::channel_maker channels() const;
  std::string balance_path(std::uint32_t player) const;

  /// Reads every player's balances and compares them; `expected` has one for each. Gives the number of players that
  /// differ and leaves what the first of them showed in `first`. Throws std::runtime_error when one cannot be read.
  std::uint64_t differences(const std::vector<expected_balance>& expected, std::string& first) const;

private:
  void find_metrics();
  void register_players();

  bench_place place_;
  std::string run_;
  std::string host_;
  std::uint16_t port_ = 0;
  std::string decimal_code_;
  std::string integer_code_; ///< empty: the brand has none
};

/// A number that looks random and is always the same for the same two: what makes runs repeatable.
constexpr std::uint64_t scattered(std::uint64_t seed, std::uint64_t number) noexcept {
  std::uint64_t value = number + seed * 0x9e3779b97f4a7c15U + 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

} // namespace croupier::cli
