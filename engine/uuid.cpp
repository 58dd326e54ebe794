#include "engine/uuid.hpp"

#include <array>

namespace croupier {
namespace {

constexpr std::size_t text_length = 36;
constexpr std::size_t bare_length = 32;

constexpr bool dash_before_byte(std::size_t index) noexcept {
  return index == 4 || index == 6 || index == 8 || index == 10;
}

/// 0 to 15, or -1.
constexpr int value_of_hex(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// `text` has the length that `dashes` calls for.
std::optional<uuid> parse_bytes(std::string_view text, bool dashes) noexcept {
  uuid result;
  const char* at = text.data();
  for (std::size_t i = 0; i < result.bytes.size(); ++i) {
    if (dashes && dash_before_byte(i) && *at++ != '-') return std::nullopt;
    const int high = value_of_hex(*at++);
    const int low = value_of_hex(*at++);
    if (high < 0 || low < 0) return std::nullopt;
    result.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return result;
}

std::uint64_t read_big_endian(const std::uint8_t* bytes) noexcept {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = (value << 8) | bytes[i];
  return value;
}

void write_big_endian(std::uint64_t value, std::uint8_t* bytes) noexcept {
  for (int i = 7; i >= 0; --i) {
    bytes[i] = static_cast<std::uint8_t>(value & 0xff);
    value >>= 8;
  }
}

} // namespace

std::optional<uuid> uuid::parse(std::string_view text) noexcept {
  if (text.size() != text_length) return std::nullopt;
  return parse_bytes(text, true);
}

std::optional<uuid> uuid::parse_relaxed(std::string_view text) noexcept {
  if (text.size() == bare_length) return parse_bytes(text, false);
  return parse(text);
}

std::string uuid::text() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, text_length> made;
  auto* at = made.data();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (dash_before_byte(i)) *at++ = '-';
    *at++ = digits[bytes[i] >> 4];
    *at++ = digits[bytes[i] & 0xf];
  }
  return {made.data(), made.size()};
}

std::uint64_t uuid::high() const noexcept {
  return read_big_endian(bytes.data());
}

std::uint64_t uuid::low() const noexcept {
  return read_big_endian(bytes.data() + 8);
}

uuid uuid::from_halves(std::uint64_t high, std::uint64_t low) noexcept {
  uuid result;
  write_big_endian(high, result.bytes.data());
  write_big_endian(low, result.bytes.data() + 8);
  return result;
}

} // namespace croupier
