#include "engine/ids.hpp"

#include "support/catch.hpp"

#include <rapidcheck.h>

#include <string>
#include <unordered_set>

namespace croupier::testing {
namespace {

constexpr id_kind kinds[] = {id_kind::player, id_kind::movement, id_kind::click, id_kind::settlement,
                             id_kind::account_settlement};

constexpr std::uint64_t largest = (std::uint64_t{1} << 62) - 1;

folder_key any_key() {
  folder_key key;
  for (auto& byte : key.bytes) byte = *rc::gen::arbitrary<std::uint8_t>();
  return key;
}

std::uint64_t any_number() {
  return *rc::gen::arbitrary<std::uint64_t>() & largest;
}

id_kind any_kind() {
  return *rc::gen::elementOf(std::vector<id_kind>(std::begin(kinds), std::end(kinds)));
}

} // namespace

TEST_CASE("ids in clients' books keep their form") {
  folder_key key;
  for (std::size_t i = 0; i < key.bytes.size(); ++i) key.bytes[i] = static_cast<std::uint8_t>(i);
  CHECK(make_id(key, id_kind::player, 1).text() == "f856efd4-a23d-8b77-bae9-0de55ab766f1");
  CHECK(make_id(key, id_kind::movement, 1).text() == "a54ada81-9268-8dc3-ad65-72590114743d");
  CHECK(make_id(key, id_kind::click, largest).text() == "481c397c-31ac-87ac-9e1d-2251377f1136");
}

TEST_CASE("an id is a version 8 UUID of the RFC's variant") {
  for (std::uint64_t number = 0; number < 1000; ++number) {
    const auto text = make_id(folder_key{}, id_kind::click, number).text();
    REQUIRE(text[14] == '8');
    REQUIRE(std::string("89ab").find(text[19]) != std::string::npos);
  }
}

TEST_CASE("ids do not repeat over numbers and kinds") {
  std::unordered_set<uuid> seen;
  for (const auto kind : kinds)
    for (std::uint64_t number = 0; number < 2000; ++number)
      REQUIRE(seen.insert(make_id(folder_key{}, kind, number)).second);
}

TEST_CASE("property: an id leads back to its number") {
  REQUIRE(rc::check([] {
    const auto key = any_key();
    const auto kind = any_kind();
    const auto number = any_number();
    RC_ASSERT(number_of_id(key, kind, make_id(key, kind, number)) == number);
  }));
  for (const auto number : {std::uint64_t{0}, std::uint64_t{1}, largest})
    CHECK(number_of_id(folder_key{}, id_kind::player, make_id(folder_key{}, id_kind::player, number)) == number);
}

TEST_CASE("property: an id of another kind, another folder or another maker is refused") {
  REQUIRE(rc::check("kind", [] {
    const auto key = any_key();
    const auto made = any_kind();
    const auto asked = any_kind();
    RC_PRE(made != asked);
    RC_ASSERT(!number_of_id(key, asked, make_id(key, made, any_number())));
  }));
  REQUIRE(rc::check("folder", [] {
    const auto ours = any_key();
    const auto theirs = any_key();
    RC_PRE(ours != theirs);
    const auto kind = any_kind();
    RC_ASSERT(!number_of_id(ours, kind, make_id(theirs, kind, any_number())));
  }));
  REQUIRE(rc::check("maker", [](std::uint64_t high, std::uint64_t low) {
    // Made to look like ours, so that it is the mac that refuses it.
    const auto forged = uuid::from_halves((high & ~0xf000U) | 0x8000U, (low & largest) | std::uint64_t{1} << 63);
    for (const auto kind : kinds) RC_ASSERT(!number_of_id(folder_key{}, kind, forged));
  }));
}

TEST_CASE("property: an id with any bit turned is refused") {
  REQUIRE(rc::check([] {
    const auto key = any_key();
    const auto kind = any_kind();
    const auto id = make_id(key, kind, any_number());
    for (std::size_t bit = 0; bit < 128; ++bit) {
      auto turned = id;
      turned.bytes[bit / 8] = static_cast<std::uint8_t>(turned.bytes[bit / 8] ^ (1U << bit % 8));
      RC_ASSERT(!number_of_id(key, kind, turned));
    }
  }));
}

} // namespace croupier::testing
