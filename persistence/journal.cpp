#include "persistence/journal.hpp"

#include "engine/check.hpp"
#include "persistence/record_codec.hpp"

namespace croupier::persistence {

stored_entry::stored_entry(stored_entry&& other) noexcept {
  *this = std::move(other);
}

stored_entry& stored_entry::operator=(stored_entry&& other) noexcept {
  if (this == &other) return *this;
  const auto* const old_place = other.bytes.data();
  bytes = std::move(other.bytes);
  if (bytes.empty() || bytes.data() == old_place) {
    entry = std::move(other.entry);
    return *this;
  }
  auto decoded = decode_committed(other.entry.at, other.entry.time, bytes);
  CROUPIER_ASSERT(decoded, "an entry that was decoded once does not decode again");
  entry = std::move(*decoded);
  return *this;
}

} // namespace croupier::persistence
