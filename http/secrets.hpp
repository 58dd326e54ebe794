#pragma once

#include "engine/uuid.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace croupier::http {

/// A new API key: "rv_" and 64 hex digits from the system's generator.
std::string generate_api_key();

/// A new UUID of version 4.
uuid generate_uuid();

/// 16 bytes from the system's generator, for the key of a keyed hash.
std::array<std::uint8_t, 16> draw_hash_key();

/// What of a key is kept.
std::array<std::uint8_t, 32> sha256(std::string_view text);

/// Lower-case hex digits.
std::string to_hex(std::span<const std::uint8_t> bytes);

} // namespace croupier::http
