#pragma once

#include "engine/entry.hpp"

#include <deque>
#include <random>
#include <string>

namespace croupier::persistence {

/// Draws entries of every kind with every field at its edges now and then. Keeps the texts that the entries point to,
/// so it outlives them.
class random_entries {
public:
  explicit random_entries(std::uint64_t seed) : random_(seed) {}

  entry next();
  workspace_changed::object next_object();
  movement_recorded next_movement();
  /// Units below 10^26 in size, often small, often with trailing zeros.
  int128 next_units();

private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool coin() { return below(2) == 0; }
  /// Mostly small, sometimes anything that fits.
  template<class Number>
  Number next_number();
  std::string next_string(std::size_t size_max = 40);
  std::string_view next_text(std::size_t size_max = 40);
  uuid next_uuid();
  player_profile next_profile();
  metric_change next_change();

  /// Draws every field that is written.
  template<class T>
  void fill(T& value);
  template<class Fact>
  entry drawn();

  std::mt19937_64 random_;
  std::deque<std::string> texts_;
};

/// Whether all fields are equal.
bool same(const entry& a, const entry& b);

} // namespace croupier::persistence
