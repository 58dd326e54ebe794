#include "support/catch.hpp"
#include "tests/persistence/spoilt_folder.hpp"

#include "persistence/rocksdb_folder.hpp"

#include <rocksdb/db.h>

// The mark beside the database that says how far the journal once reached: whatever RocksDB's catalogue has forgotten,
// what was acknowledged is there, or the folder is refused, and stays as it was.

namespace croupier::persistence {

namespace {

void write_checkpoint(store_world& world) {
  checkpoint_run run;
  run.valid_for = world.journal().last_position();
  run.next_player_number = 1;
  REQUIRE(world.checkpoints().write(run));
}

/// Three runs of a ledger, of which the middle one was killed, and whose last has a checkpoint between its entries.
/// Gives what was acknowledged. The folder is left as the last run leaves it.
std::vector<remembered> live_through(const disk_folder& folder, bool ends_orderly) {
  store_world world(options_for(folder));
  REQUIRE_FALSE(world.open());
  world.append_groups(2, 10);
  REQUIRE_FALSE(world.stop());
  REQUIRE_FALSE(world.open());
  world.append_groups(2, 10);
  world.close();
  REQUIRE_FALSE(world.open());
  world.append_groups(2, 10);
  write_checkpoint(world);
  world.append_groups(1, 10);
  if (ends_orderly) {
    REQUIRE_FALSE(world.stop());
  } else {
    disk_folder killed;
    well_disk().copy_after_kill(folder.path(), killed.path());
    world.close();
    well_disk().copy_after_kill(killed.path(), folder.path());
  }
  return world.acknowledged();
}

/// Where the records of RocksDB's catalogue end: the form is that of a write-ahead log, and these are shorter than a
/// block.
std::vector<std::uint64_t> record_ends(const std::string& catalogue) {
  std::vector<std::uint64_t> ends;
  std::size_t at = 0;
  while (at + 7 <= catalogue.size()) {
    at += 7 + static_cast<std::uint8_t>(catalogue[at + 4]) + 256 * static_cast<std::uint8_t>(catalogue[at + 5]);
    ends.push_back(at);
  }
  REQUIRE(ends.back() == catalogue.size());
  return ends;
}

std::filesystem::path catalogue_of(const disk_folder& folder) {
  for (const auto& file : std::filesystem::directory_iterator(folder.path()))
    if (file.path().filename().string().starts_with("MANIFEST-")) return file.path().filename();
  FAIL("there is no catalogue");
  return {};
}

} // namespace

TEST_CASE("a catalogue that lost its newest lines loses nothing, or is refused", "[damage]") {
  const bool ends_orderly = GENERATE(true, false);
  disk_folder folder;
  const auto whole = live_through(folder, ends_orderly);
  const auto name = catalogue_of(folder);
  const auto catalogue = bytes_of(folder / name);
  disk_folder cut;
  std::size_t refused = 0;
  std::size_t recovered = 0;
  for (const auto end : record_ends(catalogue)) {
    INFO((ends_orderly ? "stopped" : "killed") << ", catalogue of " << catalogue.size() << " bytes cut to " << end);
    cut.copy_from(folder.path());
    write_bytes(cut / name, std::string_view(catalogue).substr(0, end));
    auto store = rocksdb_store::open(options_for(cut));
    if (store) {
      ++recovered;
      REQUIRE(content_of(store.value()->journal()).size() == whole.size());
      continue;
    }
    ++refused;
    CHECK(store.error().text.find('\n') == std::string::npos);
    CHECK(error_of_opening(cut));
    // Nothing that the catalogue does not speak of any more was removed: with its lines the ledger is there.
    write_bytes(cut / name, catalogue);
    auto healed = rocksdb_store::open(options_for(cut));
    REQUIRE(healed);
    REQUIRE(content_of(healed.value()->journal()).size() == whole.size());
  }
  CHECK(refused > 0);
  CHECK(recovered > 0);
}

TEST_CASE("the catalogue of a first run that lost its lines is not taken for an empty folder", "[damage]") {
  disk_folder folder;
  store_world world(options_for(folder));
  REQUIRE_FALSE(world.open());
  world.append_groups(1, 10);
  REQUIRE_FALSE(world.stop());
  const auto name = catalogue_of(folder);
  const auto catalogue = bytes_of(folder / name);
  disk_folder cut;
  for (const auto end : record_ends(catalogue)) {
    INFO("catalogue of " << catalogue.size() << " bytes cut to " << end);
    cut.copy_from(folder.path());
    write_bytes(cut / name, std::string_view(catalogue).substr(0, end));
    auto store = rocksdb_store::open(options_for(cut));
    if (store) REQUIRE(content_of(store.value()->journal()).size() == world.acknowledged().size());
  }
}

TEST_CASE("a journal that lost its tail after an orderly stop is refused, unchanged", "[damage]") {
  disk_folder folder;
  store_world world(options_for(folder));
  REQUIRE_FALSE(world.open());
  world.append_groups(3, 4);
  REQUIRE_FALSE(world.stop());
  remove_page(folder, {9});
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto error = error_of_opening(folder);
    REQUIRE(error);
    CHECK(error->code == storage_errc::corrupt);
    CHECK(error->at->value == 9);
    CHECK(error->text.find("once reached entry 12") != std::string::npos);
  }
}

TEST_CASE("a journal that lost its tail after a checkpoint or a start is refused", "[damage]") {
  disk_folder folder;
  store_world world(options_for(folder));
  REQUIRE_FALSE(world.open());
  world.append_groups(2, 4);
  SECTION("a checkpoint") {
    write_checkpoint(world);
  }
  SECTION("a start") {
    world.close();
    REQUIRE_FALSE(world.open());
  }
  const auto mark = read_journal_mark(*well_disk().env(), folder.path().string());
  REQUIRE(mark);
  REQUIRE(*mark);
  CHECK(**mark == world.journal().last_position());
  world.close();
  remove_page(folder, {5});
  const auto error = error_of_opening(folder);
  REQUIRE(error);
  CHECK(error->at->value == 5);
}

TEST_CASE("a mark is replaced whole; a damaged one is refused, one of another ledger too", "[damage]") {
  disk_folder folder;
  store_world world(options_for(folder));
  REQUIRE_FALSE(world.open());
  world.append_groups(1, 4);
  REQUIRE_FALSE(world.stop());
  const auto mark = bytes_of(folder / "journal.mark");
  disk_folder damaged;
  for (std::size_t at = 0; at < mark.size(); ++at) {
    for (const bool flips : {true, false}) {
      damaged.copy_from(folder.path());
      if (flips)
        flip_byte(damaged / "journal.mark", at);
      else
        write_bytes(damaged / "journal.mark", std::string_view(mark).substr(0, at));
      const auto error = error_of_opening(damaged);
      REQUIRE(error);
      CHECK(error->code == storage_errc::corrupt);
      CHECK(error->text.find("journal.mark is damaged") != std::string::npos);
    }
  }
  disk_folder elsewhere;
  store_world other(options_for(elsewhere));
  REQUIRE_FALSE(other.open());
  other.append_groups(1, 4);
  REQUIRE_FALSE(other.stop());
  damaged.copy_from(folder.path());
  write_bytes(damaged / "journal.mark", bytes_of(elsewhere / "journal.mark"));
  const auto error = error_of_opening(damaged);
  REQUIRE(error);
  CHECK(error->code == storage_errc::foreign);
}

TEST_CASE("a folder whose mark was removed is taken as it is, and has one again", "[store]") {
  disk_folder folder;
  store_world world(options_for(folder));
  REQUIRE_FALSE(world.open());
  world.append_groups(1, 4);
  REQUIRE_FALSE(world.stop());
  std::filesystem::remove(folder / "journal.mark");
  REQUIRE_FALSE(world.open());
  world.expect_journal_as_acknowledged();
  CHECK(std::filesystem::exists(folder / "journal.mark"));
}

TEST_CASE("the mark that builds before kept in the database is removed", "[store]") {
  disk_folder folder;
  CHECK_FALSE(error_of_opening(folder));
  const auto in_meta = [&folder](const auto& what) {
    with_bare_database(folder, [&what](rocksdb::DB& db, rocksdb::ColumnFamilyHandle& family) {
      if (family.GetName() == "meta") what(db, family);
    });
  };
  in_meta([](rocksdb::DB& db, rocksdb::ColumnFamilyHandle& meta) {
    REQUIRE(db.Put(rocksdb::WriteOptions(), &meta, "stop", "how such a build was stopped").ok());
  });
  CHECK_FALSE(error_of_opening(folder));
  in_meta([](rocksdb::DB& db, rocksdb::ColumnFamilyHandle& meta) {
    std::string left;
    CHECK(db.Get(rocksdb::ReadOptions(), &meta, "stop", &left).IsNotFound());
  });
}

} // namespace croupier::persistence
