#pragma once

#include "actors/gateway.hpp"
#include "engine/result.hpp"
#include "http/json.hpp"
#include "http/route.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace croupier::http::wynta {

inline constexpr std::size_t events_max = 500; ///< of one call
inline constexpr std::size_t text_length_max = 255;

/// Why one event was rejected.
struct event_error {
  std::string_view code; ///< of static storage
  std::string message;   ///< "event_name is required"
};

/// Turns one event into a movement of the ledger: fields checked, brand found, mappings applied; nothing is judged
/// that depends on the player. `payload` is the event's text. Or the first thing that is wrong with it.
result<actors::movement_request, event_error> to_event(const request& req, const json::value& root,
                                                       std::string_view payload);

/// The event's id as a rejection tells it; empty when it has none, or one that no event may have.
std::string_view event_id_of(const json::value& root) noexcept;

} // namespace croupier::http::wynta
