#include "persistence/request_filter.hpp"
#include "support/catch.hpp"
#include "tests/persistence/store_world.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <random>
#include <thread>
#include <vector>

using namespace croupier;
using namespace croupier::persistence;

namespace {

constexpr std::uint64_t plenty = 64 << 20;

std::vector<request_key> random_keys(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<request_key> keys(count);
  for (auto& key : keys) key = {random(), random()};
  return keys;
}

std::size_t contained(const request_filter& filter, const std::vector<request_key>& keys) {
  std::size_t found = 0;
  for (const auto& key : keys) found += filter.may_contain(key) ? 1 : 0;
  return found;
}

} // namespace

TEST_CASE("until a filter of request ids is complete it rules nothing out", "[filter]") {
  request_filter filter(plenty);
  CHECK(filter.may_contain({1, 2}));
  filter.expect(1000);
  filter.add({3, 4});
  CHECK(filter.may_contain({1, 2}));
  filter.complete();
  CHECK_FALSE(filter.may_contain({1, 2}));
  CHECK(filter.may_contain({3, 4}));
}

TEST_CASE("an empty filter that is complete rules everything out", "[filter]") {
  request_filter filter(plenty);
  filter.complete();
  CHECK(contained(filter, random_keys(1000, 1)) == 0);
}

TEST_CASE("a filter never rules out an id that it was given, however often it has grown", "[filter]") {
  // Three million ids into room for one million: it grows twice.
  request_filter filter(plenty);
  const auto known = random_keys(3'000'000, 2);
  for (const auto& key : known) filter.add(key);
  filter.complete();
  CHECK(contained(filter, known) == known.size());
  // And nearly every other: 1 in 100 may be asked for on the disk.
  CHECK(contained(filter, random_keys(100'000, 3)) < 1'500);
  CHECK(filter.bytes() < known.size() * 3);
}

TEST_CASE("an id that is given to a filter again takes no room again", "[filter]") {
  request_filter filter(plenty);
  const auto known = random_keys(900'000, 8);
  for (const auto& key : known) filter.add(key);
  const auto once = filter.bytes();
  for (int retried = 0; retried < 5; ++retried)
    for (const auto& key : known) filter.add(key);
  CHECK(filter.bytes() == once);
}

TEST_CASE("a filter that may not grow takes what comes, and is wrong more often", "[filter]") {
  constexpr std::uint64_t most = 1 << 20;
  request_filter filter(most);
  const auto known = random_keys(2'000'000, 4);
  for (const auto& key : known) filter.add(key);
  filter.complete();
  CHECK(filter.bytes() <= most + 32);
  CHECK(contained(filter, known) == known.size());
}

TEST_CASE("ids of one player, and one id of many players, are kept apart", "[filter]") {
  request_filter filter(plenty);
  std::mt19937_64 random(5);
  const auto player = random();
  const auto request = random();
  for (int i = 0; i < 1000; ++i) {
    filter.add({random(), player});
    filter.add({request, random()});
  }
  filter.complete();
  std::size_t wrong = 0;
  for (int i = 0; i < 10'000; ++i) {
    wrong += filter.may_contain({random(), player}) ? 1 : 0;
    wrong += filter.may_contain({request, random()}) ? 1 : 0;
  }
  CHECK(wrong < 100);
}

TEST_CASE("who asks a filter while others add to it finds what was added before", "[filter]") {
  request_filter filter(plenty);
  filter.complete();
  const auto known = random_keys(1'500'000, 6); // it grows meanwhile
  std::atomic<std::size_t> added{0};
  std::atomic<std::size_t> missed{0};
  std::thread reader([&] {
    while (added < known.size()) {
      const auto upto = added.load(std::memory_order_acquire);
      for (std::size_t i = upto > 100 ? upto - 100 : 0; i < upto; ++i)
        if (!filter.may_contain(known[i])) missed.fetch_add(1);
    }
  });
  std::thread other([&] {
    for (const auto& key : random_keys(1'000'000, 7)) filter.add(key);
  });
  for (std::size_t i = 0; i < known.size(); ++i) {
    filter.add(known[i]);
    added.store(i + 1, std::memory_order_release);
  }
  reader.join();
  other.join();
  CHECK(missed == 0);
  CHECK(contained(filter, known) == known.size());
}

TEST_CASE("an id that is asked for several times at once is found each time", "[filter]") {
  // As in a batch that repeats what is long on the disk: one answer of "not there" would apply it twice.
  const disk_folder folder;
  store_options options;
  options.folder = folder.path();
  store_world world(options);
  REQUIRE_FALSE(world.open());
  auto known = random_keys(3'000, 10);
  std::sort(known.begin(), known.end());
  for (std::size_t run_number = 0; run_number < 3; ++run_number) { // in several files
    world.append_groups(1, 10);
    checkpoint_run run;
    run.valid_for = world.journal().last_position();
    for (std::size_t i = run_number; i < known.size(); i += 3) run.requests.emplace_back(known[i], sequence{i + 1});
    REQUIRE(world.checkpoints().write(run));
  }
  std::mt19937_64 random(11);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::size_t> wanted(1 + random() % 200);
    for (auto& one : wanted) one = random() % (round % 2 == 0 ? 5 : known.size());
    std::vector<request_key> asked;
    for (const auto one : wanted) asked.push_back(known[one]);
    std::vector<std::optional<sequence>> found(asked.size());
    world.checkpoints().find_each_request(asked, found);
    for (std::size_t i = 0; i < asked.size(); ++i) REQUIRE(found[i] == sequence{wanted[i] + 1});
  }
}

TEST_CASE("request ids of a large folder are found from the moment it is open, while it is still learning them",
          "[filter]") {
  const disk_folder folder;
  store_options options;
  options.folder = folder.path();
  store_world world(options);
  REQUIRE_FALSE(world.open());
  std::mt19937_64 random(9);
  std::vector<request_key> known;
  for (int run_number = 0; run_number < 3; ++run_number) {
    world.append_groups(1, 10);
    checkpoint_run run;
    run.valid_for = world.journal().last_position();
    for (int i = 0; i < 60'000; ++i) run.requests.emplace_back(request_key{random(), random()}, sequence{1});
    std::sort(run.requests.begin(), run.requests.end());
    for (const auto& [key, at] : run.requests) known.push_back(key);
    REQUIRE(world.checkpoints().write(run));
  }
  for (int opening = 0; opening < 4; ++opening) {
    REQUIRE_FALSE(world.open());
    std::vector<std::optional<sequence>> found(512);
    for (std::size_t i = 0; i + 512 <= known.size(); i += 512 * (opening + 1)) {
      auto asked = std::vector<request_key>(known.begin() + static_cast<std::ptrdiff_t>(i),
                                            known.begin() + static_cast<std::ptrdiff_t>(i) + 512);
      for (std::size_t k = 1; k < 512; k += 2) asked[k].player_hash ^= 1; // every other one is nobody's
      world.checkpoints().find_each_request(asked, found);
      for (std::size_t k = 0; k < 512; ++k) REQUIRE(found[k].has_value() == (k % 2 == 0));
    }
  }
}
