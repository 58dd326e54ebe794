#include "cli/bench/retry_storm.hpp"
#include "support/catch.hpp"

using croupier::cli::storm_record;
using payload = storm_record::payload;
using said = storm_record::said;

TEST_CASE("answers that can all be true settle which payload was applied") {
  storm_record record(1);
  REQUIRE_FALSE(record.settled(0));
  SECTION("the original first, then repeats of both kinds") {
    record.answered(0, payload::original, said::accepted);
    record.answered(0, payload::original, said::duplicate);
    record.answered(0, payload::changed, said::mismatch);
    REQUIRE(record.applied(0) == payload::original);
  }
  SECTION("the changed one first") {
    record.answered(0, payload::original, said::mismatch);
    record.answered(0, payload::changed, said::accepted);
    record.answered(0, payload::changed, said::duplicate);
    REQUIRE(record.applied(0) == payload::changed);
  }
  SECTION("the answer to the copy that was applied was never heard") {
    record.unheard(0);
    record.answered(0, payload::original, said::mismatch);
    REQUIRE(record.applied(0) == payload::changed);
  }
  REQUIRE(record.settled(0));
  REQUIRE(record.problem(0).empty());
}

TEST_CASE("answers that cannot all be true are a problem") {
  storm_record record(1);
  SECTION("accepted twice") {
    record.answered(0, payload::original, said::accepted);
    record.answered(0, payload::original, said::accepted);
  }
  SECTION("accepted, and then somebody else's") {
    record.answered(0, payload::original, said::accepted);
    record.answered(0, payload::original, said::mismatch);
  }
  SECTION("a changed copy that is not noticed") {
    record.answered(0, payload::original, said::accepted);
    record.answered(0, payload::changed, said::duplicate);
  }
  SECTION("a duplicate although every answer was heard and none accepted") {
    record.answered(0, payload::original, said::duplicate);
  }
  SECTION("nothing known at the end") {
    record.unheard(0);
  }
  REQUIRE_FALSE(record.problem(0).empty());
}
