#include "actors/journal_inbox.hpp"
#include "support/catch.hpp"

#include <memory>
#include <vector>

namespace croupier::actors {

TEST_CASE("places in the line to the journal are counted on, and passed when the writer says so") {
  journal_inbox inbox;
  std::vector<posting_ptr> group;
  const auto one = std::make_shared<posting>();
  const auto first = inbox.put(one);
  const auto second = inbox.put(one);
  CHECK(first.number == 1);
  CHECK(first.first);
  CHECK(second.number == 2);
  CHECK_FALSE(second.first);
  CHECK(inbox.passed() == 0);

  inbox.take(group);
  CHECK(group.size() == 2);
  // Taken is not durable yet; and what comes meanwhile belongs to the next group.
  const auto third = inbox.put(one);
  CHECK(third.number == 3);
  CHECK(third.first);
  CHECK(inbox.passed() == 0);
  inbox.pass_taken();
  CHECK(inbox.passed() == 2);

  group.clear();
  inbox.take(group);
  CHECK(inbox.passed() == 2);
  inbox.pass_taken();
  CHECK(inbox.passed() == 3);
}

} // namespace croupier::actors
