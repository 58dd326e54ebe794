#pragma once

#include <cstdint>

namespace croupier {

/// Whose wire format a request came in. Request ids of different dialects do not collide. On disk: do not change.
enum class dialect : std::uint8_t { trackdesk = 1, revvvs = 2, wynta = 3 };

/// How a value acts on a balance. On disk: do not change the values.
enum class value_type : std::uint8_t {
  absolute = 1, ///< replaces the balance
  relative = 2  ///< is added to the balance
};

} // namespace croupier
