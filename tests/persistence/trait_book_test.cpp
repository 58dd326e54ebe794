#include "persistence/trait_book.hpp"

#include "tests/persistence/media.hpp"
#include "tests/persistence/store_world.hpp"
#include "tests/persistence/view_world.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace croupier::persistence {
namespace {

struct told {
  std::uint64_t at; ///< sequence
  std::int64_t occurred_us;
  std::string name;
  std::string value; ///< empty: unset
  std::uint64_t player = 1;
};

void tell(trait_book& book, const told& what) {
  movement_recorded movement;
  movement.player = {what.player};
  movement.event = event_facts{"identify", {what.occurred_us}, {}, {{what.name, what.value}}};
  book.apply({{what.at}, {1}, movement});
}

std::string text_of(const trait_book& book, std::uint64_t player = 1) {
  std::string out;
  for (const auto& [name, trait] : book.traits_of({player})) out += name + "=" + trait.value + " ";
  return out;
}

struct book_world {
  book_world() {
    world.append(40);
    store = open();
  }
  std::unique_ptr<projection_store> open() {
    auto made = projection_store::open(folder / "projections", world.view());
    REQUIRE(made.has_value());
    return std::move(*made);
  }

  view_world<memory_medium> world{1};
  disk_folder folder;
  std::unique_ptr<projection_store> store;
};

} // namespace

TEST_CASE("the last writer by the event's own time wins, trait by trait") {
  book_world on;
  trait_book book(*on.store);
  REQUIRE(book.restore().has_value());
  tell(book, {1, 100, "vip", "\"gold\""});
  tell(book, {2, 100, "country", "\"MT\""});
  tell(book, {3, 50, "vip", "\"bronze\""});
  CHECK(text_of(book) == "country=\"MT\" vip=\"gold\" ");
  tell(book, {4, 100, "vip", "\"platinum\""}); // a tie: the later entry
  CHECK(text_of(book) == "country=\"MT\" vip=\"platinum\" ");
  tell(book, {5, 300, "vip", ""});
  CHECK(text_of(book) == "country=\"MT\" ");
  tell(book, {6, 200, "vip", "\"gold\""}); // older than the unset, although it came later
  CHECK(text_of(book) == "country=\"MT\" ");
  tell(book, {7, 301, "vip", "null"});
  CHECK(text_of(book) == "country=\"MT\" vip=null ");
  CHECK(text_of(book, 2).empty());
}

TEST_CASE("saves in between and the order of arrival change nothing") {
  std::vector<told> script;
  std::mt19937 random(5);
  for (std::uint64_t n = 1; n <= 300; ++n)
    script.push_back({n, static_cast<std::int64_t>(random() % 40), "t" + std::to_string(random() % 7),
                      random() % 5 == 0 ? "" : std::to_string(n), 1 + random() % 3});
  const auto played = [&](unsigned saves_one_in) {
    book_world on;
    auto book = std::make_unique<trait_book>(*on.store);
    REQUIRE(book->restore().has_value());
    std::uint64_t upto = 0;
    for (const auto& each : script) {
      tell(*book, each);
      if (saves_one_in == 0 || random() % saves_one_in != 0 || upto >= on.world.view().durable().value) continue;
      REQUIRE(book->save({++upto}).has_value());
      if (random() % 3 == 0) {
        book = std::make_unique<trait_book>(*on.store);
        CHECK(*book->restore() == sequence{upto});
      }
    }
    return text_of(*book, 1) + "; " + text_of(*book, 2) + "; " + text_of(*book, 3);
  };
  const auto never_saved = played(0);
  CHECK(never_saved.size() > 20);
  for (int run = 0; run < 5; ++run) CHECK(played(20) == never_saved);
}

TEST_CASE("a player keeps its newest traits") {
  book_world on;
  trait_book book(*on.store);
  REQUIRE(book.restore().has_value());
  for (std::uint64_t n = 1; n <= trait_book::traits_max + 50; ++n) {
    tell(book, {n, static_cast<std::int64_t>(n), "t" + std::to_string(n), "1"});
    if (n == 700) REQUIRE(book.save({30}).has_value());
  }
  const auto traits = book.traits_of({1});
  CHECK(traits.size() == trait_book::traits_max);
  CHECK(traits.count("t50") == 0);
  CHECK(traits.count("t51") == 1);
}

} // namespace croupier::persistence
