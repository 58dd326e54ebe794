#include "engine/recent_ids.hpp"

#include "support/catch.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <deque>
#include <unordered_set>
#include <vector>

namespace croupier::testing {
namespace {

/// What recent_ids promises, written the slow and obvious way.
class model {
public:
  bool contains(std::uint64_t id) const { return set_.count(id) == 1; }

  void insert(std::uint64_t id) {
    order_.push_back(id);
    set_.insert(id);
  }

  void forget_oldest(std::size_t count) {
    for (; count > 0 && !order_.empty(); --count) {
      set_.erase(order_.front());
      order_.pop_front();
    }
  }

  std::size_t size() const { return order_.size(); }

private:
  std::deque<std::uint64_t> order_;
  std::unordered_set<std::uint64_t> set_;
};

/// Inserts `offered` (repeats are skipped), forgets some whenever there are more than `most`, and compares each answer,
/// and in the end all that either can know.
void compare(std::size_t most, const std::vector<std::uint64_t>& offered) {
  recent_ids ids;
  model expected;
  for (const auto id : offered) {
    RC_ASSERT(ids.contains(id) == expected.contains(id));
    if (expected.contains(id)) continue;
    ids.insert(id);
    expected.insert(id);
    RC_ASSERT(ids.contains(id));
    if (ids.size() > most) {
      const auto count = *rc::gen::inRange<std::size_t>(0, most + 3);
      ids.forget_oldest(count);
      expected.forget_oldest(count);
    }
    RC_ASSERT(ids.size() == expected.size());
  }
  for (const auto id : offered) RC_ASSERT(ids.contains(id) == expected.contains(id));
}

} // namespace

TEST_CASE("property: recent ids behave like a queue with a set beside it") {
  REQUIRE(rc::check("few ids, so that the forgotten come again", [] {
    const auto most = *rc::gen::inRange<std::size_t>(1, 40);
    compare(most, *rc::gen::container<std::vector<std::uint64_t>>(300, rc::gen::inRange<std::uint64_t>(1, 80)));
  }));
  REQUIRE(rc::check("beyond what is scanned", [] {
    const auto most = *rc::gen::inRange<std::size_t>(100, 600);
    compare(most, *rc::gen::container<std::vector<std::uint64_t>>(1500, rc::gen::inRange<std::uint64_t>(1, 1000)));
  }));
  REQUIRE(rc::check("ids that all want a few places of the table", [] {
    const auto most = *rc::gen::inRange<std::size_t>(120, 400);
    const auto crowded = rc::gen::map(
        rc::gen::pair(rc::gen::inRange<std::uint64_t>(0, 400), rc::gen::inRange<std::uint64_t>(1021, 1027)),
        [](const auto& one) { return (one.first << 32) + one.second; });
    compare(most, *rc::gen::container<std::vector<std::uint64_t>>(1200, crowded));
  }));
}

TEST_CASE("the oldest id is forgotten first") {
  recent_ids ids;
  for (const std::uint64_t id : {10, 20, 30, 40}) ids.insert(id);
  ids.forget_oldest(2);
  CHECK_FALSE(ids.contains(10));
  CHECK_FALSE(ids.contains(20));
  CHECK(ids.contains(30));
  CHECK(ids.contains(40));
  ids.insert(10);
  ids.forget_oldest(1);
  CHECK_FALSE(ids.contains(30));
  CHECK(ids.contains(10));
  ids.forget_oldest(100);
  CHECK(ids.size() == 0);
}

TEST_CASE("a hash of zero is an id like any other") {
  for (const std::size_t others : {0, 200}) {
    recent_ids ids;
    for (std::uint64_t id = 0; id < others; ++id) ids.insert(id + 1000);
    CHECK_FALSE(ids.contains(0));
    ids.insert(0);
    CHECK(ids.contains(0));
  }
}

TEST_CASE("memory grows with what is remembered, and shrinks with it") {
  recent_ids ids;
  std::uint64_t id = 1;
  const auto bytes_at = [&](std::size_t size) {
    while (ids.size() < size) ids.insert(id++ * 0x9e3779b97f4a7c15U);
    return ids.heap_bytes();
  };
  CHECK(bytes_at(0) == 0);
  CHECK(bytes_at(16) == 128);
  CHECK(bytes_at(100) <= 1000);
  CHECK(bytes_at(1'000) <= 32'000);
  CHECK(bytes_at(10'000) <= 320'000);
  ids.forget_oldest(9'000);
  CHECK(ids.heap_bytes() <= 32'000);
  ids.forget_oldest(990);
  CHECK(ids.size() == 10);
  CHECK(ids.heap_bytes() == 80);
}

} // namespace croupier::testing
