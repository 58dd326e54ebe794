#include "tests/persistence/media.hpp"
#include "tests/persistence/view_property.hpp"
#include "tests/support/catch.hpp"

namespace croupier::persistence {

TEST_CASE("over memory, the view answers as a fold of the whole journal would") {
  REQUIRE(view_equals_model<memory_medium>(60));
}

} // namespace croupier::persistence
