#include "engine/keyed_hash.hpp"

#include "support/catch.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace croupier::testing {
namespace {

/// The reference's key: 00 01 02 ... 0f.
folder_key reference_key() {
  folder_key key;
  for (std::size_t i = 0; i < key.bytes.size(); ++i) key.bytes[i] = static_cast<std::uint8_t>(i);
  return key;
}

std::string counting_bytes(std::size_t count) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(i);
  return bytes;
}

/// The bytes of a hash in the order that the reference lists them: lowest first.
std::string hex_of(std::uint64_t hash) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string hex;
  for (int i = 0; i < 8; ++i, hash >>= 8) {
    hex += digits[hash >> 4 & 0xf];
    hex += digits[hash & 0xf];
  }
  return hex;
}

} // namespace

TEST_CASE("keyed_hash is SipHash-2-4: the reference's vectors") {
  struct row {
    std::size_t length;
    std::string_view hash;
  };
  const row rows[] = {
      {0, "310E0EDD47DB6F72"},  {1, "FD67DC93C539F874"},  {2, "5A4FA9D909806C0D"},  {3, "2D7EFBD796666785"},
      {4, "B7877127E09427CF"},  {5, "8DA699CD64557618"},  {6, "CEE3FE586E46C9CB"},  {7, "37D1018BF50002AB"},
      {8, "6224939A79F5F593"},  {9, "B0E4A90BDF82009E"},  {10, "F3B9DD94C5BB5D7A"}, {11, "A7AD6B22462FB3F4"},
      {12, "FBE50E86BC8F1E75"}, {13, "903D84C02756EA14"}, {14, "EEF27A8E90CA23F7"}, {15, "E545BE4961CA29A1"},
      {31, "42C341D8FA92D832"}, {32, "CE7CF2722F512771"}, {63, "724506EB4C328A95"},
  };
  for (const auto& [length, hash] : rows) {
    INFO(length << " bytes");
    CHECK(hex_of(keyed_hash(reference_key(), counting_bytes(length))) == hash);
  }
}

TEST_CASE("a context hashes like its eight bytes in front of the data") {
  const auto bytes = counting_bytes(20);
  const std::uint64_t context = 0x0706050403020100U;
  for (std::size_t length = 8; length <= bytes.size(); ++length) {
    INFO(length);
    const auto all = std::string_view(bytes).substr(0, length);
    CHECK(keyed_hash(reference_key(), context, all.substr(8)) == keyed_hash(reference_key(), all));
  }
}

TEST_CASE("another key or context is another hash") {
  CHECK(keyed_hash(reference_key(), "r1") != keyed_hash(folder_key{}, "r1"));
  CHECK(keyed_hash(reference_key(), 1, "r1") != keyed_hash(reference_key(), 2, "r1"));
}

} // namespace croupier::testing
