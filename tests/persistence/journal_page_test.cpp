#include "persistence/journal_page.hpp"

#include "support/catch.hpp"
#include "tests/persistence/store_world.hpp"

namespace croupier::persistence {

namespace {

constexpr folder_key key_of_test{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

struct written_page {
  page_header header;
  std::string bytes;
};

written_page page_of(const std::vector<std::string>& records, sequence first, const chain_hash& before) {
  written_page page;
  page.header.folder_tag = folder_tag(key_of_test);
  page.header.first = first;
  page.header.count = records.size();
  page.header.time = {-5};
  page.header.movements_before = 7;
  page.header.synced = {first.value - 1};
  page.header.begins_group = true;
  page_hasher().write(page.header, views_of(records), before, page.bytes);
  return page;
}

} // namespace

TEST_CASE("a page says what was put into it", "[page]") {
  const std::vector<std::string> records = {click_record(1), movement_record(2), movement_record(3)};
  const auto written = page_of(records, {41}, chain_origin(key_of_test));
  const auto parsed = parse_page(written.bytes, {41});
  REQUIRE(parsed);
  const auto& page = parsed.value();
  CHECK(page.header.first.value == 41);
  CHECK(page.header.last().value == 43);
  CHECK(page.header.time.unix_us == -5);
  CHECK(page.header.begins_group);
  CHECK_FALSE(page.header.ends_group);
  CHECK(page.header.synced.value == 40);
  CHECK(page.header.chain == written.header.chain);
  CHECK(page.record({42}) == records[1]);
  CHECK(page.movements_up_to({41}) == 0);
  CHECK(page.end() == position{{43}, {-5}, written.header.chain, 9});
  CHECK(parse_page_header(std::string_view(written.bytes).substr(0, 72))->first.value == 41);
  CHECK_FALSE(parse_page_header(std::string_view(written.bytes).substr(0, 71)));
}

TEST_CASE("the chain value of a page covers the page before and every byte", "[page]") {
  const auto origin = chain_origin(key_of_test);
  const auto first = page_of({movement_record(1)}, {1}, origin);
  const auto second = page_of({movement_record(2), click_record(3)}, {2}, first.header.chain);
  page_hasher hasher;
  CHECK(hasher.holds(first.bytes, origin));
  CHECK(hasher.holds(second.bytes, first.header.chain));
  CHECK_FALSE(hasher.holds(second.bytes, origin));
  CHECK_FALSE(hasher.holds(second.bytes, second.header.chain));
  for (std::size_t at = 0; at < second.bytes.size(); ++at) {
    auto damaged = second.bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    CHECK_FALSE(hasher.holds(damaged, first.header.chain));
  }
  CHECK_FALSE(hasher.holds("", origin));
}

TEST_CASE("chains of different folders begin differently", "[page]") {
  auto other = key_of_test;
  other.bytes[15] ^= 1;
  CHECK(chain_origin(key_of_test) != chain_origin(other));
  CHECK(folder_tag(key_of_test) != folder_tag(other));
}

TEST_CASE("a page that is cut, lengthened or out of place is refused", "[page]") {
  const auto written = page_of({movement_record(1), click_record(2)}, {9}, chain_origin(key_of_test));
  REQUIRE(parse_page(written.bytes, {9}));
  CHECK_FALSE(parse_page(written.bytes, {10}));
  CHECK_FALSE(parse_page(written.bytes + '\0', {9}));
  for (std::size_t size = 0; size < written.bytes.size(); ++size) {
    const std::vector<char> exact(written.bytes.begin(), written.bytes.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_FALSE(parse_page({exact.data(), exact.size()}, {9}));
  }
}

TEST_CASE("damaged pages parse or do not, but never read outside", "[page]") {
  const auto written = page_of({movement_record(1), click_record(2)}, {9}, chain_origin(key_of_test));
  for (std::size_t at = 0; at < written.bytes.size(); ++at) {
    for (const auto value : {0x00, 0x01, 0x41, 0x7f, 0x80, 0xff}) {
      std::vector<char> damaged(written.bytes.begin(), written.bytes.end());
      damaged[at] = static_cast<char>(value);
      const auto parsed = parse_page({damaged.data(), damaged.size()}, {9});
      if (parsed) CHECK(parsed.value().records.size() == parsed.value().header.count);
    }
  }
}

TEST_CASE("a page takes 64 records, or what fits in 16 KiB, or one that is longer", "[page]") {
  const std::string small(100, 'x');
  const std::string half(page_body_bytes_max / 2, 'x');
  const std::string large(page_body_bytes_max + 1, 'x');
  struct row {
    std::vector<std::string_view> records;
    std::size_t taken;
  };
  const std::vector<row> rows = {
      {{small}, 1},
      {std::vector<std::string_view>(64, small), 64},
      {std::vector<std::string_view>(65, small), 64},
      {{half, half}, 2},
      {{half, half, small}, 2},
      {{large}, 1},
      {{large, small}, 1},
      {{small, large, small}, 1},
      {{half, large}, 1},
  };
  for (const auto& [records, taken] : rows) CHECK(records_of_next_page(records) == taken);
}

TEST_CASE("keys of pages sort as their sequences", "[page]") {
  CHECK(page_key({255}) < page_key({256}));
  CHECK(page_key({256}) < page_key({1ULL << 40}));
  CHECK(sequence_of_page_key(page_key({1ULL << 63}))->value == 1ULL << 63);
  CHECK_FALSE(sequence_of_page_key("1234567"));
  CHECK_FALSE(sequence_of_page_key("123456789"));
}

} // namespace croupier::persistence
