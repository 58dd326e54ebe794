#include "support/catch.hpp"
#include "tests/persistence/spoilt_folder.hpp"

#include "persistence/rocksdb_wal_reserve.hpp"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <memory>

// Room for the next groups in the write-ahead log: it is there when groups are small, is taken for nothing else, and
// nothing depends on it.

namespace croupier::persistence {

namespace {

std::uint64_t log_bytes(const disk_folder& folder) {
  return std::filesystem::file_size(folder.files(".log").back());
}

void check_content(const disk_folder& folder, const store_world& world) {
  auto store = rocksdb_store::open(options_for(folder));
  REQUIRE(store);
  CHECK_FALSE(store.value()->cut_at_opening());
  const auto content = content_of(store.value()->journal());
  REQUIRE(content.size() == world.acknowledged().size());
  for (std::size_t i = 0; i < content.size(); ++i) REQUIRE(content[i].record == world.acknowledged()[i].record);
}

} // namespace

TEST_CASE("a log with small groups grows in large steps, and ends where its records do when it is closed",
          "[reserve]") {
  const disk_folder folder;
  store_world world(options_for(folder));
  REQUIRE_FALSE(world.open());
  std::vector<std::uint64_t> sizes;
  for (int group = 0; group < 2'000; ++group) {
    world.append_groups(1, 3);
    if (sizes.empty() || sizes.back() != log_bytes(folder)) sizes.push_back(log_bytes(folder));
  }
  // 2,000 groups of some 400 bytes.
  CHECK(sizes.front() > wal_reserve_bytes / 2);
  CHECK(sizes.size() >= 3);
  CHECK(sizes.size() <= 6);
  const auto log = folder.files(".log").back();
  world.close();
  CHECK(bytes_of(log).back() != '\0');
  check_content(folder, world);
}

TEST_CASE("a log with large groups is as long as what is in it", "[reserve]") {
  const disk_folder folder;
  store_world world(options_for(folder));
  REQUIRE_FALSE(world.open());
  world.append_groups(5, 100, 1'000);
  CHECK(bytes_of(folder.files(".log").back()).back() != '\0');
  // It takes both in turns.
  world.append_groups(3, 1);
  CHECK(bytes_of(folder.files(".log").back()).back() == '\0');
  world.append_groups(5, 100, 1'000);
  world.append_groups(100, 1);
  disk_folder killed;
  well_disk().copy_after_kill(folder.path(), killed.path());
  world.close();
  check_content(killed, world);
  check_content(folder, world);
}

TEST_CASE("a disk that has no room for a reserve takes movements all the same", "[reserve]") {
  const auto share = GENERATE(0U, 50U);
  const std::uint64_t before = GENERATE(1, 40); // the first group's reserve; a later write is a group's
  test::fault_env disk;
  const disk_folder folder;
  auto options = options_for(folder);
  options.env = disk.env();
  store_world world(options);
  REQUIRE_FALSE(world.open());
  test::fault_env::plan no_room;
  no_room.fault = test::disk_fault::no_space;
  no_room.operations = test::disk::append;
  no_room.after = before;
  no_room.times = 1;
  no_room.percent_written = share;
  disk.fail(no_room);
  for (std::uint64_t number = 1; number <= 100; ++number) {
    const auto error = world.append({movement_record(number)}, timestamp{static_cast<std::int64_t>(number)});
    // A group that was refused is nowhere; the journal is opened anew, as its writer would.
    CHECK((!error || before > 1));
    if (error) REQUIRE(world.journal().recover());
  }
  CHECK(disk.failures() == 1);
  CHECK(world.acknowledged().size() >= 99);
  disk_folder killed;
  disk.copy_after_kill(folder.path(), killed.path());
  world.expect_journal_as_acknowledged();
  world.close();
  check_content(killed, world);
  check_content(folder, world);
}

TEST_CASE("of a log with room in it, the length of what is in it is told", "[reserve]") {
  const disk_folder folder;
  const rocksdb::IOOptions how;
  const auto env = reserve_wal_space(*rocksdb::Env::Default(), folder.path().string());
  const auto disk = env->GetFileSystem(); // which is what RocksDB asks
  const auto told_size = [&](const std::string& path) {
    std::uint64_t size = 0;
    REQUIRE(disk->GetFileSize(path, how, &size, nullptr).ok());
    return size;
  };
  const auto make = [&](const std::string& path) {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    REQUIRE(disk->NewWritableFile(path, rocksdb::FileOptions(), &file, nullptr).ok());
    return file;
  };
  const auto put = [&](rocksdb::FSWritableFile& file, const char* text) {
    REQUIRE(file.Append(text, how, nullptr).ok());
    REQUIRE(file.Sync(how, nullptr).ok());
  };
  const auto log = (folder / "000001.log").string();
  auto file = make(log);
  put(*file, "one");
  put(*file, "two");
  CHECK(told_size(log) == 6);
  CHECK(file->GetFileSize(how, nullptr) == 6);
  CHECK(std::filesystem::file_size(log) > wal_reserve_bytes / 2);
  REQUIRE(file->Close(how, nullptr).ok());
  CHECK(bytes_of(log) == "onetwo");
  CHECK(told_size(log) == 6);
  // Files of other kinds, and elsewhere, are what they are.
  const disk_folder elsewhere;
  for (const auto& path : {folder / "000001.sst", elsewhere / "000001.log"}) {
    put(*make(path.string()), "one");
    CHECK(std::filesystem::file_size(path) == 3);
  }
}

} // namespace croupier::persistence
