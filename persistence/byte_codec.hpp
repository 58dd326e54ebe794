#pragma once

#include "engine/fixed_point.hpp"
#include "engine/ids.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace croupier::persistence {

/// The primitives that all our formats are made of. Numbers are LEB128 varints in their one shortest form (a longer
/// form is an error, so equal values have equal bytes), signed ones zigzagged first; fixed-width numbers are
/// big-endian, so that they sort as keys; texts are a varint length and the bytes.

__extension__ using uint128 = unsigned __int128;

inline void put_byte(std::string& out, std::uint8_t value) {
  out.push_back(static_cast<char>(value));
}

inline void put_varint(std::string& out, uint128 value) {
  // Gathered first: a string that grows byte by byte asks for its room each time.
  std::array<char, 19> bytes;
  std::size_t size = 0;
  while (value >= 0x80) {
    bytes[size++] = static_cast<char>(static_cast<std::uint8_t>(value) | 0x80U);
    value >>= 7;
  }
  bytes[size++] = static_cast<char>(value);
  out.append(bytes.data(), size);
}

inline void put_zigzag(std::string& out, int128 value) {
  const auto bits = static_cast<uint128>(value);
  put_varint(out, value < 0 ? ~(bits << 1) : bits << 1);
}

template<class Rep, class Tag>
void put_varint(std::string& out, strong_number<Rep, Tag> number) {
  put_varint(out, number.value);
}

/// `Number` is an unsigned integer; its width is the width on disk.
template<class Number>
void put_fixed(std::string& out, Number value) {
  std::array<char, sizeof(Number)> bytes;
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    bytes[i] = static_cast<char>(static_cast<std::uint8_t>(value >> (8 * (sizeof(Number) - 1 - i))));
  out.append(bytes.data(), bytes.size());
}

inline void put_text(std::string& out, std::string_view text) {
  put_varint(out, text.size());
  out.append(text);
}

/// Reads what the functions above wrote, from bytes that may be anything. The first problem sticks: from then on every
/// read gives zero or nothing, so a decoder reads all its fields and asks once, at its end. Never reads outside the
/// bytes, never allocates.
class byte_reader {
public:
  explicit byte_reader(std::string_view bytes) noexcept : bytes_(bytes) {}

  std::uint8_t byte() noexcept {
    const auto one = raw(1);
    return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one[0]);
  }

  template<class Number>
  Number fixed() noexcept {
    Number value = 0;
    for (const char c : raw(sizeof(Number))) value = static_cast<Number>(value << 8 | static_cast<std::uint8_t>(c));
    return value;
  }

  /// A varint that fits `Number`, an unsigned integer of at most 128 bits.
  template<class Number = std::uint64_t>
  Number varint() noexcept {
    const auto value = varint128();
    const auto fitting = static_cast<Number>(value);
    if (fitting != value) fail("a number is too large for its field");
    return problem_ ? Number{0} : fitting;
  }

  int128 zigzag() noexcept {
    const auto bits = varint128();
    return static_cast<int128>((bits >> 1) ^ (~(bits & 1) + 1));
  }

  std::int64_t zigzag64() noexcept {
    const auto value = zigzag();
    const auto fitting = static_cast<std::int64_t>(value);
    if (fitting != value) fail("a number is too large for its field");
    return problem_ ? 0 : fitting;
  }

  template<class Strong>
  Strong number() noexcept {
    return Strong{varint<typename Strong::rep>()};
  }

  std::string_view text() noexcept {
    const auto size = varint();
    return raw(size);
  }

  /// The next `size` bytes, or none and a problem when fewer are left.
  std::string_view raw(std::uint64_t size) noexcept {
    if (problem_) return {};
    if (size > remaining()) {
      fail("the bytes end inside a field");
      return {};
    }
    const auto result = bytes_.substr(offset_, size);
    offset_ += size;
    return result;
  }

  std::size_t remaining() const noexcept { return bytes_.size() - offset_; }

  void expect_end() noexcept {
    if (remaining() != 0) fail("there are bytes after the last field");
  }

  /// `why`: a literal. Only the first one counts.
  void fail(const char* why) noexcept {
    if (!problem_) problem_ = why;
  }

  void require(bool holds, const char* why) noexcept {
    if (!holds) fail(why);
  }

  bool failed() const noexcept { return problem_ != nullptr; }
  std::string problem() const { return std::string(problem_) + " (byte " + std::to_string(offset_) + ")"; }

private:
  // Nearly every number is below 2^63, and 128-bit shifts for each byte of it would be most of a decoder's time.
  uint128 varint128() noexcept {
    if (problem_) return 0;
    std::uint64_t value = 0;
    const auto near = std::min(bytes_.size(), offset_ + 9);
    for (auto at = offset_; at < near; ++at) {
      const auto next = static_cast<std::uint8_t>(bytes_[at]);
      value |= static_cast<std::uint64_t>(next & 0x7fU) << (7 * (at - offset_));
      if ((next & 0x80U) != 0) continue;
      if (next == 0 && at != offset_) break;
      offset_ = at + 1;
      return value;
    }
    return wide_varint128();
  }

  uint128 wide_varint128() noexcept {
    uint128 value = 0;
    for (int shift = 0; shift < 128; shift += 7) {
      const auto next = byte();
      const auto part = static_cast<uint128>(next & 0x7fU);
      if (shift == 126 && part > 3) fail("a number has more than 128 bits");
      if (next == 0 && shift != 0) fail("a number is not in its shortest form");
      if (problem_) return 0;
      value |= part << shift;
      if ((next & 0x80U) == 0) return value;
    }
    fail("a number has more than 128 bits");
    return 0;
  }

  std::string_view bytes_;
  std::size_t offset_ = 0;
  const char* problem_ = nullptr;
};

} // namespace croupier::persistence
