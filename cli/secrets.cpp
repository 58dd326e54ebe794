#include "cli/secrets.hpp"

#include "engine/check.hpp"

#include <openssl/rand.h>
#include <openssl/sha.h>

namespace croupier::cli {

std::string generate_api_key() {
  std::array<std::uint8_t, 32> random{};
  CROUPIER_ASSERT(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1,
                  "a key is made of good randomness or not at all");
  return "rv_" + to_hex(random);
}

std::array<std::uint8_t, 32> sha256(std::string_view text) {
  std::array<std::uint8_t, 32> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
  return hash;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 0x0f]);
  }
  return text;
}

} // namespace croupier::cli
