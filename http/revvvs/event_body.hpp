#pragma once

#include "actors/gateway.hpp"
#include "engine/result.hpp"
#include "http/json.hpp"
#include "http/route.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::http::revvvs {

inline constexpr std::size_t events_max = 100; ///< of a batch
inline constexpr std::size_t event_type_length_max = 100;
inline constexpr std::size_t player_length_max = 255;
inline constexpr std::size_t idempotency_key_length_max = 500;

/// A refusal of one event, or of the whole call.
struct event_error {
  struct detail {
    std::string field;   ///< path of the member: "metadata", "event_time"
    std::string message; ///< "is required"
  };
  std::string_view code = "VALIDATION_ERROR"; ///< of static storage
  std::string message;
  std::vector<detail> details; ///< what is wrong with which member; may be empty
};

/// Turns one event into a movement of the ledger: fields checked, brand found, mappings applied; nothing is judged
/// that depends on the player. `payload` is the event's text. Or everything that is wrong with its fields.
result<actors::movement_request, event_error> to_event(const request& req, const json::value& root,
                                                       std::string_view payload);

/// The event's idempotency key as far as it has one: what a refusal is told with. Empty when there is none.
std::string_view idempotency_key_of(const json::value& root) noexcept;

} // namespace croupier::http::revvvs
