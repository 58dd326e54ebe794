#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::bench {

/// Whom the movements are for.
enum class shape : std::uint8_t {
  uniform,    ///< every player alike
  zipf,       ///< the n-th player in proportion to 1 / n^0.99
  hot_player, ///< one player only
  hot_brand   ///< every player of the first brand alike, nobody else
};

std::string_view name_of(shape value) noexcept;

/// A metric that the movements change. Values are counted in the metric's smallest unit: 1 or 0.01.
struct metric_kind {
  std::string_view code;
  bool decimal = true;
};

struct workload_options {
  std::uint32_t players = 100'000;
  std::uint32_t brands = 1;
  std::uint32_t metrics = 1; ///< 1: a deposit; 3: a bet
  std::uint64_t seed = 20'260'528;
};

/// One movement. Objects are used again and again, so that their strings keep their memory.
struct movement {
  std::uint64_t number = 0;
  std::uint32_t player = 0;
  std::uint32_t brand = 0;
  std::string external_id;
  std::string request_id;
  std::string payload;               ///< the JSON body of the movement call
  std::vector<std::int64_t> changes; ///< one for each metric, in its smallest unit
};

/// Movements by number: the same number is always the same movement, so that a retry, another server and the check
/// afterwards all know it without a list. Reading is thread-safe.
class workload {
public:
  explicit workload(const workload_options& options);

  const workload_options& options() const noexcept { return options_; }
  const std::vector<metric_kind>& metrics() const noexcept { return metrics_; }

  std::uint32_t player_of(shape whom, std::uint64_t number) const noexcept;
  std::uint32_t brand_of(std::uint32_t player) const noexcept { return player % options_.brands; }
  /// What the movement changes the metric by, in the metric's smallest unit.
  std::int64_t change(std::uint64_t number, std::size_t metric) const noexcept;

  /// The movement of this number. `altered` gives it the same request id and another amount: a conflicting repeat.
  void make(shape whom, std::uint64_t number, bool altered, movement& into) const;

private:
  void write_payload(movement& into) const;

  workload_options options_;
  std::vector<metric_kind> metrics_;
  std::vector<double> zipf_; ///< cumulative shares
};

std::string external_id_of(std::uint32_t player);
/// The id of a brand; the first one is the brand of the demo workspace.
std::string brand_id(std::uint32_t brand);

/// "12.5", "-3", "0.01" in units of 1 or 0.01. Throws std::runtime_error when it is not such a number, or finer.
std::int64_t parse_units(std::string_view text, bool decimal);
/// The value as the calls take it: "12.50", "-3".
void append_value(std::string& out, std::int64_t units, bool decimal);

/// A workspace file with that many brands, the metrics of every workload and a tracking link.
std::string workspace_text(std::uint32_t brands);
/// The link of that file, and of the demo workspace.
inline constexpr std::string_view link_id = "5d1f0c2a-0001-4000-8000-000000000001";

} // namespace croupier::bench
