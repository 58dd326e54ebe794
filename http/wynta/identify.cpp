#include "http/wynta/identify.hpp"

#include "http/errors.hpp"
#include "http/events/member_reader.hpp"
#include "http/events/outcomes.hpp"
#include "http/utf8.hpp"
#include "http/when_answered.hpp"
#include "http/wynta/brands.hpp"
#include "http/wynta/event_body.hpp"
#include "http/wynta/validation.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace croupier::http::wynta {

namespace {

using errors = std::vector<validation_error>;

const std::string text_max = std::to_string(text_length_max);

validation_error about(std::string_view name, member_fault fault, std::string_view what, const json::value& root) {
  const auto* found = root.find(name);
  const std::vector<std::string> loc{"body", std::string(name)};
  const std::string input = found == nullptr ? "null" : shown_input(*found);
  switch (fault) {
  case member_fault::missing: return missing_field(loc);
  case member_fault::not_text: return {loc, "Input should be a valid string", "string_type", input};
  case member_fault::not_object: return {loc, "Input should be a valid dictionary", "dict_type", input};
  case member_fault::empty:
    return {loc, "String should have at least 1 character", "string_too_short", input, R"({"min_length":1})"};
  case member_fault::bad_time: return {loc, "Input should be a valid datetime", "datetime_parsing", input};
  case member_fault::bad_value: break;
  }
  return {loc, "Value error, " + std::string(what), "value_error", input};
}

bool is_name(std::string_view text) {
  const auto length = utf8_length(text).value_or(0);
  return length >= 1 && length <= text_length_max && text.find('\0') == std::string_view::npos;
}

/// The names to unset, in order; what is wrong goes to `found`.
std::vector<std::string_view> read_unset(const member_reader& members, errors& found) {
  const auto* list = members.find("unset_traits");
  if (list == nullptr) return {};
  if (!list->is_array()) {
    found.push_back({{"body", "unset_traits"}, "Input should be a valid list", "list_type", shown_input(*list)});
    return {};
  }
  std::vector<std::string_view> names;
  const auto items = list->items();
  for (std::size_t i = 0; i < std::min(items.size(), traits_max + 1); ++i) {
    const std::vector<std::string> loc{"body", "unset_traits", std::to_string(i)};
    if (!items[i].is_string())
      found.push_back({loc, "Input should be a valid string", "string_type", shown_input(items[i])});
    else if (!is_name(items[i].text()))
      found.push_back(
          {loc, "Value error, must have 1-" + text_max + " characters", "value_error", shown_input(items[i])});
    else
      names.push_back(items[i].text());
  }
  return names;
}

/// What the call does to traits: those that it sets, then those that it unsets; unset wins.
std::vector<actors::trait_update> read_traits(const member_reader& members, const json::value* traits, errors& found) {
  const auto unset = read_unset(members, found);
  std::vector<actors::trait_update> updates;
  const auto count = (traits == nullptr ? 0 : traits->members().size()) + unset.size();
  if (count > traits_max) {
    found.push_back({{"body", "traits"},
                     "Value error, at most " + std::to_string(traits_max) + " traits may be set and unset at once",
                     "value_error"});
    return updates;
  }
  if (traits != nullptr)
    for (const auto& each : traits->members()) {
      if (!is_name(each.name)) {
        found.push_back(
            {{"body", "traits"}, "Value error, a trait's name must have 1-" + text_max + " characters", "value_error"});
        continue;
      }
      if (std::find(unset.begin(), unset.end(), each.name) != unset.end()) continue;
      auto& update = updates.emplace_back();
      update.name = each.name;
      json::writer out(update.value);
      json::write(out, each.content);
    }
  for (auto one = unset.begin(); one != unset.end(); ++one)
    if (std::find(unset.begin(), one, *one) == one) updates.push_back({std::string(*one), {}});
  return updates;
}

/// A brand that is named beside the traits, or among them as the vendor's sample does.
std::string_view named_brand(const json::value& root, const json::value* traits) {
  for (const auto* object : {&root, traits}) {
    const auto* found = object == nullptr ? nullptr : object->find("brand_id");
    if (found != nullptr && found->is_string() && !found->text().empty()) return found->text();
  }
  return {};
}

response answered(const actors::outcome& outcome, const std::string& user) {
  if (const auto* failure = std::get_if<actors::failure>(&outcome))
    return error_response(error_style::wynta, kind_of(*failure));
  response answer;
  answer.status = 202;
  json::writer(answer.body).begin_object().key("user_id").string(user).end_object();
  return answer;
}

} // namespace

response identify_player(actors::gateway& ledger, const request& req) {
  json::document document;
  errors found = parse_body(req.body, document);
  if (!found.empty()) return to_response(found);
  const auto& root = document.root();
  const member_reader members(root, [&](member_fault fault, std::string_view name, std::string_view what) {
    found.push_back(about(name, fault, what, root));
  });
  actors::movement_request movement;
  auto event = std::make_shared<actors::event_request>();
  movement.external_id = members.required_text("user_id", text_length_max);
  members.optional_text("anonymous_id", text_length_max);
  const auto* traits = members.optional_object("traits");
  event->occurred_at = members.required_time("timestamp");
  event->traits = read_traits(members, traits, found);
  if (!found.empty()) return to_response(found);
  const auto* of = resolve_brand(req, named_brand(root, traits));
  if (of == nullptr)
    return to_response({{{"body", "brand_id"}, "Value error, " + std::string(no_brand), "value_error"}});

  movement.brand = of->number;
  movement.source = dialect::wynta;
  movement.payload = req.body;
  event->name = identify_event;
  const auto* country = traits == nullptr ? nullptr : traits->find("country");
  if (country != nullptr && is_country(country->text())) event->country = country->text();
  movement.event = std::move(event);
  const auto user = movement.external_id;
  std::vector<actors::movement_request> one;
  one.push_back(std::move(movement));
  return when_answered(ledger.submit(std::move(one)),
                       [user](const actors::outcome& outcome) { return answered(outcome, user); });
}

} // namespace croupier::http::wynta
