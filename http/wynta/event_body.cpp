#include "http/wynta/event_body.hpp"

#include "engine/event_mapping.hpp"
#include "http/events/json_event.hpp"
#include "http/events/member_reader.hpp"
#include "http/utf8.hpp"
#include "http/wynta/brands.hpp"
#include "http/wynta/taxonomy.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace croupier::http::wynta {

namespace {

std::string_view code_of(member_fault fault) noexcept {
  switch (fault) {
  case member_fault::missing: return "MISSING_FIELD";
  case member_fault::not_text:
  case member_fault::not_object: return "INVALID_TYPE";
  case member_fault::empty: return "EMPTY_VALUE";
  case member_fault::bad_value: return "INVALID_VALUE";
  case member_fault::bad_time: return "INVALID_TIMESTAMP";
  }
  return "INVALID_VALUE";
}

std::string_view code_of(mapping_error why) noexcept {
  switch (why) {
  case mapping_error::value_missing: return "MISSING_FIELD";
  case mapping_error::value_type_wrong:
  case mapping_error::currency_type_wrong: return "INVALID_TYPE";
  case mapping_error::month_unknown: return "INVALID_TIMESTAMP";
  case mapping_error::value_malformed:
  case mapping_error::value_out_of_range:
  case mapping_error::currency_differs:
  case mapping_error::rules_contradict:
  case mapping_error::too_many_metrics:
  case mapping_error::metric_archived:
  case mapping_error::ngr_metric_missing: return "INVALID_VALUE";
  }
  return "INVALID_VALUE";
}

event_error about_mapping(const mapping_problem& problem) {
  const std::string field = problem.why == mapping_error::month_unknown ? "timestamp" : problem.field;
  return {code_of(problem.why), field.empty() ? problem.what : field + " " + problem.what};
}

struct event_fields {
  std::string_view user;
  std::string_view id;
  std::string_view name;
  timestamp occurred_at;
  std::string_view brand;
  const json::value* properties = nullptr;
};

event_fields read_fields(const member_reader& members) {
  event_fields fields;
  fields.user = members.required_text("user_id", text_length_max);
  fields.name = members.required_text("event_name", text_length_max);
  fields.occurred_at = members.required_time("timestamp");
  fields.id = members.optional_text("event_id", text_length_max);
  members.optional_text("session_id", text_length_max);
  members.optional_choice("device_type", {"mobile", "tablet", "desktop"});
  members.optional_choice("platform", {"ios", "android", "web"});
  fields.brand = members.optional_text("brand_id", text_length_max);
  fields.properties = members.optional_object("properties");
  return fields;
}

std::string_view text_at(const json::value* object, std::string_view name) noexcept {
  const auto* found = object == nullptr ? nullptr : object->find(name);
  return found != nullptr && found->is_string() ? found->text() : std::string_view();
}

/// The click that brought the player, from the events that may tell it.
std::optional<uuid> click_of(const event_fields& fields) noexcept {
  if (!may_attribute(fields.name)) return std::nullopt;
  for (const auto name : click_properties)
    if (const auto id = uuid::parse_relaxed(text_at(fields.properties, name))) return id;
  return std::nullopt;
}

} // namespace

result<actors::movement_request, event_error> to_event(const request& req, const json::value& root,
                                                       std::string_view payload) {
  if (!root.is_object()) return event_error{"INVALID_TYPE", "event must be an object"};
  std::optional<event_error> wrong;
  const member_reader members(root, [&wrong](member_fault fault, std::string_view name, std::string_view what) {
    if (!wrong) wrong = event_error{code_of(fault), std::string(name).append(" ").append(what)};
  });
  const auto fields = read_fields(members);
  if (wrong) return std::move(*wrong);
  const auto* of = resolve_brand(req, fields.brand);
  if (of == nullptr) return event_error{"INVALID_VALUE", "brand_id " + std::string(no_brand)};
  const auto updates = map_event(*req.ws, {dialect::wynta, *of, fields.name, fields.occurred_at}, json_event(root));
  if (!updates) return about_mapping(updates.error());

  actors::movement_request movement;
  movement.brand = of->number;
  movement.external_id = fields.user;
  movement.source = dialect::wynta;
  movement.request_id = fields.id;
  movement.payload = payload;
  movement.updates = *updates;
  auto event = std::make_shared<actors::event_request>();
  event->name = fields.name;
  event->occurred_at = fields.occurred_at;
  if (const auto country = text_at(fields.properties, "country"); is_country(country)) event->country = country;
  event->click = click_of(fields);
  movement.event = std::move(event);
  return movement;
}

std::string_view event_id_of(const json::value& root) noexcept {
  const auto id = text_at(&root, "event_id");
  return utf8_length(id).value_or(0) <= text_length_max ? id : std::string_view();
}

} // namespace croupier::http::wynta
