#include "tests/persistence/media.hpp"
#include "tests/persistence/store_contract.hpp"
#include "tests/persistence/view_property.hpp"
#include "tests/support/catch.hpp"

namespace croupier::persistence {

TEST_CASE("over memory, the view answers as a fold of the whole journal would") {
  REQUIRE(view_equals_model<memory_medium>(60));
}

TEST_CASE("the journal in memory keeps the contract") {
  memory_medium medium;
  check_journal(as_any(medium));
}

TEST_CASE("the checkpoints in memory keep the contract") {
  memory_medium medium;
  check_checkpoints(as_any(medium));
}

} // namespace croupier::persistence
