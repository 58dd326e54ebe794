#pragma once

#include "actors/gateway.hpp"
#include "http/route.hpp"

#include <cstddef>
#include <string_view>

namespace croupier::http::wynta {

/// As which event a call of identify is kept.
inline constexpr std::string_view identify_event = "identify";

inline constexpr std::size_t traits_max = 500; ///< set and unset by one call

/// Sets and unsets traits of a player, who comes to be by it if need be: 202 `{"user_id"}` once it is durable, 422 for
/// a body that is malformed.
response identify_player(actors::gateway& ledger, const request& req);

} // namespace croupier::http::wynta
