#include "http/trackdesk/calls.hpp"
#include "http/trackdesk/idempotency.hpp"
#include "http/trackdesk/movement_call.hpp"
#include "http/trackdesk/requests.hpp"
#include "http/trackdesk/rows.hpp"
#include "http/when_answered.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace croupier::http::trackdesk {

namespace {

response with_body(std::string body) {
  response answer;
  answer.body = std::move(body);
  return answer;
}

/// What was stored, for a client that prefers that to `{}`. `external_id`: of the player that was asked for.
response shown(const actors::gateway& ledger, const committed_entry& entry, std::string_view external_id) {
  const auto& view = ledger.view();
  const auto ws = view.current_workspace();
  const row_context context{*ws, view.key()};
  response answer;
  json::writer out(answer.body);
  if (const auto* movement = std::get_if<movement_recorded>(&entry.what)) {
    // As this write left it, also when it is shown again: nothing was settled by then.
    write_movement(out, context, {movement->player, movement->brand, external_id}, entry, *movement, std::string());
  } else {
    const auto* registered = std::get_if<player_registered>(&entry.what);
    const auto* attributed = std::get_if<player_attributed>(&entry.what);
    CROUPIER_ASSERT(registered != nullptr || attributed != nullptr, "a write makes a movement or a player");
    const auto number = registered != nullptr ? registered->profile.number : attributed->profile.number;
    // As this write left it: nothing was earned before, so nothing is settled.
    const auto player = view.player_at(number, entry.at);
    CROUPIER_ASSERT(player.has_value(), "a registered player is stored");
    write_player(out, context, *player, player->revshare_total);
  }
  answer.headers.emplace_back("Preference-Applied", "return=representation");
  return answer;
}

/// How a client wants its writes answered.
struct preference {
  bool represented = false; ///< what was stored, instead of `{}`
  std::string external_id;  ///< of the player, when represented
};

preference preference_of(const request& req, std::string_view external_id) {
  const bool represented = prefers_representation(req.header("Prefer"));
  return {represented, std::string(represented ? external_id : std::string_view())};
}

/// The answer to a write that is durable. It must not turn into an error any more: when the stored row cannot be read,
/// the preference for it is not applied.
response committed(const actors::gateway& ledger, const preference& wanted, const actors::receipt& done) {
  if (!wanted.represented) return with_body("{}");
  try {
    return shown(ledger, actors::entry_of(done), wanted.external_id);
  } catch (const persistence::storage_failure& failure) {
    ledger.note_unreadable(failure.error());
    return with_body("{}");
  }
}

/// A repeated request id under an `Idempotency-Key` header: the first answer again, or 422.
response replayed(const actors::gateway& ledger, const preference& wanted, const original_movement& original) {
  if (!original.differing.empty()) return to_response(key_reused(original.differing));
  response answer = wanted.represented ? shown(ledger, original.entry.entry, wanted.external_id) : with_body("{}");
  answer.headers.emplace_back("Idempotency-Replayed", "true");
  return answer;
}

} // namespace

response register_player(actors::gateway& ledger, const request& req) {
  json::document document;
  if (const auto error = parse_object(req.body, document)) return to_response(*error);
  const auto body = read_registration(document.root());
  if (!body) return to_response(body.error());
  actors::registration_request registration;
  registration.brand = visible_brand(req, body->brand);
  registration.external_id = body->external_id;
  registration.click = body->click;
  registration.payload = req.body;
  std::vector<actors::registration_request> one;
  one.push_back(std::move(registration));
  return when_answered(ledger.submit(std::move(one)), [&ledger, wanted = preference_of(req, body->external_id),
                                                       payload = req.body](const actors::outcome& outcome) {
    if (const auto error = problem_with(ledger, outcome, payload)) return to_response(*error);
    return committed(ledger, wanted, std::get<actors::receipt>(outcome));
  });
}

namespace {

response record(actors::gateway& ledger, const request& req, movement_kind kind) {
  json::document document;
  if (const auto error = parse_object(req.body, document)) return to_response(*error);
  const auto key = read_idempotency_key(req.header("Idempotency-Key"));
  if (!key) return to_response(key.error());
  auto movement = to_movement(req, document.root(), req.body, kind, *key);
  if (!movement) return to_response(movement.error());
  auto wanted = preference_of(req, movement->external_id);
  std::vector<actors::movement_request> one;
  one.push_back(std::move(movement).value());
  return when_answered(ledger.submit(std::move(one)), [&ledger, kind, wanted = std::move(wanted),
                                                       replays = !key->empty(),
                                                       payload = req.body](const actors::outcome& outcome) {
    if (const auto* receipt = std::get_if<actors::receipt>(&outcome)) return committed(ledger, wanted, *receipt);
    const auto* no = std::get_if<actors::refusal>(&outcome);
    if (replays && no != nullptr && no->why == rejection::request_duplicate)
      return replayed(ledger, wanted, read_original(ledger, no->original, payload, kind == movement_kind::opening));
    return to_response(*problem_with(ledger, outcome, payload, kind));
  });
}

} // namespace

response record_movement(actors::gateway& ledger, const request& req) {
  return record(ledger, req, movement_kind::played);
}

response open_balance(actors::gateway& ledger, const request& req) {
  return record(ledger, req, movement_kind::opening);
}

} // namespace croupier::http::trackdesk
