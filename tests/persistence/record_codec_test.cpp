#include "persistence/record_codec.hpp"

#include "support/catch.hpp"
#include "tests/persistence/random_entry.hpp"

#include <rapidcheck.h>

namespace croupier::persistence {

namespace {

std::string record_of(const entry& what) {
  std::string record;
  encode(what, record);
  return record;
}

/// Decodes bytes that may be anything; whatever decodes must encode to the very bytes.
void expect_exact(std::string_view bytes) {
  // A copy of the exact size, so that a sanitizer sees a read behind the end.
  const std::vector<char> exact(bytes.begin(), bytes.end());
  const std::string_view record(exact.data(), exact.size());
  if (auto decoded = decode(record)) RC_ASSERT(record_of(*decoded) == record);
}

std::string bytes(std::initializer_list<int> values) {
  std::string result;
  for (const auto value : values) result.push_back(static_cast<char>(value));
  return result;
}

} // namespace

TEST_CASE("every entry is the same after its record", "[codec]") {
  CHECK(rc::check("decode(encode(x)) == x", [](std::uint64_t seed) {
    random_entries source(seed);
    for (int i = 0; i < 20; ++i) {
      const auto what = source.next();
      const auto record = record_of(what);
      const auto decoded = decode(record);
      RC_ASSERT(decoded.has_value());
      RC_ASSERT(same(decoded.value(), what));
      RC_ASSERT(record_of(decoded.value()) == record);
      RC_ASSERT(is_movement(record) == std::holds_alternative<movement_recorded>(what));
    }
  }));
}

TEST_CASE("every object of the workspace is the same after its bytes", "[codec]") {
  CHECK(rc::check("decode_object(encode_object(x)) == x", [](std::uint64_t seed) {
    random_entries source(seed);
    const auto object = source.next_object();
    std::string encoded;
    encode_object(object, encoded);
    const auto decoded = decode_object(encoded);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(decoded.value() == object);
    for (std::size_t size = 0; size < encoded.size(); ++size)
      RC_ASSERT(!decode_object(std::string_view(encoded).substr(0, size)).has_value());
  }));
}

TEST_CASE("a record that is cut or lengthened is refused", "[codec]") {
  CHECK(rc::check("no prefix of a record is a record", [](std::uint64_t seed) {
    random_entries source(seed);
    const auto record = record_of(source.next());
    for (std::size_t size = 0; size < record.size(); ++size) {
      const std::vector<char> exact(record.begin(), record.begin() + static_cast<std::ptrdiff_t>(size));
      RC_ASSERT(!decode({exact.data(), exact.size()}).has_value());
    }
    RC_ASSERT(!decode(record + '\0').has_value());
  }));
}

TEST_CASE("damaged records are refused or are other exact records, and never read outside", "[codec]") {
  CHECK(rc::check("every byte changed", [](std::uint64_t seed) {
    random_entries source(seed);
    std::mt19937_64 random(seed);
    const auto record = record_of(source.next());
    for (std::size_t at = 0; at < record.size(); ++at) {
      auto damaged = record;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
      expect_exact(damaged);
      damaged[at] = static_cast<char>(0xff);
      expect_exact(damaged);
    }
  }));
  CHECK(rc::check("random bytes behind a known kind", [](std::uint8_t kind, const std::string& rest) {
    expect_exact(std::string{static_cast<char>(kind % 7), '\1'} + rest);
  }));
}

TEST_CASE("records are refused for what they say", "[codec]") {
  struct row {
    const char* what;
    std::string record;
    const char* problem;
  };
  const auto movement_head = bytes({3, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0});
  const auto frame_head = bytes({3, 1, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0});
  const std::vector<row> rows = {
      {"nothing", "", "end inside"},
      {"kind 0", bytes({0, 1}), "kind of the record is unknown"},
      {"kind 12", bytes({12, 1}), "kind of the record is unknown"},
      {"version 2", bytes({3, 2}), "version 2"},
      {"long form of a varint", bytes({4, 1, 0x81, 0}), "shortest form"},
      {"a link of 33 bits", bytes({4, 1, 0x80, 0x80, 0x80, 0x80, 0x10}), "too large"},
      {"a text longer than the record", bytes({4, 1, 1, 1, 1, 0xff, 0xff, 0xff, 0xff, 0x0f}), "end inside"},
      {"25 metrics", movement_head + bytes({25}), "too many metrics"},
      {"how 0", movement_head + bytes({1, 1, 0, 2, 2, 0}), "neither absolute nor relative"},
      {"a reserved bit", movement_head + bytes({1, 1, 0x0a, 2, 2, 0}), "unknown bit"},
      {"9 fraction digits", movement_head + bytes({1, 1, 0x92, 2, 2, 0}), "too many fraction digits"},
      {"a negative zero of one", movement_head + bytes({1, 1, 0x86, 2, 2, 0}), "negative zero"},
      {"one unit without fraction digits", movement_head + bytes({1, 1, 2, 2, 2, 0}), "more digits than its text"},
      {"a dialect of tomorrow", bytes({3, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0}), "dialect"},
      {"a player that did not join", bytes({3, 1, 128, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0}),
       "neither came"},
      {"balances that are not there", frame_head + bytes({0xff, 0xff, 0xff, 0xff, 0x0f}), "fewer balances"},
      {"balances out of order", frame_head + bytes({2, 2, 2, 1, 2, 0, 0}), "not ascending"},
  };
  for (const auto& [what, record, problem] : rows) {
    INFO(what);
    const auto decoded = decode(record);
    REQUIRE_FALSE(decoded);
    INFO(decoded.error());
    CHECK(decoded.error().find(problem) != std::string::npos);
  }
}

TEST_CASE("the bytes of a record do not change between versions of this program", "[codec]") {
  movement_recorded movement;
  movement.player = {300};
  movement.brand = {2};
  movement.player_hash = 0x0102030405060708;
  movement.ordinal = 32;
  movement.source = dialect::revvvs;
  movement.request_id = "r1";
  movement.payload = "{}";
  metric_change change;
  change.metric = {3};
  change.how = value_type::absolute;
  change.fraction_digits = 1;
  change.value = amount::from_units(-50'000'000);
  change.delta = amount::from_units(1);
  change.balance_after = change.value;
  movement.changes.push_back(change);
  movement.revshare = revshare_accrual{{4}, {5}, {3}, percentage::from_units(250'000), commission::from_units(-1)};
  movement.frame = movement_recorded::key_frame{{{{3}, change.value}}, commission::from_units(0)};
  CHECK(record_of(movement) ==
        bytes({3,    1,    3,    0xac, 0x02, 2,    1,    2,    3,    4,    5,    6,    7,    8,    32, 2, 2,
               'r',  '1',  1,    3,    0x11, 0xff, 0xc1, 0xd7, 0x2f, 2,    0xff, 0xc1, 0xd7, 0x2f, 4,  5, 3,
               0xa0, 0xc2, 0x1e, 1,    0,    1,    3,    0xff, 0xc1, 0xd7, 0x2f, 0,    2,    '{',  '}'}));
}

} // namespace croupier::persistence
