#pragma once

#include "actors/gateway.hpp"
#include "engine/result.hpp"
#include "http/json.hpp"
#include "http/original.hpp"
#include "http/route.hpp"
#include "http/trackdesk/errors.hpp"

#include <optional>
#include <string_view>

/// What the single, the batch and the streamed form of recording a movement share.
namespace croupier::http::trackdesk {

/// The brand of that id; 0 when there is none that the request's key sees.
brand_number visible_brand(const request& req, const uuid& id) noexcept;

/// Whether the request's key sees the brand.
bool sees(const request& req, brand_number brand) noexcept;

/// What the values of a movement are.
enum class movement_kind {
  played, ///< something that happened here: it earns what the plans say
  opening ///< a balance that the player brings along: it earns nothing. It must have a request id.
};

/// Turns one parsed body into a movement: fields checked, codes looked up, values parsed, nothing judged. `payload` is
/// the body's text. `request_id` stands for the body's where that has none; where both are there they must agree.
result<actors::movement_request, api_error> to_movement(const request& req, const json::value& root,
                                                        std::string_view payload, movement_kind kind,
                                                        std::string_view request_id = {});

/// What was wrong with a call; nothing when it was accepted. `payload` is what was sent: a repeated request id is
/// answered with whether its original said the same.
std::optional<api_error> problem_with(const actors::gateway& ledger, const actors::outcome& outcome,
                                      std::string_view payload, movement_kind kind = movement_kind::played);

} // namespace croupier::http::trackdesk
