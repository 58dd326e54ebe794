#include "tests/persistence/rocksdb_medium.hpp"
#include "tests/persistence/store_contract.hpp"
#include "tests/persistence/view_property.hpp"
#include "tests/support/catch.hpp"

namespace croupier::persistence {

TEST_CASE("over RocksDB, the view answers as a fold of the whole journal would") {
  REQUIRE(view_equals_model<rocksdb_medium>(10));
}

TEST_CASE("the journal in RocksDB keeps the contract") {
  rocksdb_medium medium;
  check_journal(as_any(medium));
}

TEST_CASE("the checkpoints in RocksDB keep the contract") {
  rocksdb_medium medium;
  check_checkpoints(as_any(medium));
}

} // namespace croupier::persistence
