#include "persistence/verifier.hpp"

#include "persistence/committed_view.hpp"
#include "persistence/index_hashes.hpp"
#include "persistence/journal_page.hpp"
#include "persistence/record_codec.hpp"
#include "tests/persistence/store_world.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/random_ledger.hpp"

#include <rocksdb/db.h>

#include <functional>
#include <memory>
#include <set>

// A sound ledger passes, however it is cut into slices; each kind of damage is named with its entry.

namespace croupier::persistence {

namespace {

using change_entry = std::function<void(movement_recorded&)>;
using change_run = std::function<void(checkpoint_run&)>;

/// Passes everything on; a run is changed on its way to the disk.
class altering_checkpoints final : public checkpoint_store {
public:
  explicit altering_checkpoints(checkpoint_store& inner) : inner_(inner) {}

  result<done, storage_error> write(const checkpoint_run& run) override {
    auto altered = run;
    if (change) change(altered);
    return inner_.write(altered);
  }
  checkpoint_head head() const override { return inner_.head(); }
  std::optional<player_number> find_player(brand_number brand, std::string_view external_id) const override {
    return inner_.find_player(brand, external_id);
  }
  std::optional<player_state> player(player_number number) const override { return inner_.player(number); }
  std::optional<sequence> find_request(const request_key& key) const override { return inner_.find_request(key); }
  std::vector<sequence> find_requests(std::uint64_t hash) const override { return inner_.find_requests(hash); }
  void history_down(player_number player, sequence before,
                    const std::function<bool(const history_row&)>& visit) const override {
    inner_.history_down(player, before, visit);
  }
  void players_down(player_number before, const std::function<bool(const player_state&)>& visit) const override {
    inner_.players_down(before, visit);
  }

  change_run change;

private:
  checkpoint_store& inner_;
};

/// A ledger in a folder, made of random but valid entries, and where they are spoilt.
class spoilt_ledger {
public:
  explicit spoilt_ledger(std::uint64_t seed, test::random_ledger_options like = {8, 8})
      : store_(open(folder_.path())),
        checkpoints_(store_->checkpoints()),
        view_(store_->key(), store_->journal(), checkpoints_),
        ledger_(
            seed, [this](brand_number brand, std::string_view id) { return hash_of_player(store_->key(), brand, id); },
            like) {
    REQUIRE(view_.restore(nullptr).has_value());
  }

  void append(std::size_t entries) {
    const auto group = ledger_.next(entries);
    const auto records = group.views();
    const auto end = store_->journal().append(records, group.time);
    REQUIRE(end.has_value());
    view_.apply({end->last.value - records.size() + 1}, end->time, records);
  }

  void checkpoint(const change_run& change = nullptr) {
    checkpoints_.change = change;
    REQUIRE(view_.freeze());
    REQUIRE(view_.write_frozen().has_value());
  }

  /// Appends entries until one is a movement that `fits`, and that one changed; gives its sequence. Nobody reads the
  /// view afterwards.
  sequence append_changed(const change_entry& change,
                          const std::function<bool(const movement_recorded&)>& fits = nullptr) {
    for (;;) {
      auto group = ledger_.next(1);
      auto decoded = decode(group.records.back());
      REQUIRE(decoded.has_value());
      auto* movement = std::get_if<movement_recorded>(&*decoded);
      const bool is_it = movement != nullptr && (!fits || fits(*movement));
      const auto original = group.records.back();
      if (is_it) {
        change(*movement);
        group.records.back().clear();
        encode(*decoded, group.records.back());
      }
      REQUIRE(store_->journal().append(group.views(), group.time).has_value());
      if (is_it) return store_->journal().last_position().last;
    }
  }

  /// What a verification says, the same with any number of slices.
  result<verification, storage_error> verify() {
    const ledger_parts parts{store_->key(), store_->journal(), store_->checkpoints(), store_->rows()};
    auto whole = verify_ledger(parts, {}, nullptr);
    for (const std::uint64_t memory : {20'000, 3'000, 700}) {
      const auto sliced = verify_ledger(parts, {memory}, nullptr);
      REQUIRE(sliced.has_value() == whole.has_value());
      if (whole) {
        if (memory == 700 && whole->journal_end.last.value > 0) CHECK(sliced->slices > whole->slices);
        CHECK(sliced->players == whole->players);
        CHECK(sliced->request_ids == whole->request_ids);
      } else {
        CHECK(sliced.error().at == whole.error().at);
        CHECK(sliced.error().text == whole.error().text);
      }
    }
    return whole;
  }

  void close() { store_.reset(); }
  const std::filesystem::path& folder() const { return folder_.path(); }
  rocksdb_store& store() { return *store_; }
  const std::vector<test::fact>& facts() const { return ledger_.facts(); }

private:
  static std::unique_ptr<rocksdb_store> open(const std::filesystem::path& folder) {
    store_options options;
    options.folder = folder;
    options.block_cache_bytes = 8ULL << 20;
    auto opened = rocksdb_store::open(options);
    REQUIRE(opened.has_value());
    return std::move(*opened);
  }

  disk_folder folder_;
  std::unique_ptr<rocksdb_store> store_;
  altering_checkpoints checkpoints_;
  committed_view view_;
  test::random_ledger ledger_;
};

void expect_broken(const result<verification, storage_error>& found, sequence at, const std::string& what) {
  REQUIRE_FALSE(found.has_value());
  CHECK(found.error().code == storage_errc::corrupt);
  CHECK(found.error().at == at);
  CHECK(found.error().text == "entry " + std::to_string(at.value) + ": " + what);
}

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

/// The entry that a verification names, and what it says of it.
struct named {
  sequence at;
  std::string what;
};

/// A checkpoint that is changed on its way to the disk; `change` says what will be found.
void expect_checkpoint_named(const std::function<named(checkpoint_run&)>& change) {
  spoilt_ledger ledger(11);
  ledger.append(150);
  ledger.checkpoint();
  ledger.append(150);
  named found;
  ledger.checkpoint([&](checkpoint_run& run) { found = change(run); });
  ledger.append(40);
  INFO(found.what);
  expect_broken(ledger.verify(), found.at, found.what);
}

std::string text_of(player_number player) {
  return "player " + std::to_string(player.value);
}

amount plus_one_unit(amount value) {
  return amount::from_units(value.units() + 1);
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

TEST_CASE("a player that the checkpoint has otherwise is named by its newest entry") {
  const auto wrong = [](const auto& player) {
    return named{player.second.last_entry,
                 "the checkpoint's " + text_of(player.first) + " is not the sum of its entries up to here"};
  };
  expect_checkpoint_named([&](checkpoint_run& run) {
    auto& delta = run.players.back().second;
    delta.revshare_earned = commission::from_units(delta.revshare_earned.units() + 1);
    return wrong(run.players.back());
  });
  expect_checkpoint_named([&](checkpoint_run& run) {
    auto& last = run.players.back().second.balances.back().value;
    last = plus_one_unit(last);
    return wrong(run.players.back());
  });
  expect_checkpoint_named([&](checkpoint_run& run) {
    const auto gone = run.players.back();
    run.players.pop_back();
    return wrong(gone);
  });
}

TEST_CASE("rows of the request index that are missing, wrong or too many are named by their entries") {
  expect_checkpoint_named([](checkpoint_run& run) {
    const auto at = run.requests.front().second;
    run.requests.erase(run.requests.begin());
    return named{at, "the checkpoint does not know its request id"};
  });
  expect_checkpoint_named([](checkpoint_run& run) {
    auto& at = run.requests.back().second;
    const auto right = at;
    at.value -= 1;
    return named{right, "the checkpoint finds entry " + std::to_string(at.value) + " by its request id"};
  });
  expect_checkpoint_named([](checkpoint_run& run) {
    auto more = run.requests.back();
    ++more.first.player_hash;
    run.requests.push_back(more);
    return named{more.second, "the checkpoint has a request id that no movement up to here carries"};
  });
}

TEST_CASE("rows of a player's history that are missing, wrong or too many are named by their entries") {
  expect_checkpoint_named([](checkpoint_run& run) {
    const auto gone = run.history[3];
    run.history.erase(run.history.begin() + 3);
    return named{gone.at, "the checkpoint's history of " + text_of(gone.player) + " misses it"};
  });
  expect_checkpoint_named([](checkpoint_run& run) {
    auto& row = run.history[3];
    ++row.ordinal;
    return named{row.at, "the checkpoint's history of " + text_of(row.player) + " tells of it wrongly"};
  });
  expect_checkpoint_named([](checkpoint_run& run) {
    auto more = run.history.back();
    more.at = run.valid_for.last;
    // Of another player: the last entry is either not its movement, or is in the history already.
    if (more.at == run.history.back().at) more.at.value += 1;
    run.history.push_back(more);
    return more.at > run.valid_for.last
               ? named{run.valid_for.last,
                       "the checkpoint's history of " + text_of(more.player) + " goes beyond the checkpoint"}
               : named{more.at, "the checkpoint's history of " + text_of(more.player) + " tells of it wrongly"};
  });
}

TEST_CASE("names that are missing, wrong or too many are named by the registration") {
  // With room for many players, so that some are registered after the first checkpoint.
  const auto registered_at = [](const checkpoint_run& run, player_number who) {
    for (const auto& [number, delta] : run.players)
      if (number == who) return delta.profile->registered_entry;
    return sequence{};
  };
  const auto expect_named_by = [](const std::function<named(checkpoint_run&)>& change) {
    spoilt_ledger ledger(13, {60, 5});
    ledger.append(150);
    ledger.checkpoint();
    ledger.append(150);
    named found;
    ledger.checkpoint([&](checkpoint_run& run) { found = change(run); });
    expect_broken(ledger.verify(), found.at, found.what);
  };
  expect_named_by([&](checkpoint_run& run) {
    const auto who = run.names.front().second;
    run.names.erase(run.names.begin());
    return named{registered_at(run, who), "the checkpoint does not find " + text_of(who) + " by its name"};
  });
  expect_named_by([&](checkpoint_run& run) {
    const auto who = run.names.back().second;
    run.names.back().second = {who.value + 1000};
    return named{registered_at(run, who), "the checkpoint finds another player by the name of " + text_of(who)};
  });
  expect_named_by([&](checkpoint_run& run) {
    auto more = run.names.back();
    more.first.second += "z";
    run.names.push_back(more);
    return named{run.valid_for.last, "the checkpoint finds " + text_of(more.second) + " by a name that no entry gave"};
  });
}

TEST_CASE("totals and counts that are not those of the entries are named by the checkpoint's position") {
  expect_checkpoint_named([](checkpoint_run& run) {
    auto& [account, totals] = run.affiliates.back();
    totals.earned += commission::from_units(1);
    return named{run.valid_for.last, "the checkpoint's totals of affiliate " + std::to_string(account.affiliate.value) +
                                         " in brand " + std::to_string(account.brand.value) +
                                         " are not the sum of its movements up to here"};
  });
  expect_checkpoint_named([](checkpoint_run& run) {
    run.next_player_number -= 1;
    return named{run.valid_for.last, "the checkpoint would give a player number again"};
  });
  expect_checkpoint_named([](checkpoint_run& run) {
    ++run.player_count;
    return named{run.valid_for.last, "the checkpoint counts other players than the journal has up to here"};
  });
  expect_checkpoint_named([](checkpoint_run& run) {
    run.workspace.emplace_back(affiliate{{900}, {}, "nobody"});
    return named{run.valid_for.last, "the checkpoint's workspace is not what its changes make up to here"};
  });
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
