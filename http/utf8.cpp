#include "http/utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace croupier::http {

namespace {

std::uint8_t byte_at(std::string_view text, std::size_t index) noexcept {
  return static_cast<std::uint8_t>(text[index]);
}

bool continues(std::string_view text, std::size_t from, std::size_t count) noexcept {
  if (text.size() < from + count) return false;
  for (std::size_t i = from; i < from + count; ++i)
    if ((byte_at(text, i) & 0xc0U) != 0x80U) return false;
  return true;
}

} // namespace

std::size_t utf8_sequence_length(std::string_view text) noexcept {
  const std::uint8_t lead = byte_at(text, 0);
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return continues(text, 1, 1) ? 2 : 0;
  if (lead < 0xf0) {
    if (!continues(text, 1, 2)) return 0;
    const std::uint8_t second = byte_at(text, 1);
    const bool overlong = lead == 0xe0 && second < 0xa0;
    const bool surrogate = lead == 0xed && second >= 0xa0;
    return overlong || surrogate ? 0 : 3;
  }
  if (lead > 0xf4 || !continues(text, 1, 3)) return 0;
  const std::uint8_t second = byte_at(text, 1);
  const bool overlong = lead == 0xf0 && second < 0x90;
  const bool beyond = lead == 0xf4 && second >= 0x90;
  return overlong || beyond ? 0 : 4;
}

std::optional<std::size_t> utf8_length(std::string_view text) noexcept {
  std::size_t count = 0;
  for (;;) {
    const auto* const other = std::find_if(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
    const auto plain = static_cast<std::size_t>(other - text.begin());
    count += plain;
    text.remove_prefix(plain);
    if (text.empty()) return count;
    const std::size_t bytes = utf8_sequence_length(text);
    if (bytes == 0) return std::nullopt;
    text.remove_prefix(bytes);
    ++count;
  }
}

} // namespace croupier::http
