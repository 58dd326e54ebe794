#include "http/secrets.hpp"

#include "engine/check.hpp"

#include <memory>
#include <openssl/evp.h>
#include <openssl/rand.h>

namespace croupier::http {

namespace {

template<std::size_t Size>
std::array<std::uint8_t, Size> random_bytes() {
  std::array<std::uint8_t, Size> random{};
  CROUPIER_ASSERT(RAND_bytes(random.data(), static_cast<int>(Size)) == 1,
                  "secrets are made of good randomness or not at all");
  return random;
}

} // namespace

std::string generate_api_key() {
  return "rv_" + to_hex(random_bytes<32>());
}

uuid generate_uuid() {
  uuid made{random_bytes<16>()};
  made.bytes[6] = static_cast<std::uint8_t>((made.bytes[6] & 0x0f) | 0x40);
  made.bytes[8] = static_cast<std::uint8_t>((made.bytes[8] & 0x3f) | 0x80);
  return made;
}

std::array<std::uint8_t, 16> draw_hash_key() {
  return random_bytes<16>();
}

/// The algorithm is fetched once: OpenSSL 3 takes locks to find it by name.
std::array<std::uint8_t, 32> sha256(std::string_view text) {
  static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                                         &EVP_MD_free);
  std::array<std::uint8_t, 32> out{};
  const bool made = EVP_Digest(text.data(), text.size(), out.data(), nullptr, algorithm.get(), nullptr) == 1;
  CROUPIER_ASSERT(made, "OpenSSL has no SHA-256");
  return out;
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

} // namespace croupier::http
