#include "support/catch.hpp"
#include "support/fault_env.hpp"
#include "tests/persistence/store_world.hpp"

#include "persistence/backup.hpp"
#include "persistence/rocksdb_database.hpp"

#include <atomic>
#include <thread>

// A disk that fails: nothing acknowledged is lost, nothing of a failed group is left, and once the disk is well again
// the store is, too.

namespace croupier::persistence {

namespace {

using test::disk_fault;
using test::fault_env;
namespace disk = test::disk;

store_options options_for(const disk_folder& folder, fault_env& env) {
  store_options options;
  options.folder = folder.path();
  options.block_cache_bytes = 4 << 20;
  options.env = env.env();
  return options;
}

std::vector<std::string> group_of(std::size_t size, std::uint64_t first) {
  std::vector<std::string> records;
  for (std::size_t i = 0; i < size; ++i) records.push_back(movement_record(first + i));
  return records;
}

/// Whether `content` is everything acknowledged, or that and the whole of `unacknowledged`.
bool holds_all_or_nothing(const std::vector<remembered>& content, const std::vector<remembered>& acknowledged,
                          const std::vector<std::string>& unacknowledged) {
  auto whole = acknowledged;
  for (const auto& record : unacknowledged) whole.push_back({{}, record});
  if (content.size() != acknowledged.size() && content.size() != whole.size()) return false;
  for (std::size_t i = 0; i < content.size(); ++i)
    if (content[i].record != whole[i].record) return false;
  return true;
}

struct failing_write {
  const char* what;
  fault_env::plan how;
  storage_errc expected;
};

const std::vector<failing_write> failing_writes = {
    {"a write fails", {disk_fault::io_error, disk::append}, storage_errc::io_failed},
    {"half of a write reaches the file",
     {disk_fault::io_error, disk::append, 0, UINT64_MAX, 50},
     storage_errc::io_failed},
    {"a write fails, but its bytes are there",
     {disk_fault::io_error, disk::append, 0, UINT64_MAX, 100},
     storage_errc::io_failed},
    {"a sync fails", {disk_fault::io_error, disk::sync}, storage_errc::io_failed},
    {"the disk is full", {disk_fault::no_space, disk::append}, storage_errc::no_space},
    {"the disk is full in the middle", {disk_fault::no_space, disk::append, 0, UINT64_MAX, 30}, storage_errc::no_space},
    {"the disk is full when syncing", {disk_fault::no_space, disk::sync}, storage_errc::no_space},
};

/// The disk is well again: everything that was acknowledged is there, more is taken, and a start finds all of it.
void expect_recovers(store_world& world, fault_env& env) {
  env.heal();
  REQUIRE(world.journal().recover());
  world.append_groups(1, 1);
  world.expect_journal_as_acknowledged();
  REQUIRE_FALSE(world.open());
  world.expect_journal_as_acknowledged();
}

} // namespace

TEST_CASE("after a failed append nothing is appended until it has recovered, and then everything is as before",
          "[fault]") {
  for (const auto& [what, how, expected] : failing_writes) {
    INFO(what);
    const disk_folder folder;
    fault_env env;
    store_world world(options_for(folder, env));
    REQUIRE_FALSE(world.open());
    world.append_groups(3, 70);
    env.fail(how);
    const auto error = world.append(group_of(90, 1000), {1});
    REQUIRE(error);
    CHECK(error->code == expected);
    CHECK(env.failures() > 0);
    // The disk is still ill: recovering fails, and reading goes on.
    CHECK_FALSE(world.journal().recover());
    world.expect_journal_as_acknowledged();
    env.heal();
    CHECK(world.append(group_of(1, 2000), {1}));
    world.expect_journal_as_acknowledged();
    const auto recovered = world.journal().recover();
    INFO((recovered ? std::string() : recovered.error().text));
    REQUIRE(recovered);
    world.expect_journal_as_acknowledged();
    world.append_groups(2, 70);
    world.expect_journal_as_acknowledged();
    REQUIRE_FALSE(world.open());
    world.expect_journal_as_acknowledged();
  }
}

TEST_CASE("a kill after a failed append leaves the failed group whole or not at all", "[fault]") {
  for (const auto& [what, how, expected] : failing_writes) {
    INFO(what);
    const disk_folder folder;
    fault_env env;
    store_world world(options_for(folder, env));
    REQUIRE_FALSE(world.open());
    world.append_groups(3, 5);
    const auto failed = group_of(90, 1000);
    env.fail(how);
    REQUIRE(world.append(failed, {1}));
    env.heal();
    const disk_folder killed;
    env.copy_after_kill(folder.path(), killed.path());
    store_world after(options_for(killed, env));
    REQUIRE_FALSE(after.open());
    CHECK(holds_all_or_nothing(content_of(after.journal()), world.acknowledged(), failed));
  }
}

TEST_CASE("recovering may fail at any operation and be tried again", "[fault]") {
  for (const auto operation : {disk::append, disk::sync, disk::create, disk::rename, disk::remove, disk::folder_sync}) {
    for (std::uint64_t after = 0;; ++after) {
      INFO("operation " << operation << " fails after " << after);
      const disk_folder folder;
      fault_env env;
      store_world world(options_for(folder, env));
      REQUIRE_FALSE(world.open());
      world.append_groups(2, 10);
      env.fail({disk_fault::io_error, disk::sync});
      const auto failed = group_of(70, 1000);
      REQUIRE(world.append(failed, {1}));
      env.fail({disk_fault::io_error, operation, after, 1});
      (void)world.journal().recover();
      const bool reached = env.failures() > 0;
      env.heal();
      const auto again = world.journal().recover();
      INFO((again ? std::string() : again.error().text));
      REQUIRE(again);
      world.expect_journal_as_acknowledged();
      world.append_groups(1, 3);
      const disk_folder killed;
      env.copy_after_kill(folder.path(), killed.path());
      world.close();
      store_world later(options_for(killed, env));
      REQUIRE_FALSE(later.open());
      later.acknowledged() = world.acknowledged();
      later.expect_journal_as_acknowledged();
      if (!reached) break;
    }
  }
}

TEST_CASE("a journal that cannot begin a new log or table file fails its append and recovers", "[fault]") {
  const disk_folder folder;
  fault_env env;
  store_world world(options_for(folder, env));
  REQUIRE_FALSE(world.open());
  world.append_groups(1, 10);
  env.fail({disk_fault::no_space, disk::create});
  // 64 MiB fill a memtable, and the next one needs a new log.
  std::optional<storage_error> error;
  for (int i = 0; i < 100 && !error; ++i) error = world.append({movement_record(11, 1'000'000)}, {1});
  REQUIRE(error);
  CHECK(error->code == storage_errc::no_space);
  expect_recovers(world, env);
}

TEST_CASE("what was acknowledged can be read while the disk takes no writes, also when opening anew was tried",
          "[fault]") {
  for (std::uint64_t after = 1; after < 8; ++after) {
    INFO("only " << after << " files can be made");
    const disk_folder folder;
    fault_env env;
    store_world world(options_for(folder, env));
    REQUIRE_FALSE(world.open());
    world.append_groups(4, 70);
    env.fail({disk_fault::no_space, disk::append, 0, 1});
    REQUIRE(world.append({movement_record(281)}, {1}));
    // The first file is the one by which the disk is probed.
    env.fail({disk_fault::no_space, disk::create, after});
    for (int attempt = 0; attempt < 2; ++attempt) {
      const auto recovered = world.journal().recover();
      CHECK_FALSE((recovered && after == 1));
      if (recovered) break; // that many are enough
      world.expect_journal_as_acknowledged();
      CHECK(world.checkpoints().head().valid_for.last.value == 0);
      checkpoint_run run;
      run.valid_for = world.journal().last_position();
      CHECK_FALSE(world.checkpoints().write(run));
      const disk_folder backups;
      backup_options to;
      to.folder = backups.path();
      const auto backed_up = world.store().back_up(to);
      REQUIRE_FALSE(backed_up);
      CHECK(backed_up.error().text.starts_with("nothing is backed up while the journal cannot be written"));
    }
    expect_recovers(world, env);
  }
}

TEST_CASE("reads while the store recovers give what is acknowledged, and are never refused", "[fault]") {
  const disk_folder folder;
  fault_env env;
  store_world world(options_for(folder, env));
  REQUIRE_FALSE(world.open());
  world.append_groups(4, 70);
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  std::atomic<int> refused = 0;
  std::atomic<std::uint64_t> read = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i)
    readers.emplace_back([&] {
      while (!done) {
        try {
          const auto found = world.store().journal().read({1 + read % 280});
          if (found.bytes != world.acknowledged()[(found.entry.at.value - 1)].record) ++wrong;
        } catch (const storage_failure&) {
          ++refused;
        }
        ++read;
      }
    });
  for (int round = 0; round < 10; ++round) {
    env.fail({disk_fault::io_error, disk::sync});
    const auto failed = group_of(70, 1000);
    const auto appended = world.journal().append(views_of(failed), {1});
    // The first file is the one by which the disk is probed: that lets the store try, in vain.
    env.fail({disk_fault::no_space, disk::create, 1});
    const auto tried = world.journal().recover();
    env.heal();
    const auto recovered = world.journal().recover();
    CHECK((!appended && !tried && recovered));
    const auto seen = read.load();
    while (read < seen + 10) std::this_thread::yield();
  }
  done = true;
  for (auto& reader : readers) reader.join();
  CHECK(wrong == 0);
  CHECK(refused == 0);
  world.expect_journal_as_acknowledged();
}

TEST_CASE("a database that is replaced stays open for the leases that are out, and no longer", "[fault]") {
  database_gate gate;
  CHECK_THROWS_AS(database_gate::lease(gate), storage_failure);
  const disk_folder folder;
  fault_env env;
  database_settings settings;
  settings.folder = folder.path().string();
  settings.env = env.env();
  const auto open = [&](bool only_to_read) {
    settings.read_only = only_to_read;
    auto opened = database::open(settings);
    REQUIRE(opened);
    return std::move(*opened);
  };
  gate.replace(open(false));
  {
    const database_gate::lease before(gate);
    CHECK_FALSE(before.recalled());
    gate.replace(open(true));
    const database_gate::lease after(gate);
    CHECK((before.recalled() && !after.recalled()));
    CHECK((!before->stopped() && after->stopped()));
    CHECK_FALSE(gate.wait_until_closed(std::chrono::milliseconds{1}));
  }
  CHECK(gate.wait_until_closed(std::chrono::milliseconds{0}));
  gate.replace(open(false)); // the one before does not hold the lock any more
  gate.replace(nullptr);
  CHECK_THROWS_AS(database_gate::lease(gate), storage_failure);
  CHECK(gate.wait_until_closed(std::chrono::milliseconds{0}));
}

TEST_CASE("a read that fails says so and harms nothing", "[fault]") {
  const disk_folder folder;
  fault_env env;
  store_world world(options_for(folder, env));
  REQUIRE_FALSE(world.open());
  world.append_groups(5, 100, 300);
  REQUIRE_FALSE(world.stop());
  REQUIRE_FALSE(world.open());
  env.fail({disk_fault::io_error, disk::read});
  try {
    content_of(world.journal());
    FAIL("a disk that cannot be read was read");
  } catch (const storage_failure& failure) {
    CHECK(failure.error().code == storage_errc::io_failed);
    CHECK(failure.error().at);
  }
  env.heal();
  world.expect_journal_as_acknowledged();
}

TEST_CASE("power loss at any moment keeps everything acknowledged", "[fault]") {
  std::mt19937_64 random(20260101);
  for (int round = 0; round < 60; ++round) {
    INFO("round " << round);
    const disk_folder folder;
    fault_env env;
    store_world world(options_for(folder, env));
    REQUIRE_FALSE(world.open());
    for (auto groups = 1 + random() % 6; groups > 0; --groups)
      world.append_groups(1, 1 + random() % 80, random() % 400);
    // The group whose sync the power loss interrupts.
    const auto last = group_of(1 + random() % 200, 5000);
    env.fail({disk_fault::io_error, disk::sync});
    REQUIRE(world.append(last, {1}));
    const disk_folder after;
    env.copy_after_power_loss(folder.path(), after.path(), random);
    env.heal();
    store_world found(options_for(after, env));
    const auto error = found.open();
    INFO((error ? error->text : ""));
    REQUIRE_FALSE(error);
    CHECK(holds_all_or_nothing(content_of(found.journal()), world.acknowledged(), last));
  }
}

TEST_CASE("with durability async a power loss takes at most what was not synced", "[fault]") {
  std::mt19937_64 random(20260102);
  for (int round = 0; round < 60; ++round) {
    INFO("round " << round);
    const disk_folder folder;
    fault_env env;
    auto options = options_for(folder, env);
    options.mode = durability::async;
    store_world world(options);
    REQUIRE_FALSE(world.open());
    std::size_t synced = 0;
    for (auto groups = 1 + random() % 10; groups > 0; --groups) {
      world.append_groups(1, 1 + random() % 80, random() % 400);
      if (random() % 3 != 0) continue;
      REQUIRE(world.journal().sync());
      synced = world.acknowledged().size();
    }
    const disk_folder after;
    env.copy_after_power_loss(folder.path(), after.path(), random);
    options.folder = after.path();
    store_world found(options);
    const auto error = found.open();
    INFO((error ? error->text : ""));
    REQUIRE_FALSE(error);
    const auto content = content_of(found.journal());
    CHECK(content.size() >= synced);
    REQUIRE(content.size() <= world.acknowledged().size());
    for (std::size_t i = 0; i < content.size(); ++i) REQUIRE(content[i].record == world.acknowledged()[i].record);
  }
}

} // namespace croupier::persistence
