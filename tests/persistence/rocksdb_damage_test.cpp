#include "support/catch.hpp"
#include "tests/persistence/spoilt_folder.hpp"

#include "persistence/journal_page.hpp"

#include <rocksdb/db.h>

#include <memory>

// Accidents to the files of a data folder, and whose fault each is: what was torn by a crash is cut, what was damaged
// afterwards is refused with the first entry concerned, what belongs to another folder is refused.

namespace croupier::persistence {

namespace {

/// Where a log's last byte is; behind it are the zeros that were reserved.
std::uint64_t end_of_data(std::string_view log) {
  return log.find_last_not_of('\0') + 1;
}

/// A folder with a journal whose newest entries are in the write-ahead log, as after a kill.
struct killed_ledger {
  disk_folder folder;
  store_world world{options_for(folder)};
  std::vector<std::uint64_t> ends; ///< of the data in the log after each group

  killed_ledger(std::size_t groups, std::size_t group_size, std::size_t payload_bytes = 20) {
    REQUIRE_FALSE(world.open());
    for (std::size_t i = 0; i < groups; ++i) {
      world.append_groups(1, group_size, payload_bytes);
      ends.push_back(end_of_data(bytes_of(log())));
    }
    well_disk().copy_after_kill(folder.path(), copy.path());
    world.close();
  }

  /// The write-ahead log, in which all groups are.
  std::filesystem::path log() const { return folder.files(".log").back(); }

  disk_folder copy; ///< taken while the store was open
};

/// What the journal of a folder holds, or the error of opening it.
struct opened {
  std::optional<storage_error> error;
  std::vector<remembered> content;
  std::optional<torn_tail> cut;
};

opened open_folder(const disk_folder& folder) {
  auto store = rocksdb_store::open(options_for(folder));
  if (!store) return {store.error(), {}, {}};
  return {std::nullopt, content_of(store.value()->journal()), store.value()->cut_at_opening()};
}

void check_is_prefix(const std::vector<remembered>& content, const std::vector<remembered>& whole) {
  REQUIRE(content.size() <= whole.size());
  for (std::size_t i = 0; i < content.size(); ++i) REQUIRE(content[i].record == whole[i].record);
}

} // namespace

TEST_CASE("after a kill everything that was acknowledged is there", "[damage]") {
  killed_ledger killed(20, 7);
  const auto found = open_folder(killed.copy);
  REQUIRE_FALSE(found.error);
  CHECK(found.content.size() == 140);
  CHECK_FALSE(found.cut);
  check_is_prefix(found.content, killed.world.acknowledged());
}

TEST_CASE("a log that ends anywhere inside its last record loses that group whole and nothing else", "[damage]") {
  const bool keeps_reserve = GENERATE(false, true);
  killed_ledger killed(4, 5);
  const auto log_name = killed.log().filename().string();
  const auto log = bytes_of(killed.copy / log_name);
  REQUIRE(log.size() > killed.ends[3]);
  REQUIRE(killed.ends[2] < killed.ends[3]);
  disk_folder torn;
  for (auto size = killed.ends[2]; size < killed.ends[3]; ++size) {
    torn.copy_from(killed.copy.path());
    auto bytes = log.substr(0, size);
    if (keeps_reserve) bytes.resize(log.size(), '\0');
    write_bytes(torn / log_name, bytes);
    const auto found = open_folder(torn);
    INFO("log cut to " << size << (found.error ? found.error->text : ""));
    REQUIRE_FALSE(found.error);
    REQUIRE(found.content.size() == 15);
    check_is_prefix(found.content, killed.world.acknowledged());
    // Whoever runs it is told what was cut, once: the next opening finds a whole journal. Zeros are nothing.
    const auto end = end_of_data(bytes);
    REQUIRE(found.cut.has_value() == (end > killed.ends[2]));
    if (!found.cut) continue;
    CHECK(found.cut->last.value == 15);
    CHECK(found.cut->file == log_name);
    CHECK(found.cut->bytes >= end - killed.ends[2]);
    CHECK(found.cut->bytes <= size - killed.ends[2]);
    if (size % 16 == 0) CHECK_FALSE(open_folder(torn).cut);
  }
}

TEST_CASE("a last record of many blocks that is torn in the middle is cut", "[damage]") {
  killed_ledger killed(3, 100, 2000);
  const auto log_name = killed.log().filename().string();
  const auto log = bytes_of(killed.copy / log_name);
  const auto begin = killed.ends[1];
  const auto end = killed.ends[2];
  REQUIRE(end - begin > 6 * 32768);
  disk_folder torn;
  for (auto at = begin / 4096 + 1; at < end / 4096; at += 3) {
    torn.copy_from(killed.copy.path());
    auto bytes = log;
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at * 4096), 4096, '\0');
    write_bytes(torn / log_name, bytes);
    const auto found = open_folder(torn);
    INFO("zeros in sector " << at << (found.error ? found.error->text : ""));
    REQUIRE_FALSE(found.error);
    REQUIRE(found.content.size() == 200);
    REQUIRE(found.cut);
    CHECK(found.cut->bytes == end - begin);
  }
}

TEST_CASE("a changed byte anywhere before the last record is refused, with the entry that it hit", "[damage]") {
  killed_ledger killed(4, 1);
  const auto log_name = killed.log().filename().string();
  disk_folder damaged;
  std::size_t group = 0;
  for (std::uint64_t at = 0; at < killed.ends[2]; ++at) {
    if (at >= killed.ends[group]) ++group;
    damaged.copy_from(killed.copy.path());
    flip_byte(damaged / log_name, at);
    const auto found = open_folder(damaged);
    INFO("byte " << at << " of group " << group);
    REQUIRE(found.error);
    CHECK(found.error->code == storage_errc::corrupt);
    REQUIRE(found.error->at);
    CHECK(found.error->at->value == group + 1);
    CHECK(found.error->text.find("backup") != std::string::npos);
    if (at % 8 != 0) continue;
    // Looking does no harm: the same folder is refused the second time, too, and the right byte heals it.
    CHECK(open_folder(damaged).error);
    flip_byte(damaged / log_name, at);
    CHECK(open_folder(damaged).content.size() == 4);
  }
}

TEST_CASE("a changed byte in the last record cuts that record", "[damage]") {
  killed_ledger killed(3, 1);
  const auto log_name = killed.log().filename().string();
  disk_folder damaged;
  REQUIRE(killed.ends[1] < killed.ends[2]);
  for (auto at = killed.ends[1]; at < killed.ends[2]; ++at) {
    damaged.copy_from(killed.copy.path());
    flip_byte(damaged / log_name, at);
    const auto found = open_folder(damaged);
    INFO("byte " << at << (found.error ? found.error->text : ""));
    REQUIRE_FALSE(found.error);
    REQUIRE(found.content.size() == 2);
  }
}

TEST_CASE("garbage behind the last record is cut", "[damage]") {
  killed_ledger killed(3, 2);
  const auto log_name = killed.log().filename().string();
  const auto log = bytes_of(killed.copy / log_name);
  const auto garbage = GENERATE(std::string(1, '\xff'), std::string(40'000, '\x01'), std::string(40'000, '\xa5'));
  const bool behind_reserve = GENERATE(false, true);
  write_bytes(killed.copy / log_name, (behind_reserve ? log : log.substr(0, killed.ends[2])) + garbage);
  const auto found = open_folder(killed.copy);
  REQUIRE_FALSE(found.error);
  CHECK(found.content.size() == 6);
  REQUIRE(found.cut);
  CHECK(found.cut->last.value == 6);
  CHECK(found.cut->bytes == garbage.size() + (behind_reserve ? log.size() - killed.ends[2] : 0));
}

TEST_CASE("zeros behind the last record are room, as many as there are", "[damage]") {
  killed_ledger killed(3, 2);
  const auto log_name = killed.log().filename().string();
  const auto room = GENERATE(0, 1, 6, 7, 500, 40'000, 1'000'000);
  auto log = bytes_of(killed.copy / log_name);
  log.resize(killed.ends[2] + static_cast<std::size_t>(room), '\0');
  write_bytes(killed.copy / log_name, log);
  const auto found = open_folder(killed.copy);
  INFO(room << (found.error ? found.error->text : ""));
  REQUIRE_FALSE(found.error);
  CHECK_FALSE(found.cut);
  CHECK(found.content.size() == 6);
}

TEST_CASE("zeros in the place of records that others follow are refused", "[damage]") {
  killed_ledger killed(6, 3, 20'000);
  const auto log_name = killed.log().filename().string();
  auto log = bytes_of(killed.copy / log_name);
  std::fill(log.begin() + static_cast<std::ptrdiff_t>(killed.ends[1]),
            log.begin() + static_cast<std::ptrdiff_t>(killed.ends[3]), '\0');
  write_bytes(killed.copy / log_name, log);
  const auto found = open_folder(killed.copy);
  REQUIRE(found.error);
  CHECK(found.error->code == storage_errc::corrupt);
  CHECK(found.error->at->value == 7);
}

TEST_CASE("a changed byte in a table file of the journal is refused, at the latest when it is read", "[damage]") {
  disk_folder folder;
  store_world world(options_for(folder));
  REQUIRE_FALSE(world.open());
  world.append_groups(10, 64, 60); // one page a group
  REQUIRE_FALSE(world.stop());
  disk_folder damaged;
  std::size_t refused = 0;
  for (const auto& file : folder.files(".sst")) {
    const auto size = std::filesystem::file_size(file);
    for (std::uint64_t at = 0; at < size; at += 1 + size / 40) {
      damaged.copy_from(folder.path());
      flip_byte(damaged / file.filename().string(), at);
      auto store = rocksdb_store::open(options_for(damaged));
      if (!store) {
        ++refused;
        continue;
      }
      try {
        check_is_prefix(content_of(store.value()->journal()), world.acknowledged());
      } catch (const storage_failure& failure) {
        ++refused;
        CHECK(failure.error().code == storage_errc::corrupt);
        REQUIRE(failure.error().at);
        CHECK(failure.error().at->value <= 640);
        CHECK(failure.error().at->value % 64 == 1);
      }
    }
  }
  // Not every byte of a file is read (properties, padding), but those with entries are most of it.
  CHECK(refused > 20);
}

TEST_CASE("a file of the journal that is missing is refused with the first entry in it", "[damage]") {
  disk_folder folder;
  store_world world(options_for(folder));
  for (int run = 0; run < 3; ++run) {
    REQUIRE_FALSE(world.open());
    world.append_groups(2, 10);
    REQUIRE_FALSE(world.stop());
  }
  disk_folder damaged;
  std::vector<std::uint64_t> entries;
  for (const auto& file : folder.files(".sst")) {
    damaged.copy_from(folder.path());
    std::filesystem::remove(damaged / file.filename().string());
    const auto found = open_folder(damaged);
    REQUIRE(found.error);
    if (found.error->at) entries.push_back(found.error->at->value);
  }
  // Nothing is left that tells what was in the newest file.
  CHECK(entries == std::vector<std::uint64_t>{1, 21});
}

TEST_CASE("essential files that are missing are refused", "[damage]") {
  killed_ledger killed(2, 2);
  const auto ending = GENERATE(std::string(".log"), std::string("CURRENT"), std::string("MANIFEST"));
  for (const auto& file : std::filesystem::directory_iterator(killed.copy.path()))
    if (file.path().filename().string().find(ending) != std::string::npos) std::filesystem::remove(file.path());
  const auto found = open_folder(killed.copy);
  INFO(ending);
  REQUIRE(found.error);
  CHECK(found.error->code != storage_errc::foreign);
}

TEST_CASE("a page in the middle that is missing is never read over", "[damage]") {
  disk_folder folder;
  store_world world(options_for(folder));
  REQUIRE_FALSE(world.open());
  world.append_groups(4, 4);
  world.close();
  remove_page(folder, {5});
  auto store = rocksdb_store::open(options_for(folder));
  REQUIRE(store);
  try {
    content_of(store.value()->journal());
    FAIL("a gap was read over");
  } catch (const storage_failure& failure) {
    CHECK(failure.error().code == storage_errc::corrupt);
    CHECK(failure.error().at->value == 5);
  }
}

TEST_CASE("a log of another ledger is refused", "[damage]") {
  killed_ledger killed(3, 2);
  killed_ledger other(3, 2);
  write_bytes(killed.copy / killed.log().filename().string(), bytes_of(other.copy / other.log().filename().string()));
  const auto found = open_folder(killed.copy);
  REQUIRE(found.error);
  CHECK(found.error->code == storage_errc::foreign);
}

TEST_CASE("a table file of another ledger is refused", "[damage]") {
  disk_folder folders[2];
  for (const auto& folder : folders) {
    store_world world(options_for(folder));
    REQUIRE_FALSE(world.open());
    world.append_groups(2, 10);
    REQUIRE_FALSE(world.stop());
  }
  const auto files = folders[0].files(".sst");
  std::size_t refused = 0;
  disk_folder mixed;
  for (const auto& file : files) {
    const auto name = file.filename().string();
    if (!std::filesystem::exists(folders[1] / name)) continue;
    mixed.copy_from(folders[0].path());
    write_bytes(mixed / name, bytes_of(folders[1] / name));
    if (open_folder(mixed).error) ++refused;
  }
  CHECK(refused == files.size());
}

TEST_CASE("half a group is refused", "[damage]") {
  disk_folder folder;
  store_world world(options_for(folder));
  REQUIRE_FALSE(world.open());
  world.append_groups(1, 100);
  world.close();
  remove_page(folder, {65});
  const auto found = open_folder(folder);
  REQUIRE(found.error);
  CHECK(found.error->code == storage_errc::corrupt);
  CHECK(found.error->text.find("group") != std::string::npos);
}

TEST_CASE("a page whose bytes were changed under valid checksums breaks the chain", "[damage]") {
  disk_folder folder;
  store_world world(options_for(folder));
  REQUIRE_FALSE(world.open());
  world.append_groups(3, 4);
  world.close();
  const auto forged = GENERATE(std::uint64_t{1}, std::uint64_t{5}, std::uint64_t{9});
  with_bare_database(folder, [forged](rocksdb::DB& db, rocksdb::ColumnFamilyHandle& family) {
    if (family.GetName() != "journal") return;
    std::string page;
    REQUIRE(db.Get(rocksdb::ReadOptions(), &family, page_key({forged}), &page).ok());
    page.back() = page.back() == '}' ? ')' : '}';
    REQUIRE(db.Put(rocksdb::WriteOptions(), &family, page_key({forged}), page).ok());
  });
  auto store = rocksdb_store::open(options_for(folder));
  if (forged == 5) {
    REQUIRE(store);
    CHECK_THROWS_AS(content_of(store.value()->journal()), storage_failure);
  } else {
    // The first page and the last one are checked at every start.
    REQUIRE_FALSE(store);
    CHECK(store.error().code == storage_errc::corrupt);
    CHECK(store.error().at);
  }
}

TEST_CASE("folders that are not ours, not ready or not alone are refused with one line", "[store]") {
  disk_folder folder;
  SECTION("somebody's files") {
    write_bytes(folder / "letter.txt", "dear reader");
    const auto found = open_folder(folder);
    REQUIRE(found.error);
    CHECK(found.error->code == storage_errc::foreign);
    CHECK(folder.files("").size() == 1);
  }
  SECTION("a fresh file system") {
    std::filesystem::create_directory(folder / "lost+found");
    CHECK_FALSE(open_folder(folder).error);
  }
  SECTION("somebody's database") {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* raw = nullptr;
    REQUIRE(rocksdb::DB::Open(options, folder.path().string(), &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    rocksdb::ColumnFamilyHandle* theirs = nullptr;
    REQUIRE(db->CreateColumnFamily({}, "theirs", &theirs).ok());
    REQUIRE(db->DestroyColumnFamilyHandle(theirs).ok());
    REQUIRE(db->Close().ok());
    CHECK(open_folder(folder).error->code == storage_errc::foreign);
  }
  SECTION("nothing, and nothing may be made") {
    auto options = options_for(folder);
    options.create = false;
    const auto store = rocksdb_store::open(options);
    REQUIRE_FALSE(store);
    CHECK(store.error().code == storage_errc::foreign);
    CHECK(folder.files("").empty());
  }
  SECTION("open in another store") {
    store_world world(options_for(folder));
    REQUIRE_FALSE(world.open());
    const auto found = open_folder(folder);
    REQUIRE(found.error);
    CHECK(found.error->code == storage_errc::locked);
    CHECK(found.error->text.find(folder.path().string()) != std::string::npos);
  }
  SECTION("of a version of tomorrow") {
    CHECK_FALSE(open_folder(folder).error);
    with_bare_database(folder, [](rocksdb::DB& db, rocksdb::ColumnFamilyHandle& family) {
      if (family.GetName() != "meta") return;
      std::string record;
      REQUIRE(db.Get(rocksdb::ReadOptions(), &family, "folder", &record).ok());
      record[0] = 3;
      REQUIRE(db.Put(rocksdb::WriteOptions(), &family, "folder", record).ok());
    });
    const auto found = open_folder(folder);
    REQUIRE(found.error);
    CHECK(found.error->code == storage_errc::version_unknown);
    CHECK(found.error->text.find('3') != std::string::npos);
  }
  SECTION("with a deep path that is not there yet") {
    auto options = options_for(folder);
    options.folder = folder.path() / "a" / "b" / "c/";
    CHECK(rocksdb_store::open(options));
  }
}

} // namespace croupier::persistence
