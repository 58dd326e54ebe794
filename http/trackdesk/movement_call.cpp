#include "http/trackdesk/movement_call.hpp"

#include "http/trackdesk/requests.hpp"

#include <string>
#include <utility>
#include <variant>

namespace croupier::http::trackdesk {

namespace {

template<class... Cases>
struct overloaded : Cases... {
  using Cases::operator()...;
};
template<class... Cases>
overloaded(Cases...) -> overloaded<Cases...>;

} // namespace

bool sees(const request& req, brand_number brand) noexcept {
  return req.key == nullptr || req.key->sees(brand);
}

brand_number visible_brand(const request& req, const uuid& id) noexcept {
  const brand* found = req.ws->find_brand(id);
  return found != nullptr && sees(req, found->number) ? found->number : brand_number{};
}

result<actors::movement_request, api_error> to_movement(const request& req, const json::value& root,
                                                        std::string_view payload, movement_kind kind,
                                                        std::string_view request_id) {
  const auto body = read_movement(root);
  if (!body) return body.error();
  if (!request_id.empty() && !body->request_id.empty() && body->request_id != request_id)
    return field_error("Idempotency-Key", "differs from requestId");
  actors::movement_request movement;
  movement.brand = visible_brand(req, body->brand);
  movement.external_id = body->external_id;
  movement.source = dialect::trackdesk;
  movement.request_id = body->request_id.empty() ? request_id : body->request_id;
  movement.payload = payload;
  movement.opening = kind == movement_kind::opening;
  if (movement.opening && movement.request_id.empty()) return field_error("requestId", "is required");
  for (const metric_field& each : body->metrics)
    movement.updates.push_back(resolve_update(*req.ws, each.code, each.how, each.value));
  return movement;
}

namespace {

api_error duplicate_error(const actors::gateway& ledger, const original_movement& original) {
  api_error error = describe(rejection::request_duplicate);
  const committed_entry& entry = original.entry.entry;
  error.details = duplicate_details(make_id(ledger.view().key(), id_kind::movement, entry.at.value).text(),
                                    entry.time.text(), !original.differing.empty());
  return error;
}

/// A duplicate is one whether or not the disk can show the original just now: then the details stay away.
api_error described_duplicate(const actors::gateway& ledger, sequence original, std::string_view payload,
                              movement_kind kind) {
  try {
    return duplicate_error(ledger, read_original(ledger, original, payload, kind == movement_kind::opening));
  } catch (const persistence::storage_failure& failure) {
    ledger.note_unreadable(failure.error());
    return describe(rejection::request_duplicate);
  }
}

} // namespace

std::optional<api_error> problem_with(const actors::gateway& ledger, const actors::outcome& outcome,
                                      std::string_view payload, movement_kind kind) {
  return std::visit(overloaded{[](const actors::receipt&) { return std::optional<api_error>{}; },
                               [&](const actors::refusal& no) -> std::optional<api_error> {
                                 if (no.why != rejection::request_duplicate) return describe(no.why);
                                 return described_duplicate(ledger, no.original, payload, kind);
                               },
                               [](actors::failure why) -> std::optional<api_error> { return describe(why); }},
                    outcome);
}

} // namespace croupier::http::trackdesk
