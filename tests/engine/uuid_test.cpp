#include "engine/uuid.hpp"

#include "support/catch.hpp"

#include <rapidcheck.h>

#include <string>
#include <string_view>

namespace croupier::testing {

TEST_CASE("a UUID is read in either case and written in lower case") {
  const auto id = uuid::parse("0D7a8b6e-1F43-4f8d-9e2c-2b1f3a4e7c11");
  REQUIRE(id.has_value());
  CHECK(id->text() == "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11");
  CHECK(id->high() == 0x0d7a8b6e1f434f8dU);
  CHECK(id->low() == 0x9e2c2b1f3a4e7c11U);
  CHECK_FALSE(id->is_nil());
  CHECK(uuid::parse("00000000-0000-0000-0000-000000000000")->is_nil());
}

TEST_CASE("nothing else is a UUID") {
  using namespace std::string_view_literals;
  const std::string_view texts[] = {
      "",
      "0d7a8b6e",
      "0d7a8b6e1f434f8d9e2c2b1f3a4e7c11",
      "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c1",
      "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c111",
      "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c1g",
      "0d7a8b6e-1f43-4f8d-9e2c02b1f3a4e7c11",
      "0d7a8b6e11f43-4f8d-9e2c-2b1f3a4e7c11",
      "0d7a8b6-e1f43-4f8d-9e2c-2b1f3a4e7c11",
      "-d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11",
      " 0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c1",
      "{d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c1}",
      "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c1\0"sv,
      "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e1\xEF\xBC\x91",
      "abc-123-def",
  };
  for (const auto text : texts) {
    INFO("text: '" << text << "'");
    CHECK_FALSE(uuid::parse(text).has_value());
  }
}

TEST_CASE("the relaxed form also takes 32 digits without dashes, and nothing in between") {
  const auto id = uuid::parse("0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11");
  CHECK(uuid::parse_relaxed("0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11") == id);
  CHECK(uuid::parse_relaxed("0D7A8B6E1F434F8D9E2C2B1F3A4E7C11") == id);
  CHECK_FALSE(uuid::parse_relaxed("0d7a8b6e1f43-4f8d-9e2c-2b1f3a4e7c11").has_value());
  CHECK_FALSE(uuid::parse_relaxed("0d7a8b6e1f434f8d9e2c2b1f3a4e7c1x").has_value());
  CHECK_FALSE(uuid::parse_relaxed("0d7a8b6e-1f434f8d9e2c2b1f3a4e7c1").has_value());
}

TEST_CASE("property: a UUID's text and halves lead back to it") {
  REQUIRE(rc::check([](std::uint64_t high, std::uint64_t low) {
    const auto id = uuid::from_halves(high, low);
    RC_ASSERT(id.high() == high);
    RC_ASSERT(id.low() == low);
    RC_ASSERT(uuid::parse(id.text()) == id);
    RC_ASSERT(uuid::parse_relaxed(id.text()) == id);
  }));
}

} // namespace croupier::testing
