#include "persistence/projector.hpp"

#include "persistence/byte_codec.hpp"
#include "persistence/projection_store.hpp"
#include "tests/persistence/media.hpp"
#include "tests/persistence/store_world.hpp"
#include "tests/persistence/view_world.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fault_env.hpp"

#include <atomic>
#include <future>
#include <thread>

namespace croupier::persistence {
namespace {

using namespace std::chrono_literals;

auto soon() {
  return projector::clock::now() + 30s;
}

/// A fold that tells whether entries are missed, repeated or out of order.
class counting_books final : public projection {
public:
  counting_books(projection_store& store, std::string name) : store_(store), name_(std::move(name)) {}

  std::string_view name() const noexcept override { return name_; }

  result<sequence, storage_error> restore() override {
    const auto at = store_.restore(name_, 1);
    restored = at;
    expected_ = at.value + 1;
    sum = 0;
    if (at.value != 0) {
      const auto saved = store_.get(name_, "sum");
      expect(saved.has_value(), "what was saved is there");
      sum = byte_reader(*saved).fixed<std::uint64_t>();
    }
    return at;
  }

  void apply(const committed_entry& entry) override {
    in_order = in_order && entry.at.value == expected_;
    expected_ = entry.at.value + 1;
    gathered_ += entry.at.value * entry.at.value;
  }

  void settle() override {
    sum += gathered_;
    gathered_ = 0;
  }

  result<done, storage_error> save(sequence upto) override {
    if (fails) return storage_error{storage_errc::no_space, "the disk is full", std::nullopt};
    std::string value;
    put_fixed(value, sum.load());
    book_batch batch;
    batch.put("sum", value);
    return store_.save(name_, 1, batch, upto);
  }

  std::atomic<std::uint64_t> sum{0};
  std::atomic<bool> in_order{true};
  std::atomic<bool> fails{false};
  sequence restored;

private:
  projection_store& store_;
  std::string name_;
  std::uint64_t expected_ = 1;
  std::uint64_t gathered_ = 0;
};

std::uint64_t squares_up_to(std::uint64_t n) {
  return n * (n + 1) * (2 * n + 1) / 6;
}

std::unique_ptr<projection_store> opened(const disk_folder& folder, const committed_view& view) {
  auto made = projection_store::open(folder / "projections", view);
  expect(made.has_value(), made ? "" : made.error().text);
  return std::move(*made);
}

void require_caught_up(projector& feed, const counting_books& books, const committed_view& view) {
  REQUIRE(feed.wait_for(view.durable(), soon()));
  CHECK(books.in_order);
  CHECK(books.sum == squares_up_to(view.durable().value));
}

} // namespace

TEST_CASE("books take in every entry once and in order, and go on from where they were saved") {
  view_world<memory_medium> world(1);
  disk_folder folder;
  for (int run = 0; run < 3; ++run) {
    const auto before = world.view().durable();
    const auto store = opened(folder, world.view());
    counting_books books(*store, "counting");
    projector feed(world.view(), {&books}, {.portion = 7, .save_entries = 20});
    for (int i = 0; i < 10; ++i) {
      world.append(9);
      require_caught_up(feed, books, world.view());
    }
    const auto figures = feed.figures();
    CHECK(figures.lag() == 0);
    CHECK(figures.error.empty());
    feed.stop();
    CHECK(books.restored == before);
    CHECK(feed.figures().books.front().saved == world.view().durable());
  }
}

TEST_CASE("books of different ages are fed from where each is") {
  view_world<memory_medium> world(2);
  disk_folder folder;
  const auto store = opened(folder, world.view());
  world.append(50);
  {
    counting_books old(*store, "old");
    projector feed(world.view(), {&old});
    require_caught_up(feed, old, world.view());
  }
  const auto before = world.view().durable();
  world.append(30);
  counting_books old(*store, "old");
  counting_books fresh(*store, "new");
  projector feed(world.view(), {&old, &fresh});
  require_caught_up(feed, old, world.view());
  require_caught_up(feed, fresh, world.view());
  CHECK(old.restored == before);
  CHECK(fresh.restored.value == 0);
}

/// How many of the reads are refused that are made until it is done.
int refused_reads(const projection_store& store, const std::atomic<bool>& done) {
  int refused = 0;
  while (!done) {
    try {
      if (!store.get("books", "key")) ++refused;
    } catch (const storage_failure&) {
      ++refused;
    }
    std::this_thread::yield();
  }
  return refused;
}

TEST_CASE("a disk that fails costs a save, no read, and the next one succeeds when it is back") {
  for (const auto fault : {test::disk_fault::io_error, test::disk_fault::no_space})
    for (const auto operations : {test::disk::append, test::disk::sync, test::disk::create, test::disk::all_writes}) {
      INFO("fault " << static_cast<int>(fault) << ", operations " << operations);
      view_world<memory_medium> world(7);
      world.append(10);
      disk_folder folder;
      test::fault_env disk;
      const auto save = [&](projection_store& store, const std::string& value) {
        book_batch batch;
        batch.put("key", value);
        return store.save("books", 1, batch, world.view().durable()).has_value();
      };
      {
        auto made = projection_store::open(folder / "projections", world.view(), disk.env());
        REQUIRE(made.has_value());
        auto& store = **made;
        REQUIRE(save(store, "before"));
        world.append(10);
        std::atomic<bool> done = false;
        auto refused = std::async(std::launch::async, [&] { return refused_reads(store, done); });
        for (std::uint64_t still = 0; still < 6; ++still) {
          // What succeeds at first is what the disk is probed by; then it is full again.
          disk.fail({.fault = fault, .operations = operations, .after = still});
          const bool saved = save(store, "meanwhile");
          if (still == 0) CHECK_FALSE(saved);
          if (!saved) CHECK(store.get("books", "key").has_value());
        }
        disk.heal();
        CHECK(save(store, "after"));
        CHECK(store.get("books", "key") == "after");
        done = true;
        CHECK(refused.get() == 0);
      }
      const auto store = opened(folder, world.view());
      CHECK(store->restore("books", 1) == world.view().durable());
      CHECK(store->get("books", "key") == "after");
    }
}

TEST_CASE("books that are damaged while they run stand still, and are made again at the next start") {
  const bool is_gone = GENERATE(true, false);
  view_world<memory_medium> world(8);
  world.append(10);
  disk_folder folder;
  test::fault_env disk;
  const auto saved = [&world](projection_store& store, const std::string& key) {
    book_batch batch;
    batch.put(key, "1");
    return store.save("books", 1, batch, world.view().durable()).has_value();
  };
  {
    const auto made = projection_store::open(folder / "projections", world.view(), disk.env());
    REQUIRE(made.has_value());
    auto& store = **made;
    REQUIRE(saved(store, "first"));
    disk.fail({.operations = test::disk::append});
    REQUIRE_FALSE(saved(store, "second"));
    disk.heal();
    std::filesystem::remove(folder / "projections" / "CURRENT");
    if (!is_gone) write_bytes(folder / "projections" / "CURRENT", "MANIFEST-999999\n");
    // Emptied, it would take the second and claim to have the first.
    CHECK_FALSE(saved(store, "second"));
    CHECK_THROWS_AS(store.get("books", "first"), storage_failure);
  }
  CHECK(opened(folder, world.view())->restore("books", 1) == sequence{});
}

TEST_CASE("books that a failing disk kept from being taken up are taken up when it is back") {
  disk_folder folder;
  view_world<memory_medium> world(6);
  world.append(10);
  test::fault_env disk;
  const auto made = projection_store::open(folder.path() / "projections", world.view(), disk.env());
  REQUIRE(made.has_value());
  auto& store = **made;
  // There is nothing saved of them, which is made sure of by a write.
  disk.fail({.operations = test::disk::all_writes});
  CHECK_THROWS_AS(store.restore("books", 1), storage_failure);
  // What was closed after that cannot be opened: that takes a renaming.
  disk.fail({.operations = test::disk::rename});
  CHECK_THROWS_AS(store.restore("books", 1), storage_failure);
  CHECK_THROWS_AS(store.restore("books", 1), storage_failure);
  CHECK_FALSE(store.get("books", "key").has_value()); // reading takes no renaming
  disk.heal();
  CHECK(store.restore("books", 1) == sequence{});
  CHECK_FALSE(store.get("books", "key").has_value());
}

TEST_CASE("books beside another journal, or of another format, are made anew") {
  disk_folder folder;
  view_world<memory_medium> world(3);
  world.append(40);
  {
    const auto store = opened(folder, world.view());
    counting_books books(*store, "counting");
    projector feed(world.view(), {&books});
    require_caught_up(feed, books, world.view());
  }
  SECTION("the same key, but other entries") {
    view_world<memory_medium> other(4);
    other.append(60);
    const auto store = opened(folder, other.view());
    CHECK(store->restore("counting", 1).value == 0);
    CHECK_FALSE(store->get("counting", "sum").has_value());
  }
  SECTION("a journal that has lost its end") {
    view_world<memory_medium> other(3);
    other.append(10);
    CHECK(opened(folder, other.view())->restore("counting", 1).value == 0);
  }
  SECTION("another format") {
    CHECK(opened(folder, world.view())->restore("counting", 2).value == 0);
  }
  SECTION("the same") {
    CHECK(opened(folder, world.view())->restore("counting", 1) == world.view().durable());
  }
  SECTION("damage") {
    write_bytes(folder / "projections/CURRENT", "nonsense");
    CHECK(opened(folder, world.view())->restore("counting", 1).value == 0);
  }
}

TEST_CASE("a save that fails is told and made up for") {
  view_world<memory_medium> world(5);
  disk_folder folder;
  const auto store = opened(folder, world.view());
  counting_books books(*store, "counting");
  books.fails = true;
  std::atomic<int> told{0};
  projector feed(world.view(), {&books}, {.retry_after = 1ms, .save_entries = 1},
                 [&told](const std::string& line) { told += line.find("disk is full") != std::string::npos ? 1 : 0; });
  const auto until = soon();
  while (told == 0 && projector::clock::now() < until) {
    world.append(1);
    require_caught_up(feed, books, world.view());
  }
  CHECK(told == 1);
  CHECK(feed.figures().error.find("disk is full") != std::string::npos);
  books.fails = false;
  feed.stop();
  CHECK(feed.figures().error.empty());
  CHECK(store->restore("counting", 1) == world.view().durable());
}

TEST_CASE("waiting for an entry that does not come ends with the deadline or the stop") {
  view_world<memory_medium> world(6);
  disk_folder folder;
  const auto store = opened(folder, world.view());
  counting_books books(*store, "counting");
  projector feed(world.view(), {&books});
  CHECK_FALSE(feed.wait_for({1}, projector::clock::now() + 1ms));
  world.append(1);
  CHECK(feed.wait_for({1}, soon()));
  feed.stop();
  CHECK_FALSE(feed.wait_for({world.view().durable().value + 1}, soon()));
}

TEST_CASE("keys of one name are walked in order, both ways, without those of others") {
  view_world<memory_medium> world(7);
  world.append(3);
  disk_folder folder;
  const auto store = opened(folder, world.view());
  book_batch batch;
  for (const char* key : {"a1", "a2", "b1"}) batch.put(key, key);
  batch.put("gone", "x");
  batch.erase("gone");
  REQUIRE(store->save("one", 1, batch, {3}));
  REQUIRE(store->save("onf", 1, batch, {3}));
  std::string walked;
  const auto note = [&walked](std::string_view key, std::string_view value) {
    walked += std::string(key) + "=" + std::string(value) + " ";
    return true;
  };
  store->scan_up("one", "a2", note);
  CHECK(walked == "a2=a2 b1=b1 ");
  walked.clear();
  store->scan_down("one", "a9", note);
  CHECK(walked == "a2=a2 a1=a1 ");
}

} // namespace croupier::persistence
