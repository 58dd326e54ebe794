#include "persistence/rocksdb_database.hpp"
#include "tests/persistence/store_world.hpp"
#include "tests/support/catch.hpp"

#include <rocksdb/db.h>

#include <chrono>
#include <thread>

namespace croupier::persistence {
namespace {

using namespace std::chrono_literals;

int runs_of(const database& db) {
  std::string count;
  REQUIRE(db.engine().GetProperty(db.handle(family::names), "rocksdb.num-files-at-level0", &count));
  return std::stoi(count);
}

/// More runs than are left unmerged; every one has all keys, so that none is moved away whole.
void add_runs(const database& db, int count) {
  for (int i = 0; i < count; ++i) {
    for (const auto* key : {"first", "last"})
      REQUIRE(db.engine().Put({}, db.handle(family::names), key, std::to_string(i)).ok());
    REQUIRE(db.engine().Flush({}, db.handle(family::names)).ok());
  }
}

bool are_merged(const database& db, int before) {
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (runs_of(db) >= before && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  return runs_of(db) < before;
}

TEST_CASE("files are merged from the moment that is asked for, and from then on also when opened anew", "[store]") {
  constexpr int some_runs = 9;
  const disk_folder folder;
  database_settings settings;
  settings.folder = folder.path().string();
  settings.env = rocksdb::Env::Default();
  {
    const auto quiet = database::open(settings);
    REQUIRE(quiet);
    add_runs(**quiet, some_runs);
    CHECK(runs_of(**quiet) == some_runs);
  }
  {
    const auto started = database::open(settings);
    REQUIRE(started);
    CHECK(runs_of(**started) == some_runs);
    (*started)->begin_merging();
    CHECK(are_merged(**started, some_runs));
  }
  settings.merges = true;
  const auto anew = database::open(settings);
  REQUIRE(anew);
  add_runs(**anew, some_runs);
  CHECK(are_merged(**anew, some_runs));
}

} // namespace
} // namespace croupier::persistence
