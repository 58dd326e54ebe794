#include "persistence/player_cache.hpp"

#include "tests/support/catch.hpp"

#include <string>

namespace croupier::persistence {

namespace {

player_cache::shared_state state_of(std::uint64_t number, std::uint64_t movements) {
  auto made = std::make_shared<player_state>();
  made->profile.number = {number};
  made->movement_count = movements;
  return made;
}

} // namespace

TEST_CASE("a kept player is given to who needs no more of it than there is") {
  player_cache cache;
  CHECK(cache.find({7}, {0}).state == nullptr);
  cache.keep({100}, state_of(7, 3));
  CHECK(cache.find({7}, {0}).state->movement_count == 3);
  CHECK(cache.find({7}, {100}).whole_to == sequence{100});
  CHECK(cache.find({7}, {101}).state == nullptr);
  CHECK(cache.find({8}, {0}).state == nullptr);

  // Who read it before the last checkpoint may be late.
  cache.keep({200}, state_of(7, 5));
  cache.keep({150}, state_of(7, 4));
  CHECK(cache.find({7}, {0}).state->movement_count == 5);
  CHECK(cache.find({7}, {200}).state->movement_count == 5);
}

TEST_CASE("however many players and names are kept, the table stays as it is, and nobody is taken for another") {
  constexpr std::uint64_t many = 200'000;
  player_cache cache;
  for (std::uint64_t i = 1; i <= many; ++i) {
    cache.keep({1}, state_of(i, i));
    cache.keep_name(i * 0x9e3779b97f4a7c15U, {1}, std::to_string(i), {i});
  }
  std::uint64_t states = 0;
  std::uint64_t names = 0;
  for (std::uint64_t i = 1; i <= many; ++i) {
    if (const auto kept = cache.find({i}, {1}); kept.state != nullptr) {
      ++states;
      if (kept.state->movement_count != i) FAIL("player " << i << " is taken for another");
    }
    if (const auto number = cache.find_name(i * 0x9e3779b97f4a7c15U, {1}, std::to_string(i))) {
      ++names;
      if (*number != player_number{i}) FAIL("name " << i << " is taken for another");
    }
  }
  CHECK(states == 32'768);
  CHECK(names > 20'000);
  CHECK(names <= 32'768);
}

TEST_CASE("a name is its hash, its brand and its text") {
  player_cache cache;
  CHECK_FALSE(cache.find_name(0, {0}, "").has_value());
  cache.keep_name(5, {1}, "anna", {9});
  CHECK(cache.find_name(5, {1}, "anna") == player_number{9});
  CHECK_FALSE(cache.find_name(5, {2}, "anna").has_value());
  CHECK_FALSE(cache.find_name(5, {1}, "anne").has_value());
  CHECK_FALSE(cache.find_name(6, {1}, "anna").has_value());
}

} // namespace croupier::persistence
