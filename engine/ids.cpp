#include "engine/ids.hpp"

#include "engine/check.hpp"

#include <string_view>

namespace croupier {
namespace {

constexpr std::uint64_t number_bits = (std::uint64_t{1} << 62) - 1;
constexpr std::uint64_t mac_bits = (std::uint64_t{1} << 60) - 1;
constexpr std::uint64_t version_8 = std::uint64_t{8} << 12;
constexpr std::uint64_t rfc_variant = std::uint64_t{1} << 63;

// Contexts of the keyed hash, "id mac" and "id mask" above the kind: no other use of the key hashes the same bytes.
// They are part of every id that clients hold: do not change them.
constexpr std::uint64_t mac_context = 0x6964'206d'6163'0000U;
constexpr std::uint64_t mask_context = 0x6964'206d'736b'0000U;

std::uint64_t hash_of(const folder_key& key, std::uint64_t context, id_kind kind, std::uint64_t word) noexcept {
  char bytes[8];
  for (std::size_t i = 0; i < sizeof bytes; ++i) bytes[i] = static_cast<char>((word >> (8 * i)) & 0xff);
  return keyed_hash(key, context | static_cast<std::uint64_t>(kind), std::string_view(bytes, sizeof bytes));
}

std::uint64_t mac_of(const folder_key& key, id_kind kind, std::uint64_t number) noexcept {
  return hash_of(key, mac_context, kind, number) & mac_bits;
}

std::uint64_t mask_of(const folder_key& key, id_kind kind, std::uint64_t mac) noexcept {
  return hash_of(key, mask_context, kind, mac) & number_bits;
}

} // namespace

uuid make_id(const folder_key& key, id_kind kind, std::uint64_t number) noexcept {
  CROUPIER_ASSERT(number <= number_bits, "a number is too large for an id");
  const auto mac = mac_of(key, kind, number);
  const auto high = ((mac >> 12) << 16) | version_8 | (mac & 0xfff);
  return uuid::from_halves(high, rfc_variant | (number ^ mask_of(key, kind, mac)));
}

std::optional<std::uint64_t> number_of_id(const folder_key& key, id_kind kind, const uuid& id) noexcept {
  const auto high = id.high();
  const auto low = id.low();
  if ((high & 0xf000) != version_8 || (low & ~number_bits) != rfc_variant) return std::nullopt;
  const auto mac = ((high >> 16) << 12) | (high & 0xfff);
  const auto number = (low & number_bits) ^ mask_of(key, kind, mac);
  if (mac_of(key, kind, number) != mac) return std::nullopt;
  return number;
}

} // namespace croupier
