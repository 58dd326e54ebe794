#include "http/revvvs/event_body.hpp"

#include "engine/event_mapping.hpp"
#include "engine/plain_number.hpp"
#include "http/events/json_event.hpp"
#include "http/events/member_reader.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace croupier::http::revvvs {

namespace {

constexpr std::size_t text_length_max = 255;

struct event_fields {
  std::string_view type;
  timestamp occurred_at;
  std::optional<uuid> brand;
  std::string_view player;
  std::string_view idempotency_key;
  std::string_view click;
  std::string_view country;
};

bool is_currency(std::string_view text) noexcept {
  return text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// What the amount is of is for the mappings to say; that it is a number that can be held is always asked.
void check_amount(const member_reader& members, const member_reader::listener& tell) {
  const auto* found = members.find("amount");
  if (found == nullptr) return;
  if (!found->is_number() && !found->is_string())
    return tell(member_fault::bad_value, "amount", "must be a number, or a number in a string");
  const auto plain = plain_number(found->text());
  number_text read;
  if (!plain || parse_amount(*plain, read))
    tell(member_fault::bad_value, "amount", "must be a number of at most 18 digits before the point and 8 behind it");
}

event_fields read_fields(const member_reader& members, const member_reader::listener& tell) {
  event_fields fields;
  fields.type = members.required_text("event_type", event_type_length_max);
  fields.occurred_at = members.required_time("event_time");
  const auto brand = members.required_text("brand_id", text_length_max);
  fields.brand = uuid::parse(brand);
  if (!brand.empty() && !fields.brand) tell(member_fault::bad_value, "brand_id", "must be a UUID");
  fields.player = members.required_text("player_external_ref", player_length_max);
  fields.idempotency_key = members.required_text("idempotency_key", idempotency_key_length_max);
  members.optional_text("source_system", text_length_max);
  members.optional_text("event_version", text_length_max);
  fields.click = members.optional_text("click_id", text_length_max);
  fields.country = members.optional_text("country", text_length_max);
  if (!fields.country.empty() && !is_country(fields.country))
    tell(member_fault::bad_value, "country", "must be two capital letters (ISO 3166-1 alpha-2)");
  const auto currency = members.optional_text("currency", text_length_max);
  if (!currency.empty() && !is_currency(currency))
    tell(member_fault::bad_value, "currency", "must be three capital letters (ISO 4217)");
  check_amount(members, tell);
  members.optional_object("metadata");
  return fields;
}

/// The types whose click may attribute the player.
bool may_attribute(std::string_view type) noexcept {
  return type == "registration" || type == "first_deposit";
}

event_error about_fields(std::vector<event_error::detail> details) {
  event_error error;
  error.message = details.front().field + " " + details.front().message;
  error.details = std::move(details);
  return error;
}

event_error about_mapping(const mapping_problem& problem) {
  const bool is_time = problem.why == mapping_error::month_unknown;
  const std::string field = is_time ? "event_time" : problem.field;
  event_error error;
  error.message = field.empty() ? problem.what : field + " " + problem.what;
  if (!field.empty()) error.details.push_back({field, problem.what});
  return error;
}

/// What cannot be, whatever the mappings say.
std::optional<event_error::detail> missing_amount(const event_fields& fields, const member_reader& members) {
  if (fields.type != "first_deposit") return std::nullopt;
  for (const std::string_view name : {"currency", "amount"})
    if (members.find(name) == nullptr) return event_error::detail{std::string(name), "is required"};
  return std::nullopt;
}

} // namespace

result<actors::movement_request, event_error> to_event(const request& req, const json::value& root,
                                                       std::string_view payload) {
  if (!root.is_object()) return event_error{"VALIDATION_ERROR", "an event must be an object", {}};
  std::vector<event_error::detail> details;
  const member_reader::listener tell = [&details](member_fault, std::string_view name, std::string_view what) {
    details.push_back({std::string(name), std::string(what)});
  };
  const member_reader members(root, tell);
  const auto fields = read_fields(members, tell);
  if (auto missing = missing_amount(fields, members)) details.push_back(std::move(*missing));
  if (!details.empty()) return about_fields(std::move(details));
  const auto* of = req.ws->find_brand(*fields.brand);
  if (of == nullptr || (req.key != nullptr && !req.key->sees(of->number)))
    return event_error{"BRAND_NOT_FOUND", "brand_id does not exist", {{"brand_id", "does not exist"}}};
  const auto updates = map_event(*req.ws, {dialect::revvvs, *of, fields.type, fields.occurred_at}, json_event(root));
  if (!updates) return about_mapping(updates.error());

  actors::movement_request movement;
  movement.brand = of->number;
  movement.external_id = fields.player;
  movement.source = dialect::revvvs;
  movement.request_id = fields.idempotency_key;
  movement.payload = payload;
  movement.updates = *updates;
  auto event = std::make_shared<actors::event_request>();
  event->name = fields.type;
  event->occurred_at = fields.occurred_at;
  event->country = fields.country;
  // The vendor's own sample names a click that is no UUID: what is not a click of ours attributes nobody.
  if (may_attribute(fields.type)) event->click = uuid::parse_relaxed(fields.click);
  movement.event = std::move(event);
  return movement;
}

std::string_view idempotency_key_of(const json::value& root) noexcept {
  const auto* found = root.find("idempotency_key");
  return found != nullptr && found->is_string() ? found->text() : std::string_view();
}

} // namespace croupier::http::revvvs
