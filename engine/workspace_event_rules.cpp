/// What may be put into a workspace of what deals with events and reports: mappings, destinations, presets.

#include "engine/movement.hpp"
#include "engine/report.hpp"
#include "engine/rule_words.hpp"
#include "engine/workspace.hpp"

#include <string_view>

namespace croupier {
namespace {

using namespace rules;

constexpr std::size_t conditions_max = 8;
constexpr std::size_t names_max = 50;
constexpr std::size_t path_length_max = 200;

problem conditions_problem(const event_mapping& value) {
  if (value.conditions.size() > conditions_max) return at("conditions", "must not be more than 8");
  for (const auto& [path, test, wanted] : value.conditions) {
    if (auto wrong = text_problem("conditions.path", path, path_length_max)) return wrong;
    const bool compares = test == mapping_test::equals || test == mapping_test::differs;
    if (!compares && !wanted.empty()) return at("conditions.value", "is only for equals and differs");
    if (auto wrong = optional_text_problem("conditions.value", wanted)) return wrong;
  }
  return std::nullopt;
}

problem value_problem(const workspace& ws, const event_mapping& value) {
  if (value.value_path.empty() == value.constant.empty()) return at("value_path", "give either this or constant");
  if (value.negate && value.how == value_type::absolute)
    return at("negate", "only what is added to a balance can be taken off it");
  if (value.constant.empty()) return optional_text_problem("value_path", value.value_path, path_length_max);
  const auto resolved = resolve_update(ws, ws.find(value.metric)->code, value.how, value.constant);
  return resolved.malformed ? at("constant", "is not a value of the metric's type") : std::nullopt;
}

problem mapped_metric_problem(const workspace& ws, const event_mapping& value) {
  const auto* changed = ws.find(value.metric);
  if (changed == nullptr) return at("metric", "does not exist");
  if (changed->archived && value.enabled) return at("metric", "is archived");
  return value_problem(ws, value);
}

/// A folder inside the folder for exports: one plain name, so that nothing else on the disk can be reached.
problem folder_problem(std::string_view name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (name.empty() || name.size() > 64 || !std::all_of(name.begin(), name.end(), is_plain))
    return at("target", "must be a folder name of 1 to 64 letters, digits, hyphens and underscores");
  return std::nullopt;
}

problem target_problem(const workspace& ws, const destination& value) {
  switch (value.kind) {
  case destination_kind::webhook:
    if (value.secret.empty()) return at("secret", "a webhook needs one, to be signed with");
    return url_problem("target", value.target, "https://", "http://");
  case destination_kind::file: return folder_problem(value.target);
  case destination_kind::nats:
    if (auto wrong = text_problem("subject", value.subject)) return wrong;
    return url_problem("target", value.target, "nats://", "tls://");
  case destination_kind::postback:
    if (ws.find(value.affiliate) == nullptr) return at("affiliate", "does not exist");
    return url_problem("target", value.target, "https://", "http://");
  }
  return at("kind", "is unknown");
}

problem names_problem(std::string_view field, const std::vector<std::string>& names) {
  if (names.size() > names_max) return at(field, "must not be more than 50");
  for (auto one = names.begin(); one != names.end(); ++one) {
    if (auto wrong = text_problem(field, *one)) return wrong;
    if (std::find(names.begin(), one, *one) != one) return at(field, "'" + *one + "' is listed twice");
  }
  return std::nullopt;
}

/// A report can be made of it; and its texts are fit to be kept.
problem report_problem(const report_preset& value) {
  if (value.filters.size() > names_max) return at("filters", "must not be more than 50");
  for (const auto& [dimension, allowed] : value.filters)
    if (auto wrong = names_problem("filters", allowed)) return wrong;
  auto query = read_report_query(value.dimensions, value.measures, value.filters);
  return query ? std::nullopt : problem(query.error());
}

problem brand_problem(const workspace& ws, brand_number brand) {
  return brand.value != 0 && ws.find(brand) == nullptr ? at("brand", "does not exist") : std::nullopt;
}

} // namespace

problem workspace::problem_with(const event_mapping& value) const {
  return first_of({number_problem(mappings_, value.number.value),
                   id_problem(find(value.number), scan_for(mappings_, value.id), value.id),
                   text_problem("name", value.name), text_problem("event", value.event),
                   brand_problem(*this, value.brand), conditions_problem(value), mapped_metric_problem(*this, value),
                   optional_text_problem("currency_path", value.currency_path, path_length_max)});
}

problem workspace::problem_with(const destination& value) const {
  const auto* before = find(value.number);
  if (before != nullptr && before->kind != value.kind) return at("kind", "is permanent");
  return first_of({number_problem(destinations_, value.number.value),
                   id_problem(before, scan_for(destinations_, value.id), value.id), text_problem("name", value.name),
                   target_problem(*this, value), references_problem("brands", *this, value.brands),
                   names_problem("event_names", value.event_names), optional_text_problem("secret", value.secret)});
}

problem workspace::problem_with(const report_preset& value) const {
  return first_of({number_problem(presets_, value.number.value),
                   id_problem(find(value.number), scan_for(presets_, value.id), value.id),
                   text_problem("name", value.name), report_problem(value),
                   references_problem("brands", *this, value.brands)});
}

} // namespace croupier
