#include "benchmarks/support/model.hpp"

#include <charconv>
#include <exception>

namespace croupier::bench {

model::model(const workload& work)
    : work_(work), balances_(std::size_t{work.options().players} * work.metrics().size()) {}

void model::apply(std::uint32_t player, std::uint64_t number) noexcept {
  const auto metrics = work_.metrics().size();
  for (std::size_t i = 0; i < metrics; ++i)
    balances_[player * metrics + i].fetch_add(work_.change(number, i), std::memory_order_relaxed);
  applied_.fetch_add(1, std::memory_order_relaxed);
}

std::int64_t model::balance(std::uint32_t player, std::size_t metric) const noexcept {
  return balances_[player * work_.metrics().size() + metric];
}

balance_check::balance_check(const model& expected)
    : expected_(expected),
      seen_(std::size_t{expected.work().options().players} * expected.work().metrics().size(), false) {}

std::size_t balance_check::index_of(std::string_view external_id, std::string_view code) const {
  constexpr std::string_view before = "player-";
  std::uint32_t player = 0;
  if (!external_id.starts_with(before)) return none;
  external_id.remove_prefix(before.size());
  const auto [end, error] = std::from_chars(external_id.data(), external_id.data() + external_id.size(), player);
  if (error != std::errc() || end != external_id.data() + external_id.size()) return none;
  if (player >= expected_.work().options().players) return none;
  const auto& metrics = expected_.work().metrics();
  for (std::size_t i = 0; i < metrics.size(); ++i)
    if (metrics[i].code == code) return player * metrics.size() + i;
  return none;
}

void balance_check::see(std::string_view external_id, std::string_view code, std::string_view value) {
  const auto index = index_of(external_id, code);
  const bool decimal = index == none || expected_.work().metrics()[index % expected_.work().metrics().size()].decimal;
  try {
    see(external_id, code, parse_units(value, decimal));
  } catch (const std::exception& problem) {
    complain(std::string(external_id) + ", " + std::string(code) + ": " + problem.what());
  }
}

void balance_check::see(std::string_view external_id, std::string_view code, std::int64_t units) {
  const auto index = index_of(external_id, code);
  const auto metrics = expected_.work().metrics().size();
  const auto wanted =
      index == none ? 0 : expected_.balance(static_cast<std::uint32_t>(index / metrics), index % metrics);
  if (units != wanted)
    complain(std::string(external_id) + ", " + std::string(code) + ": " + std::to_string(units) + " units, expected " +
             std::to_string(wanted));
  if (index == none) return;
  if (seen_[index]) complain(std::string(external_id) + ", " + std::string(code) + " is there twice");
  seen_[index] = true;
}

void balance_check::see_count(std::uint64_t movements) {
  if (movements != expected_.applied())
    complain(std::to_string(movements) + " movements, expected " + std::to_string(expected_.applied()));
}

void balance_check::complain(const std::string& what) {
  if (differences_++ == 0) first_ = what;
}

std::string balance_check::verdict() const {
  auto differences = differences_;
  auto first = first_;
  const auto metrics = expected_.work().metrics().size();
  for (std::size_t i = 0; i < seen_.size(); ++i)
    if (!seen_[i] && expected_.balance(static_cast<std::uint32_t>(i / metrics), i % metrics) != 0 && differences++ == 0)
      first = "a balance of player " + std::to_string(i / metrics) + " is missing";
  if (expected_.uncertain_count() > 0 && differences++ == 0)
    first = std::to_string(expected_.uncertain_count()) + " movements have an unknown outcome";
  return differences == 0 ? "" : std::to_string(differences) + " differences, the first: " + first;
}

} // namespace croupier::bench
