/// What a gateway does with what it is given beside its store: the time, and whom it tells of the storage.

#include "support/catch.hpp"
#include "tests/support/fault_env.hpp"
#include "tests/support/test_ledger.hpp"

#include <mutex>
#include <thread>

using namespace croupier;
using namespace croupier::test;

TEST_CASE("whoever decides on the workspace is told the ledger's time") {
  const temporary_folder folder;
  const timestamp noon = *timestamp::parse("2031-01-01T12:00:00Z");
  actors::gateway_options options;
  options.now = [noon] { return noon; };
  test_ledger ledger(folder.path(), options);
  timestamp told;
  const auto decide = [&](const workspace&, timestamp now) -> std::optional<std::vector<workspace_object>> {
    told = now;
    return std::nullopt;
  };
  CHECK_FALSE(ledger.gateway().change_workspace(decide, "test", test_ledger::soon()).has_value());
  CHECK(told == noon);
  ledger.click({1});
  CHECK(ledger.view().entry_at(ledger.view().durable()).entry.time == noon);
}

TEST_CASE("reads that fail are counted, and told of without flooding the log") {
  const temporary_folder folder;
  std::vector<std::pair<actors::storage_event, std::string>> told;
  actors::gateway_options options;
  options.on_storage_event = [&](actors::storage_event what, const std::string& text) {
    told.emplace_back(what, text);
  };
  test_ledger ledger(folder.path(), options);
  const persistence::storage_error one{persistence::storage_errc::corrupt, "page one is damaged", {}};
  const persistence::storage_error other{persistence::storage_errc::corrupt, "page two is damaged", {}};
  for (int i = 0; i < 100; ++i) ledger.gateway().note_unreadable(i % 2 == 0 ? one : other);
  CHECK(ledger.gateway().figures().read_errors == 100);
  CHECK(told == std::vector{std::pair(actors::storage_event::unreadable, one.text)});
}

TEST_CASE("a checkpoint that fails again and again is told once, and so is that it is written again") {
  const temporary_folder folder;
  fault_env disk_below;
  std::mutex lock;
  std::vector<std::pair<actors::storage_event, std::string>> told;
  actors::gateway_options options;
  options.checkpoint_entries = 1;
  options.on_storage_event = [&](actors::storage_event what, const std::string& text) {
    const std::lock_guard held(lock);
    told.emplace_back(what, text);
  };
  test_ledger ledger(folder.path(), options, disk_below.env());
  const auto click_until = [&](const auto& reached) {
    while (!reached(ledger.gateway().figures())) ledger.click({1});
  };
  click_until([](const actors::ledger_figures& now) { return now.checkpoints_written > 0; });

  // No file can be made; what is open already, the journal's, is written.
  disk_below.fail({disk_fault::no_space, disk::create});
  click_until([](const actors::ledger_figures& now) { return now.checkpoint_errors >= 3; });
  disk_below.heal();
  const auto before = ledger.gateway().figures().checkpoints_written;
  click_until([&](const actors::ledger_figures& now) { return now.checkpoints_written > before + 1; });
  CHECK(ledger.gateway().figures().journal_errors == 0);

  const std::lock_guard held(lock);
  REQUIRE(told.size() == 2);
  CHECK(told[0].first == actors::storage_event::failed);
  CHECK_FALSE(told[0].second.empty());
  CHECK(told[1].first == actors::storage_event::back);
}
