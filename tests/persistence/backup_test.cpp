#include "persistence/backup.hpp"

#include "tests/persistence/spoilt_ledger.hpp"

#include <atomic>
#include <thread>

// A backup of a ledger that goes on being written is a whole ledger; the next one costs what is new.

namespace croupier::persistence {

namespace {

backup_options into(const std::filesystem::path& folder, std::uint32_t keep = 7) {
  backup_options options;
  options.folder = folder;
  options.keep = keep;
  return options;
}

/// The entries of a data folder, read as a server would.
std::vector<remembered> entries_of(const std::filesystem::path& folder) {
  store_options options;
  options.folder = folder;
  options.read_only = true;
  const auto store = rocksdb_store::open(options);
  REQUIRE(store.has_value());
  return content_of((*store)->journal());
}

} // namespace

TEST_CASE("a backup that is made while entries come holds all that was durable before, and is sound", "[backup]") {
  spoilt_ledger ledger(21);
  disk_folder backups;
  disk_folder place;
  ledger.append(500);
  ledger.checkpoint();
  std::atomic<bool> enough = false;
  std::atomic<std::uint64_t> appended = 0;
  std::thread writer([&] {
    while (!enough) {
      ledger.append(20);
      if (++appended % 40 == 0) ledger.checkpoint();
    }
  });
  for (std::uint32_t number = 1; number <= 4; ++number) {
    while (appended < number * 60) std::this_thread::yield();
    const auto before = ledger.store().journal().last_position().last;
    const auto made = ledger.store().back_up(into(backups.path()));
    INFO((made ? "" : made.error().text));
    CHECK(made.has_value());
    if (!made) break;
    CHECK(made->number == number);
    CHECK(made->at >= before);
  }
  enough = true;
  writer.join();
  const auto listed = list_backups(backups.path());
  REQUIRE(listed.has_value());
  REQUIRE(listed->size() == 4);
  const auto original = content_of(ledger.store().journal());
  for (const auto& one : *listed) {
    const auto to = place / std::to_string(one.number);
    const auto restored = restore_backup(backups.path(), one.number, to, {}, nullptr);
    INFO((restored ? "" : restored.error().text));
    REQUIRE(restored.has_value());
    CHECK(restored->proof.journal_end.last >= one.at);
    const auto entries = entries_of(to);
    REQUIRE(entries.size() == restored->proof.journal_end.last.value);
    for (std::size_t i = 0; i < entries.size(); ++i) REQUIRE(entries[i].record == original[i].record);
  }
}

TEST_CASE("a second backup writes what is new only, and old ones go", "[backup]") {
  spoilt_ledger ledger(22);
  disk_folder backups;
  for (int i = 0; i < 200; ++i) ledger.append(100);
  ledger.checkpoint();
  const auto first = ledger.store().back_up(into(backups.path()));
  REQUIRE(first.has_value());
  ledger.append(10);
  const auto second = ledger.store().back_up(into(backups.path()));
  REQUIRE(second.has_value());
  CHECK(second->bytes >= first->bytes);
  CHECK(second->new_bytes * 10 < first->new_bytes);
  REQUIRE(ledger.store().back_up(into(backups.path(), 2)).has_value());
  const auto left = list_backups(backups.path());
  REQUIRE(left.has_value());
  REQUIRE(left->size() == 2);
  CHECK(left->front().number == 2);
  CHECK(left->back().number == 3);
}

TEST_CASE("a backup among those of another ledger or inside the data folder is refused", "[backup]") {
  spoilt_ledger one(23);
  spoilt_ledger other(24);
  disk_folder backups;
  one.append(50);
  other.append(50);
  REQUIRE(one.store().back_up(into(backups.path())).has_value());
  const auto mixed = other.store().back_up(into(backups.path()));
  REQUIRE_FALSE(mixed.has_value());
  CHECK(mixed.error().code == storage_errc::foreign);
  const auto inside = one.store().back_up(into(one.folder() / "backups"));
  REQUIRE_FALSE(inside.has_value());
  CHECK(inside.error().code == storage_errc::foreign);
  CHECK(list_backups(backups.path())->size() == 1);
}

TEST_CASE("a restore refuses what is not there, what is in the way, and what is damaged", "[backup]") {
  spoilt_ledger ledger(25);
  disk_folder backups;
  disk_folder place;
  ledger.append(500);
  REQUIRE(ledger.store().back_up(into(backups.path())).has_value());
  const auto refused = [&](const std::filesystem::path& from, std::optional<std::uint32_t> number,
                           const std::filesystem::path& to) {
    const auto restored = restore_backup(from, number, to, {}, nullptr);
    REQUIRE_FALSE(restored.has_value());
    return restored.error();
  };
  CHECK(refused(place.path(), {}, place / "a").code == storage_errc::foreign);
  CHECK(refused(backups.path(), 9, place / "a").text.starts_with("there is no backup 9 in "));
  CHECK(refused(backups.path(), {}, ledger.folder()).text.ends_with("is not empty; restore into a new folder"));
  for (const auto& file : std::filesystem::directory_iterator(backups / "shared_checksum"))
    flip_byte(file.path(), std::filesystem::file_size(file.path()) / 2);
  CHECK(refused(backups.path(), {}, place / "b").code == storage_errc::corrupt);
  CHECK_FALSE(std::filesystem::exists(place / "b"));
  CHECK_FALSE(std::filesystem::exists(place / "b.restoring"));
}

TEST_CASE("a restored ledger that is not sound does not get the folder's name", "[backup]") {
  spoilt_ledger ledger(26);
  disk_folder backups;
  disk_folder place;
  ledger.append(100);
  const auto at = ledger.append_changed([](movement_recorded& movement) { movement.ordinal += 1; });
  REQUIRE(ledger.store().back_up(into(backups.path())).has_value());
  const auto restored = restore_backup(backups.path(), {}, place / "data", {}, nullptr);
  REQUIRE_FALSE(restored.has_value());
  CHECK(restored.error().code == storage_errc::corrupt);
  CHECK(restored.error().at == at);
  CHECK_FALSE(std::filesystem::exists(place / "data"));
  CHECK(std::filesystem::exists(place / "data.restoring"));
}

} // namespace croupier::persistence
