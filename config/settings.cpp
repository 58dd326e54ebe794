#include "config/settings.hpp"

#include "config/setting_names.hpp"
#include "config/toml_source.hpp"

#include <charconv>

namespace croupier::config {
namespace {

std::string said(const setting_field& field, const std::string& what) {
  return std::string(field.name) + ": " + what;
}

/// Puts a text into a setting; what is wrong with it, or nothing.
struct assign_text {
  settings& target;
  const setting_field& field;
  std::string_view text;

  std::string refused() const { return "'" + std::string(text) + "' is not " + field.allowed(); }

  std::optional<std::string> operator()(std::uint64_t settings::*member) const {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    if (!whole || value < field.minimum || value > field.maximum) return refused();
    target.*member = value;
    return std::nullopt;
  }
  std::optional<std::string> operator()(bool settings::*member) const {
    if (text != "true" && text != "false") return refused();
    target.*member = text == "true";
    return std::nullopt;
  }
  std::optional<std::string> operator()(std::string settings::*member) const {
    target.*member = text;
    return std::nullopt;
  }
  std::optional<std::string> operator()(listen_address settings::*member) const {
    const auto parsed = listen_address::parse(text);
    if (!parsed) return refused();
    target.*member = *parsed;
    return std::nullopt;
  }
  template<class Choice>
  std::optional<std::string> operator()(Choice settings::*member) const {
    const auto chosen = choice_named<Choice>(text);
    if (!chosen) return refused();
    target.*member = *chosen;
    return std::nullopt;
  }
};

void assign(settings& target, const setting_field& field, std::string_view text, const std::string& place,
            problems& found) {
  if (const auto wrong = std::visit(assign_text{target, field, text}, field.where))
    found.push_back({place, said(field, *wrong)});
}

/// The text of a TOML value of the kind that the setting has; nothing when it is of another kind.
struct text_of_node {
  const toml::node& node;

  std::optional<std::string> operator()(std::uint64_t settings::*) const {
    const auto value = node.value_exact<std::int64_t>();
    return value ? std::optional(std::to_string(*value)) : std::nullopt;
  }
  std::optional<std::string> operator()(bool settings::*) const {
    const auto value = node.value_exact<bool>();
    return value ? std::optional<std::string>(*value ? "true" : "false") : std::nullopt;
  }
  template<class Text>
  std::optional<std::string> operator()(Text settings::*) const {
    return node.value_exact<std::string>();
  }
};

const setting_field* field_named(std::string_view name) {
  for (const setting_field& field : setting_fields())
    if (field.name == name) return &field;
  return nullptr;
}

void read_table(const toml::table& table, std::string_view file, settings& target, problems& found) {
  for (const auto& [key, node] : table) {
    const std::string place = place_in_file(file, key.source().begin.line);
    const setting_field* field = field_named(key.str());
    if (field == nullptr) {
      found.push_back({place, "unknown setting '" + std::string(key.str()) + "'"});
      continue;
    }
    if (const auto text = std::visit(text_of_node{node}, field->where)) {
      assign(target, *field, *text, place, found);
    } else {
      const bool quoted = !std::holds_alternative<std::uint64_t settings::*>(field->where) &&
                          !std::holds_alternative<bool settings::*>(field->where);
      found.push_back({place, said(*field, "expected " + field->allowed() + (quoted ? " in quotes" : ""))});
    }
  }
}

void check_whole(const settings& values, problems& found) {
  if (values.tls_certificate.empty() != values.tls_key.empty())
    found.push_back({"", "tls_certificate and tls_key: set both, or none"});
  if (values.data_dir.empty()) found.push_back({"", "data_dir: must not be empty"});
}

result<settings, problems> finish(settings values, problems found, const settings_sources& overrides) {
  for (const setting_field& field : setting_fields()) {
    if (!overrides.environment) break;
    const std::string name = field.environment_name();
    if (const auto text = overrides.environment(name)) assign(values, field, *text, name, found);
  }
  for (const auto& [name, text] : overrides.command_line) {
    const setting_field* field = field_named(name);
    CROUPIER_ASSERT(field != nullptr, "the command line offers the settings of the table only");
    assign(values, *field, text, field->option_name(), found);
  }
  check_whole(values, found);
  if (!found.empty()) return found;
  return values;
}

} // namespace

result<settings, problems> parse_settings(std::string_view text, std::string_view name,
                                          const settings_sources& overrides) {
  settings values;
  problems found;
  if (const auto table = parse_toml(text, name, found)) read_table(*table, name, values, found);
  return finish(std::move(values), std::move(found), overrides);
}

result<settings, problems> load_settings(const settings_sources& sources) {
  if (!sources.file) return finish({}, {}, sources);
  problems found;
  const auto text = read_text_file(*sources.file, found);
  if (!text) return finish({}, std::move(found), sources);
  return parse_settings(*text, *sources.file, sources);
}

} // namespace croupier::config
