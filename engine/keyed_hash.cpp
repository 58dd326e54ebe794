#include "engine/keyed_hash.hpp"

#include <bit>
#include <cstddef>
#include <cstring>

namespace croupier {
namespace {

/// Up to eight bytes, little-endian on every machine.
template<class Byte>
std::uint64_t read_some(const Byte* bytes, std::size_t count) noexcept {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < count; ++i)
    word |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[i])) << (8 * i);
  return word;
}

/// Eight bytes, little-endian on every machine.
template<class Byte>
std::uint64_t read_word(const Byte* bytes) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof(word)); // one load
    return word;
  } else {
    return read_some(bytes, 8);
  }
}
/// The four words of SipHash and its two operations: 2 rounds a word, 4 to finish.
class sip_state {
public:
  explicit sip_state(const folder_key& key) noexcept {
    const auto k0 = read_word(key.bytes.data());
    const auto k1 = read_word(key.bytes.data() + 8);
    v0_ ^= k0;
    v1_ ^= k1;
    v2_ ^= k0;
    v3_ ^= k1;
  }

  void absorb(std::uint64_t word) noexcept {
    v3_ ^= word;
    round();
    round();
    v0_ ^= word;
  }

  /// Absorbs `data` and the total length of everything absorbed (its lowest byte, as the definition asks).
  std::uint64_t finish(std::string_view data, std::size_t total_length) noexcept {
    const char* at = data.data();
    std::size_t left = data.size();
    for (; left >= 8; at += 8, left -= 8) absorb(read_word(at));
    absorb(read_some(at, left) | static_cast<std::uint64_t>(total_length & 0xff) << 56);
    v2_ ^= 0xff;
    for (int i = 0; i < 4; ++i) round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

private:
  void round() noexcept {
    v0_ += v1_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v3_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ += v3_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ += v1_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v2_ = std::rotl(v2_, 32);
  }

  std::uint64_t v0_ = 0x736f6d6570736575U;
  std::uint64_t v1_ = 0x646f72616e646f6dU;
  std::uint64_t v2_ = 0x6c7967656e657261U;
  std::uint64_t v3_ = 0x7465646279746573U;
};

} // namespace

std::uint64_t keyed_hash(const folder_key& key, std::string_view data) noexcept {
  return sip_state(key).finish(data, data.size());
}

std::uint64_t keyed_hash(const folder_key& key, std::uint64_t context, std::string_view data) noexcept {
  sip_state state(key);
  state.absorb(context);
  return state.finish(data, sizeof(context) + data.size());
}

} // namespace croupier
