#include "support/catch.hpp"
#include "support/fault_env.hpp"
#include "tests/persistence/store_world.hpp"

namespace croupier::persistence {

namespace {

constexpr std::int64_t noon_us = 1'700'000'000'000'000;

store_options options_for(const disk_folder& folder) {
  store_options options;
  options.folder = folder.path();
  options.block_cache_bytes = 8 << 20;
  return options;
}

/// A world that is open.
struct opened_world : store_world {
  explicit opened_world(const store_options& options) : store_world(options) {
    const auto error = open();
    INFO((error ? error->text : ""));
    REQUIRE_FALSE(error);
  }
};

} // namespace

TEST_CASE("a new journal is empty and has no entries to find", "[journal]") {
  const disk_folder folder;
  opened_world world(options_for(folder));
  const auto end = world.journal().last_position();
  CHECK(end.last.value == 0);
  CHECK(end.movement_count == 0);
  CHECK(world.journal().first_at_or_after({noon_us}).value == 1);
  CHECK(world.journal().movements_up_to({0}) == 0);
  int visits = 0;
  const auto count = [&visits](const committed_entry&, std::string_view) { return ++visits > 0; };
  world.journal().scan_up({1}, count);
  world.journal().scan_down({1}, count);
  CHECK(visits == 0);
}

TEST_CASE("what is appended is read back in every way, before and after reopening", "[journal]") {
  const disk_folder folder;
  opened_world world(options_for(folder));
  world.append_groups(5, 1);
  world.append_groups(3, 64);
  world.append_groups(2, 130);
  REQUIRE_FALSE(world.append({click_record(1), movement_record(7), click_record(2)}, {noon_us + 60'000'000}));
  world.append_groups(2, 3, 40'000);
  world.append_groups(1, 2, 1'900'000);
  world.expect_journal_as_acknowledged();
  for (int round = 0; round < 2; ++round) {
    const auto before = world.journal().last_position();
    REQUIRE_FALSE(world.open());
    CHECK(world.journal().last_position() == before);
    world.expect_journal_as_acknowledged();
    world.append_groups(1, 10);
  }
  REQUIRE_FALSE(world.stop());
  REQUIRE_FALSE(world.open());
  world.expect_journal_as_acknowledged();
}

TEST_CASE("an empty group changes nothing", "[journal]") {
  const disk_folder folder;
  opened_world world(options_for(folder));
  world.append_groups(1, 3);
  const auto before = world.journal().last_position();
  const auto same = world.journal().append({}, {noon_us});
  REQUIRE(same);
  CHECK(same.value() == before);
}

TEST_CASE("time never runs backwards, and times are found", "[journal]") {
  const disk_folder folder;
  opened_world world(options_for(folder));
  REQUIRE_FALSE(world.append({movement_record(1)}, {noon_us}));
  REQUIRE_FALSE(world.append({movement_record(2), movement_record(3)}, {noon_us - 5}));
  REQUIRE_FALSE(world.append({movement_record(4)}, {noon_us + 10}));
  auto& log = world.journal();
  CHECK(log.read({3}).entry.time.unix_us == noon_us);
  CHECK(log.first_at_or_after({INT64_MIN}).value == 1);
  CHECK(log.first_at_or_after({noon_us}).value == 1);
  CHECK(log.first_at_or_after({noon_us + 1}).value == 4);
  CHECK(log.first_at_or_after({noon_us + 10}).value == 4);
  CHECK(log.first_at_or_after({noon_us + 11}).value == 5);
  CHECK(log.first_at_or_after({INT64_MAX}).value == 5);
}

TEST_CASE("scans stop when the visitor says so, and start where they are told", "[journal]") {
  const disk_folder folder;
  opened_world world(options_for(folder));
  world.append_groups(4, 100);
  std::vector<std::uint64_t> seen;
  const auto three = [&seen](const committed_entry& entry, std::string_view) {
    seen.push_back(entry.at.value);
    return seen.size() < 3;
  };
  world.journal().scan_up({164}, three);
  CHECK(seen == std::vector<std::uint64_t>{164, 165, 166});
  seen.clear();
  world.journal().scan_down({165}, three);
  CHECK(seen == std::vector<std::uint64_t>{165, 164, 163});
  seen.clear();
  world.journal().scan_up({399}, three);
  CHECK(seen == std::vector<std::uint64_t>{399, 400});
}

TEST_CASE("a registration is given its time and its entries when it is read", "[journal]") {
  const disk_folder folder;
  opened_world world(options_for(folder));
  player_registered registered;
  registered.profile.number = {4};
  registered.profile.brand = {2};
  registered.profile.external_id = "player-4";
  registered.profile.click = {1};
  registered.profile.affiliate = {9};
  registered.payload = "{}";
  std::string record;
  encode(entry(registered), record);
  REQUIRE_FALSE(world.append({click_record(1), record}, {noon_us}));
  const auto read = world.journal().read({2});
  const auto& profile = std::get<player_registered>(read.entry.what).profile;
  CHECK(profile.external_id == "player-4");
  CHECK(profile.registered_at.unix_us == noon_us);
  CHECK(profile.registered_entry.value == 2);
  CHECK(profile.attributed_entry.value == 2);
}

TEST_CASE("a stored entry moves with its bytes, short or long", "[journal]") {
  const auto bytes = GENERATE(std::string(click_record(1)), movement_record(1, 300));
  stored_entry first;
  first.bytes = bytes;
  first.entry = decode_committed({5}, {noon_us}, first.bytes).value();
  stored_entry second = std::move(first);
  stored_entry third;
  third = std::move(second);
  std::string again;
  encode(third.entry.what, again);
  CHECK(again == bytes);
  CHECK(third.entry.at.value == 5);
  stored_entry nothing;
  const stored_entry moved = std::move(nothing);
  CHECK(moved.bytes.empty());
}

TEST_CASE("with durability sync every group is synced before append returns, with async only by sync()", "[journal]") {
  const disk_folder folder;
  test::fault_env disk;
  auto options = options_for(folder);
  options.env = disk.env();
  options.mode = GENERATE(durability::sync, durability::async);
  opened_world world(options);
  const auto before = disk.count(test::disk::sync);
  world.append_groups(5, 3);
  const auto syncs = disk.count(test::disk::sync) - before;
  if (options.mode == durability::sync) {
    CHECK(syncs == 5);
  } else {
    CHECK(syncs == 0);
    REQUIRE(world.journal().sync());
    CHECK(disk.count(test::disk::sync) - before == 1);
    REQUIRE(world.journal().sync());
    CHECK(disk.count(test::disk::sync) - before == 1);
  }
}

TEST_CASE("a read-only store reads beside the one that writes, and changes nothing", "[journal]") {
  const disk_folder folder;
  opened_world world(options_for(folder));
  world.append_groups(3, 20);
  const auto files_before = folder.files("").size();
  auto options = options_for(folder);
  options.read_only = true;
  {
    auto reader = rocksdb_store::open(options);
    REQUIRE(reader);
    CHECK(content_of(reader.value()->journal()).size() == 60);
    CHECK(reader.value()->key() == world.store().key());
    const std::string record = movement_record(61);
    const std::string_view view = record;
    CHECK_FALSE(reader.value()->journal().append({&view, 1}, {noon_us}));
  }
  CHECK(folder.files("").size() == files_before);
  world.append_groups(1, 1);
  world.expect_journal_as_acknowledged();
}

TEST_CASE("figures grow with what is stored", "[store]") {
  const disk_folder folder;
  opened_world world(options_for(folder));
  const auto before = world.store().figures();
  world.append_groups(10, 100, 300);
  const auto after = world.store().figures();
  CHECK(after.disk_bytes >= before.disk_bytes + 10 * 100 * 300);
  CHECK(after.memory_bytes > before.memory_bytes);
}

TEST_CASE("nothing is appended after an orderly stop was written down", "[store]") {
  const disk_folder folder;
  opened_world world(options_for(folder));
  world.append_groups(1, 1);
  REQUIRE(world.store().close_cleanly());
  CHECK(world.append({movement_record(2)}, {noon_us}));
}

} // namespace croupier::persistence
