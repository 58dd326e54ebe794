#include "config/import_mapping.hpp"

#include "config/toml_source.hpp"
#include "engine/workspace.hpp"

#include <cctype>
#include <optional>

namespace croupier::config {
namespace {

using namespace std::string_literals;

constexpr std::size_t rules_max = 1'000; ///< more than anybody writes, and few enough to be numbered

/// The text up to the closing brace of the opening one that was just taken; nothing when it is missing or empty.
std::optional<std::string> take_braced(std::string_view text, std::size_t& at) {
  const std::size_t end = text.find_first_of("{}", at);
  if (end == std::string_view::npos || text[end] != '}' || end == at) return std::nullopt;
  std::string name(text.substr(at, end - at));
  at = end + 1;
  return name;
}

bool starts_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void skip_spaces(std::string_view text, std::size_t& at) {
  while (at < text.size() && text[at] == ' ') ++at;
}

/// A term without its sign, from a place where there is no space.
std::optional<column_sum::term> take_term(std::string_view text, std::size_t& at) {
  if (at == text.size()) return std::nullopt;
  column_sum::term term;
  const std::size_t start = at;
  if (text[at] == '{') {
    const auto name = take_braced(text, ++at);
    if (!name) return std::nullopt;
    term.is_column = true;
    term.text = *name;
    return term;
  }
  if (starts_name(text[at])) {
    while (at < text.size() && (starts_name(text[at]) || is_digit(text[at]))) ++at;
    term.is_column = true;
  } else {
    while (at < text.size() && (is_digit(text[at]) || text[at] == '.')) ++at;
    if (!amount::parse(text.substr(start, at - start))) return std::nullopt;
  }
  term.text = text.substr(start, at - start);
  return term;
}

class mapping_reader {
public:
  mapping_reader(std::string_view file, problems& found) : file_(file), found_(found) {}

  import_mapping read(const toml::table& document) {
    table_reader top(document, file_, found_);
    import_mapping mapping;
    const std::string brand = top.required_text("brand");
    if (const auto id = uuid::parse(brand)) {
      mapping.brand = *id;
    } else if (!brand.empty()) {
      top.complain("brand", "'" + brand + "' is not a UUID");
    }
    mapping.player = read_parsed<text_template>(top, "player");
    mapping.request_id = read_parsed<text_template>(top, "request_id");
    const toml::array* rules = top.tables("rules");
    if (rules == nullptr || rules->empty()) top.complain("rules", "there must be at least one [[rules]]");
    if (rules != nullptr && rules->size() > rules_max)
      top.complain("rules", "there must be at most " + std::to_string(rules_max));
    else if (rules != nullptr)
      for (const toml::node& rule : *rules) mapping.rules.push_back(read_rule(*rule.as_table()));
    top.finish();
    return mapping;
  }

private:
  template<class Parsed>
  static Parsed read_parsed(table_reader& from, std::string_view key) {
    const std::string text = from.required_text(key);
    if (text.empty()) return {};
    auto parsed = Parsed::parse(text);
    if (!parsed) from.complain(key, parsed.error());
    return parsed ? std::move(parsed).value() : Parsed{};
  }

  mapping_rule read_rule(const toml::table& table) {
    table_reader from(table, file_, found_);
    mapping_rule rule;
    rule.metric = from.required_text("metric");
    from.call_it("rule for '" + rule.metric + "'");
    if (!rule.metric.empty() && !is_metric_code(rule.metric)) from.complain("metric", "is not a metric code");
    rule.value = read_parsed<column_sum>(from, "value");
    const std::string type = from.text("type").value_or("relative");
    if (type != "relative" && type != "absolute") from.complain("type", R"(must be "relative" or "absolute")");
    rule.how = type == "absolute" ? value_type::absolute : value_type::relative;
    rule.when_present = from.texts("when_present");
    rule.when_absent = from.texts("when_absent");
    from.finish();
    return rule;
  }

  std::string_view file_;
  problems& found_;
};

} // namespace

result<text_template, std::string> text_template::parse(std::string_view text) {
  text_template parsed;
  bool has_column = false;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '{') {
      const auto name = take_braced(text, ++at);
      if (!name) return "a brace without its partner, or with nothing between them"s;
      parsed.parts.push_back({true, *name});
      has_column = true;
      continue;
    }
    const std::size_t end = std::min(text.find_first_of("{}", at), text.size());
    if (end < text.size() && text[end] == '}') return "a brace without its partner"s;
    parsed.parts.push_back({false, std::string(text.substr(at, end - at))});
    at = end;
  }
  if (!has_column) return "must name a column in braces, such as \"{bet_id}\""s;
  return parsed;
}

result<column_sum, std::string> column_sum::parse(std::string_view text) {
  const auto malformed = "must be a sum of columns and numbers, such as \"bet + profit\" or \"-profit\""s;
  column_sum parsed;
  std::size_t at = 0;
  bool first = true;
  for (skip_spaces(text, at); first || at < text.size(); skip_spaces(text, at)) {
    bool negative = false;
    if (at < text.size() && (text[at] == '-' || (text[at] == '+' && !first))) {
      negative = text[at] == '-';
      ++at;
      skip_spaces(text, at);
    } else if (!first) {
      return malformed;
    }
    auto term = take_term(text, at);
    if (!term) return malformed;
    term->negative = negative;
    parsed.terms.push_back(std::move(*term));
    first = false;
  }
  return parsed;
}

result<import_mapping, problems> parse_import_mapping(std::string_view text, std::string_view name) {
  problems found;
  const auto document = parse_toml(text, name, found);
  if (!document) return found;
  import_mapping mapping = mapping_reader(name, found).read(*document);
  if (!found.empty()) return found;
  return mapping;
}

result<import_mapping, problems> load_import_mapping(const std::string& path) {
  problems found;
  const auto text = read_text_file(path, found);
  if (!text) return found;
  return parse_import_mapping(*text, path);
}

} // namespace croupier::config
