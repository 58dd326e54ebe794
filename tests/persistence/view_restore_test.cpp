#include "persistence/record_codec.hpp"
#include "tests/persistence/media.hpp"
#include "tests/persistence/view_world.hpp"
#include "tests/support/catch.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <limits>

namespace croupier::persistence {

namespace {

using change_entry = std::function<void(movement_recorded&)>;

/// What a restart finds when the journal goes on with the next movements of the ledger, the first one changed.
/// Gives the first changed entry's sequence and the error.
struct tampered {
  sequence at;
  std::optional<storage_error> error;
};

tampered restart_after(view_world<memory_medium>& world, const change_entry& change) {
  test::random_ledger::group group;
  sequence at;
  for (;;) {
    group = world.ledger().next(1);
    at = {world.facts().size()};
    if (is_movement(group.records.back())) break;
    expect(world.medium().journal().append(group.views(), group.time).has_value(), "a group is not appended");
  }
  const std::string original = group.records[0];
  auto decoded = decode(original);
  change(std::get<movement_recorded>(*decoded));
  group.records[0].clear();
  encode(*decoded, group.records[0]);
  expect(world.medium().journal().append(group.views(), group.time).has_value(), "a group is not appended");
  committed_view view(world.medium().key(), world.medium().journal(), world.medium().checkpoints());
  const auto restored = view.restore(nullptr);
  return {at, restored ? std::nullopt : std::optional(restored.error())};
}

/// A ledger of one player with enough history, all in the tail or all but the newest entries in a checkpoint.
void with_ledgers(const std::function<void(view_world<memory_medium>&)>& check) {
  for (const bool checkpointed : {false, true}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      view_world<memory_medium> world(seed, {1, 9});
      world.append(150);
      if (checkpointed) world.checkpoint();
      INFO("seed " << seed << (checkpointed ? ", checkpointed" : ", all in the tail"));
      check(world);
    }
  }
}

void expect_refused(const change_entry& change, const std::string& why) {
  with_ledgers([&](auto& world) {
    const auto found = restart_after(world, change);
    REQUIRE(found.error);
    CHECK(found.error->code == storage_errc::corrupt);
    CHECK(found.error->at == found.at);
    CHECK(found.error->text == "entry " + std::to_string(found.at.value) + ": " + why);
  });
}

std::string click_of(std::uint64_t number) {
  std::string record;
  const auto agent = std::to_string(number);
  encode(entry(click_tracked{{1}, {1}, {1}, "192.0.2.1", agent, {}}), record);
  return record;
}

} // namespace

TEST_CASE("a restart takes a ledger that follows from itself") {
  with_ledgers([](auto& world) { CHECK_FALSE(restart_after(world, [](movement_recorded&) {}).error); });
}

TEST_CASE("a restart refuses a balance that its change does not make") {
  expect_refused(
      [](movement_recorded& movement) {
        auto& changed = movement.changes[movement.changes.size() - 1];
        changed.balance_after = *changed.balance_after.plus(amount::from_units(1));
      },
      "the balance is not what the change makes of the balance before");
}

TEST_CASE("a restart refuses a movement that is out of its player's order") {
  expect_refused([](movement_recorded& movement) { ++movement.ordinal; },
                 "the ordinal does not follow the player's last one");
  expect_refused([](movement_recorded& movement) { --movement.ordinal; },
                 "the ordinal does not follow the player's last one");
}

TEST_CASE("a restart refuses a movement of a player that was never registered") {
  expect_refused([](movement_recorded& movement) { movement.player = {77}; }, "its player was never registered");
}

TEST_CASE("a restart refuses a key frame that is not the fold") {
  expect_refused(
      [](movement_recorded& movement) {
        if (!movement.frame) movement.frame.emplace();
        movement.frame->revshare_total = commission::from_integer(123'456);
      },
      "its key frame is not the sum of the player's movements");
}

TEST_CASE("of several entries that contradict the checkpoint, a restart names the first") {
  // Players are held against the checkpoint in the order of their numbers, not of their entries.
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    view_world<memory_medium> world(seed, {20, 9});
    world.append(300);
    world.checkpoint();
    auto group = world.ledger().next(60);
    const auto base = world.facts().size() - group.records.size();
    std::optional<sequence> first_wrong;
    for (std::size_t i = 20; i < group.records.size(); i += 3) {
      const std::string original = group.records[i];
      auto decoded = decode(original);
      auto* movement = std::get_if<movement_recorded>(&*decoded);
      if (movement == nullptr || movement->joined == profile_change::created) continue;
      movement->ordinal += 1000;
      group.records[i].clear();
      encode(*decoded, group.records[i]);
      if (!first_wrong) first_wrong = sequence{base + i + 1};
    }
    REQUIRE(first_wrong);
    expect(world.medium().journal().append(group.views(), group.time).has_value(), "a group is not appended");
    committed_view view(world.medium().key(), world.medium().journal(), world.medium().checkpoints());
    const auto restored = view.restore(nullptr);
    REQUIRE_FALSE(restored.has_value());
    CHECK(restored.error().at == *first_wrong);
  }
}

TEST_CASE("a restart refuses a request id that comes twice") {
  with_ledgers([](auto& world) {
    const auto name = [](movement_recorded& movement) { movement.request_id = "twice"; };
    REQUIRE_FALSE(restart_after(world, name).error);
    const auto found = restart_after(world, [&](movement_recorded& movement) {
      name(movement);
      movement.source = dialect::wynta;
    });
    // Each dialect has its own ids, so it takes the same dialect, too.
    const auto again = restart_after(world, [&](movement_recorded& movement) {
      name(movement);
      movement.source = dialect::wynta;
    });
    if (!found.error) {
      REQUIRE(again.error);
      CHECK(again.error->at == again.at);
      CHECK(again.error->text.ends_with("the player's request id was recorded before"));
    } else {
      CHECK(found.error->at == found.at); // the first one had this dialect by chance
    }
  });
}

TEST_CASE("a restart refuses a checkpoint that the journal does not reach or does not know") {
  view_world<memory_medium> world(1);
  world.append(100);
  world.checkpoint();
  view_world<memory_medium> shorter(1);
  shorter.append(90);
  view_world<memory_medium> other(2);
  other.append(100);
  other.append(10);

  committed_view lost_end(world.medium().key(), shorter.medium().journal(), world.medium().checkpoints());
  const auto lost = lost_end.restore(nullptr);
  REQUIRE_FALSE(lost.has_value());
  CHECK(lost.error().code == storage_errc::corrupt);
  CHECK(lost.error().at == sequence{91});
  CHECK(lost.error().text ==
        "the checkpoint is valid for entry 100 but the journal ends at entry 90: the journal has lost its end");

  committed_view foreign(world.medium().key(), other.medium().journal(), world.medium().checkpoints());
  const auto mixed = foreign.restore(nullptr);
  REQUIRE_FALSE(mixed.has_value());
  CHECK(mixed.error().at == sequence{100});
  CHECK(mixed.error().text == "entry 100: the checkpoint was made from another journal: the hash chains differ");
}

TEST_CASE("a long replay writes a checkpoint on its way") {
  constexpr std::uint64_t groups = 1'050;
  constexpr std::uint64_t group_size = 1'000;
  view_world<memory_medium> world(3);
  world.append(200);
  std::vector<std::string> records;
  for (std::uint64_t i = 0; i < group_size; ++i) records.push_back(click_of(i));
  const std::vector<std::string_view> views(records.begin(), records.end());
  for (std::uint64_t i = 0; i < groups; ++i)
    expect(world.medium().journal().append(views, {}).has_value(), "a group is not appended");

  committed_view view(world.medium().key(), world.medium().journal(), world.medium().checkpoints());
  sequence reported;
  std::uint64_t reports = 0;
  const auto restored = view.restore([&](sequence done, sequence last) {
    ++reports;
    expect(done > reported || done == last, "the progress goes back");
    expect(last.value == world.facts().size() + groups * group_size, "the end moves");
    reported = done;
  });
  REQUIRE(restored.has_value());
  const auto last = world.facts().size() + groups * group_size;
  CHECK(reported.value == last);
  CHECK(reports == last / 10'000 + 1);
  CHECK(view.durable().value == last);
  // The first page that ends at or after the millionth entry.
  CHECK(view.checkpoint_sequence().value == 1'000'000 + world.facts().size());
  CHECK(world.medium().checkpoints().head().valid_for == world.medium().journal().page_end({1'000'001}));
  CHECK(view.tail_entries() == last - view.checkpoint_sequence().value);
  for (std::uint64_t number = 0; number < 20; ++number) CHECK(view.player({number}) == world.view().player({number}));
}

TEST_CASE("a group that contradicts the ledger stops the process before anyone is answered") {
  view_world<memory_medium> world(5, {1, 10});
  world.append(60);
  auto group = world.ledger().next(1);
  REQUIRE(is_movement(group.records[0]));
  const auto original = group.records[0];
  auto decoded = decode(original);
  auto& movement = std::get<movement_recorded>(*decoded);
  movement.changes[0].delta = *movement.changes[0].delta.plus(amount::from_units(100'000'000));
  movement.changes[0].value = movement.changes[0].delta;
  movement.changes[0].how = value_type::relative;
  group.records[0].clear();
  encode(*decoded, group.records[0]);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL); // Catch2 would report it
    ::close(STDERR_FILENO);
    world.view().apply({61}, group.time, group.views());
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
}

} // namespace croupier::persistence
