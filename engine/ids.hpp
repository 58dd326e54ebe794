#pragma once

#include "engine/keyed_hash.hpp"
#include "engine/uuid.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

namespace croupier {

/// A number that names one kind of thing and does not mix with the others. No implicit conversion, no arithmetic.
template<class Rep, class Tag>
struct strong_number {
  using rep = Rep;
  Rep value = 0;
  friend constexpr auto operator<=>(const strong_number&, const strong_number&) = default;
};

/// The place of an entry in the journal: 1, 2, 3, ... without gaps. 0 is "before the first".
using sequence = strong_number<std::uint64_t, struct sequence_tag>;
/// A player, numbered as registered (gaps are possible). 0 is "none".
using player_number = strong_number<std::uint64_t, struct player_tag>;
/// Places in the workspace's tables, in order of creation, never reused. 0 is "none".
using brand_number = strong_number<std::uint16_t, struct brand_tag>;
using metric_number = strong_number<std::uint16_t, struct metric_tag>;
using affiliate_number = strong_number<std::uint32_t, struct affiliate_tag>;
using offer_number = strong_number<std::uint32_t, struct offer_tag>;
using link_number = strong_number<std::uint32_t, struct link_tag>;
using plan_number = strong_number<std::uint32_t, struct plan_tag>;
using source_number = strong_number<std::uint32_t, struct source_tag>;
using creative_number = strong_number<std::uint32_t, struct creative_tag>;
using mapping_number = strong_number<std::uint32_t, struct mapping_tag>;
using destination_number = strong_number<std::uint32_t, struct destination_tag>;
using preset_number = strong_number<std::uint32_t, struct preset_tag>;

/// What a UUID that we handed out names. On disk and in clients' books: do not change the values.
enum class id_kind : std::uint8_t { player = 1, movement = 2, click = 3, settlement = 4, account_settlement = 5 };

/// Makes the UUID of a numbered thing, and reads the number back: an id is an address, so looking one up needs no
/// index. The number is masked and authenticated with the folder's key, so ids look random and cannot be guessed.
///
///   version 8 UUID: [48 bits mac][8][12 bits mac][10][62 bits number xor mask(mac)]
///
/// Numbers must be below 2^62 (CROUPIER_ASSERT).
uuid make_id(const folder_key& key, id_kind kind, std::uint64_t number) noexcept;

/// The number inside an id of this kind that this folder made; nothing for any other UUID.
std::optional<std::uint64_t> number_of_id(const folder_key& key, id_kind kind, const uuid& id) noexcept;

} // namespace croupier

template<class Rep, class Tag>
struct std::hash<croupier::strong_number<Rep, Tag>> {
  std::size_t operator()(const croupier::strong_number<Rep, Tag>& id) const noexcept {
    return static_cast<std::size_t>(id.value) * 0x9e3779b97f4a7c15U;
  }
};
