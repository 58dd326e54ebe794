#include "persistence/journal_page.hpp"
#include "tests/persistence/spoilt_ledger.hpp"

#include <rocksdb/db.h>

#include <set>

// A sound ledger passes, however it is cut into slices; each kind of damage is named with its entry.

namespace croupier::persistence {

namespace {

/// A changed movement is named, before a checkpoint, behind one, and with more entries behind it.
void expect_named(const change_entry& change, const std::string& what,
                  const std::function<bool(const movement_recorded&)>& fits = nullptr) {
  for (const bool checkpointed : {false, true}) {
    spoilt_ledger ledger(7);
    ledger.append(200);
    if (checkpointed) ledger.checkpoint();
    ledger.append(50);
    const auto at = ledger.append_changed(change, fits);
    INFO(what << (checkpointed ? ", checkpointed" : ""));
    expect_broken(ledger.verify(), at, what);
    ledger.append_changed([](movement_recorded& movement) { movement.ordinal += 5; });
    expect_broken(ledger.verify(), at, what);
  }
}

bool has_revshare(const movement_recorded& movement) {
  return movement.revshare && !movement.revshare->earned.is_zero();
}

/// Lets `change` at the bytes of the page that holds the journal's first entries.
void change_first_page(const std::filesystem::path& folder, const std::function<void(std::string&)>& change) {
  std::vector<std::string> names;
  REQUIRE(rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), folder.string(), &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  REQUIRE(rocksdb::DB::Open(rocksdb::DBOptions(), folder.string(), families, &handles, &raw).ok());
  const std::unique_ptr<rocksdb::DB> db(raw);
  for (auto* handle : handles) {
    if (handle->GetName() == "journal") {
      std::string page;
      REQUIRE(db->Get(rocksdb::ReadOptions(), handle, page_key({1}), &page).ok());
      change(page);
      REQUIRE(db->Put(rocksdb::WriteOptions(), handle, page_key({1}), page).ok());
    }
    REQUIRE(db->DestroyColumnFamilyHandle(handle).ok());
  }
}

} // namespace

TEST_CASE("a sound ledger passes, whatever of it is in the checkpoint") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    spoilt_ledger ledger(seed, {seed % 2 == 0 ? 3U : 40U, 7});
    CHECK(ledger.verify().has_value()); // nothing yet
    for (int round = 0; round < 3; ++round) {
      ledger.append(120);
      const auto before = ledger.verify();
      INFO("seed " << seed << ": " << (before ? "" : before.error().text));
      REQUIRE(before.has_value());
      ledger.checkpoint();
      const auto found = ledger.verify();
      INFO((found ? "" : found.error().text));
      REQUIRE(found.has_value());
      CHECK(found->checkpoint == found->journal_end.last);
      CHECK(found->journal_end.last.value == ledger.facts().size());
    }
    std::set<player_number> players;
    std::uint64_t request_ids = 0;
    for (const auto& fact : ledger.facts()) {
      if (const auto* registered = std::get_if<test::registration_fact>(&fact.what))
        players.insert(registered->profile.number);
      if (const auto* movement = std::get_if<test::movement_fact>(&fact.what);
          movement && !movement->request_id.empty())
        ++request_ids;
    }
    CHECK(ledger.verify()->players == players.size());
    CHECK(ledger.verify()->request_ids == request_ids);
  }
}

TEST_CASE("a movement that does not follow is named") {
  expect_named([](auto& one) { one.changes[0].balance_after = plus_one_unit(one.changes[0].balance_after); },
               "the balance is not what the change makes of the balance before");
  expect_named(
      [](auto& one) {
        auto& changed = one.changes[0];
        changed.value = changed.delta = plus_one_unit(changed.delta);
        changed.fraction_digits = 8;
        changed.how = value_type::relative;
      },
      "the balance is not what the change makes of the balance before");
  expect_named([](auto& one) { one.changes[0].value = amount::from_units(one.changes[0].value.units() + 100'000'000); },
               "the change is not what its value asks for");
  expect_named([](auto& one) { ++one.ordinal; }, "the ordinal does not follow the player's last one");
  expect_named([](auto& one) { one.player = {7777}; }, "its player was never registered");
  expect_named([](auto& one) { one.brand = {static_cast<std::uint16_t>(one.brand.value + 1)}; },
               "its brand or the hash of its player is not its player's");
  expect_named([](auto& one) { one.changes[0].metric = {4000}; },
               "the movement names a metric that the workspace did not have");
}

TEST_CASE("revshare that is not the rate times the change of its entry is named") {
  expect_named([](auto& one) { one.revshare->earned = commission::from_units(one.revshare->earned.units() + 1); },
               "its revshare is not the rate times the change", has_revshare);
  expect_named([](auto& one) { one.revshare->rate = percentage::from_units(one.revshare->rate.units() + 1); },
               "its revshare is not the rate times the change", has_revshare);
  expect_named([](auto& one) { one.revshare->affiliate = {99}; },
               "its revshare is not for the affiliate and the offer of its player", has_revshare);
  expect_named([](auto& one) { one.revshare->metric = {4000}; }, "its revshare is on a metric that it does not change",
               has_revshare);
}

TEST_CASE("a key frame that is wrong, missing or not due is named") {
  const auto has_frame = [](const movement_recorded& one) { return one.frame.has_value(); };
  expect_named([](auto& one) { one.frame->revshare_total = commission::from_integer(123'456); },
               "its key frame is not the sum of the player's movements", has_frame);
  expect_named([](auto& one) { one.frame->balances.back().value = plus_one_unit(one.frame->balances.back().value); },
               "its key frame is not the sum of the player's movements", has_frame);
  expect_named([](auto& one) { one.frame.reset(); }, "a key frame is missing, or stands where none is due", has_frame);
  expect_named([](auto& one) { one.frame.emplace(); }, "a key frame is missing, or stands where none is due",
               [](const movement_recorded& one) { return !one.frame; });
}

TEST_CASE("a request id that a player has twice is named, the second time") {
  for (const bool checkpointed : {false, true}) {
    spoilt_ledger ledger(3, {1, 9});
    ledger.append(60);
    if (checkpointed) ledger.checkpoint();
    const auto twice = [](movement_recorded& movement) {
      movement.source = dialect::wynta;
      movement.request_id = "twice";
    };
    ledger.append_changed(twice);
    REQUIRE(ledger.verify().has_value());
    ledger.append_changed([](movement_recorded&) {});
    const auto again = ledger.append_changed(twice);
    ledger.append_changed(twice);
    expect_broken(ledger.verify(), again, "its request id is that of an earlier movement of its player");
  }
}

TEST_CASE("a page whose bytes were changed, and a page that is missing, are named") {
  for (const bool missing : {false, true}) {
    spoilt_ledger ledger(5);
    for (int group = 0; group < 10; ++group) ledger.append(20);
    REQUIRE(ledger.store().close_cleanly().has_value());
    ledger.close();
    change_first_page(ledger.folder(), [&](std::string& page) {
      if (missing)
        page.clear();
      else
        page.back() = static_cast<char>(page.back() ^ 1);
    });
    const auto found = verify_folder(ledger.folder(), {}, nullptr);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code == storage_errc::corrupt);
    CHECK(found.error().at == sequence{1});
  }
}

TEST_CASE("a folder in use, an empty one and one of something else are refused, and none is changed") {
  spoilt_ledger ledger(1);
  ledger.append(50);
  const auto in_use = verify_folder(ledger.folder(), {}, nullptr);
  REQUIRE_FALSE(in_use.has_value());
  CHECK(in_use.error().code == storage_errc::locked);
  ledger.close();
  std::uint64_t told = 0;
  const auto sound = verify_folder(ledger.folder(), {}, [&](std::uint64_t part, std::uint64_t whole) {
    CHECK(part == whole);
    ++told;
  });
  REQUIRE(sound.has_value());
  CHECK(told == 1);

  disk_folder empty;
  const auto nothing = verify_folder(empty.path(), {}, nullptr);
  REQUIRE_FALSE(nothing.has_value());
  CHECK(nothing.error().code == storage_errc::foreign);
  CHECK(std::filesystem::is_empty(empty.path()));
}

} // namespace croupier::persistence
