#pragma once

#include "engine/ids.hpp"
#include "engine/keyed_hash.hpp"
#include "engine/movement.hpp"

#include <cstdint>
#include <string_view>

namespace croupier::persistence {

/// The hashes that players and request ids are found by. On disk: do not change them. Equal texts in different
/// roles must hash apart: the role is the upper half of the hash's context.

inline std::uint64_t hash_of_player(const folder_key& key, brand_number brand, std::string_view external_id) noexcept {
  constexpr std::uint64_t role = 1ULL << 32;
  return keyed_hash(key, role | brand.value, external_id);
}

inline std::uint64_t hash_of_request(const folder_key& key, dialect source, std::string_view request_id) noexcept {
  constexpr std::uint64_t role = 2ULL << 32;
  return keyed_hash(key, role | static_cast<std::uint64_t>(source), request_id);
}

} // namespace croupier::persistence
