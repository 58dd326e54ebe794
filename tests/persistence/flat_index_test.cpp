#include "persistence/flat_index.hpp"
#include "tests/support/catch.hpp"

#include <random>
#include <vector>

using croupier::persistence::flat_index;

// Few different hashes, so that most places step over others, also around the end of the table.
TEST_CASE("a flat index finds what was put in and not taken out", "[flat_index]") {
  const auto hashes = GENERATE(3, 40, 100'000);
  std::mt19937_64 random(7);
  flat_index index;
  std::vector<std::uint64_t> hash_of;
  std::vector<bool> there;
  std::size_t live = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (live < 100 || random() % 2 == 0) {
      // The upper half of a hash is what counts: all over the table, or at its very end.
      const auto hash = hashes == 40 ? (0xffffffffU - random() % 40) << 32 : random() % hashes * 0x9e3779b97f4a7c15U;
      index.insert(hash, hash_of.size());
      hash_of.push_back(hash);
      there.push_back(true);
      ++live;
    } else {
      const auto place = random() % hash_of.size();
      if (!there[place]) continue;
      index.erase(hash_of[place], static_cast<std::uint32_t>(place));
      there[place] = false;
      --live;
    }
    const auto place = random() % hash_of.size();
    const auto found = index.find(hash_of[place], [&](std::uint32_t at) { return at == place; });
    REQUIRE(found == (there[place] ? place : flat_index::none));
  }
}
