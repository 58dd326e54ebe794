#include "cli/movement_source.hpp"

#include "engine/metric_rule.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <map>
#include <set>

namespace croupier::cli {
namespace {

namespace json = boost::json;

/// A rule of the mapping as the engine takes it. The mapping outlives it.
struct bound_rule {
  bound_rule(const config::mapping_rule& from, metric_number of) : code(from.metric), metric(of), how(from.how) {
    for (const std::string& column : from.when_present) conditions.push_back({column, mapping_test::present, {}});
    for (const std::string& column : from.when_absent) conditions.push_back({column, mapping_test::absent, {}});
    for (const auto& [negative, is_column, text] : from.value.terms)
      terms.push_back(is_column ? mapping_term{text, {}, negative} : mapping_term{{}, text, negative});
  }

  std::string_view code;
  metric_number metric; ///< which rules with this code share; only this file knows it
  value_type how;
  std::vector<mapping_condition> conditions;
  std::vector<mapping_term> terms;
};

/// A row, whose values are its cells by the names of their columns. An empty cell is none.
class csv_row final : public event_tree {
public:
  using column_places = std::map<std::string, std::size_t, std::less<>>;

  csv_row(const column_places& columns, const csv_record& row) : columns_(columns), row_(row) {}

  event_value at(std::string_view column) const override {
    const auto& cell = cell_of(column);
    return cell.empty() ? event_value{} : event_value{event_value::kind::text, cell};
  }
  const std::string& cell_of(std::string_view column) const { return row_.fields[columns_.find(column)->second]; }

private:
  const column_places& columns_;
  const csv_record& row_;
};

/// In words what is wrong with a row, the cell as it stands included.
std::string describe(const mapping_problem& problem, std::string_view code, const csv_row& row) {
  std::string text = std::string(code) + ": ";
  if (!problem.field.empty()) text += "'" + problem.field + "' ";
  text += problem.what;
  if (problem.why == mapping_error::value_malformed && !problem.field.empty())
    text += ", not '" + row.cell_of(problem.field) + "'";
  return text;
}

class csv_movements final : public movement_source {
public:
  csv_movements(std::istream& from, const config::import_mapping& mapping)
      : reader_(from), mapping_(mapping), brand_(mapping.brand.text()) {
    for (const config::mapping_rule& rule : mapping_.rules) {
      auto number = static_cast<std::uint16_t>(rules_.size());
      for (std::uint16_t i = 0; i < number; ++i)
        if (rules_[i].code == rule.metric) number = i;
      rules_.emplace_back(rule, metric_number{number});
    }
  }

  /// Reads the first row and finds the mapping's columns in it; what is wrong, or an empty text.
  std::string bind() {
    csv_record header;
    switch (reader_.next(header)) {
    case csv_reader::step::end: return "the file is empty: its first row names the columns";
    case csv_reader::step::broken: return broken();
    case csv_reader::step::record: break;
    }
    for (std::size_t i = 0; i < header.fields.size(); ++i)
      if (!columns_.emplace(header.fields[i], i).second) return "two columns are called '" + header.fields[i] + "'";
    std::set<std::string> missing;
    const auto require = [&](const std::string& column) {
      if (columns_.count(column) == 0) missing.insert("'" + column + "'");
    };
    for (const auto* text : {&mapping_.player, &mapping_.request_id})
      for (const auto& part : text->parts)
        if (part.is_column) require(part.text);
    for (const config::mapping_rule& rule : mapping_.rules) {
      for (const auto& column : rule.when_present) require(column);
      for (const auto& column : rule.when_absent) require(column);
      for (const auto& term : rule.value.terms)
        if (term.is_column) require(term.text);
    }
    if (missing.empty()) return {};
    std::string names;
    for (const std::string& column : missing) names += (names.empty() ? "" : ", ") + column;
    return "the mapping names columns that the file does not have: " + names;
  }

  bool next(import_item& out) override {
    csv_record row;
    if (reader_.next(row) != csv_reader::step::record) return false;
    out = {};
    out.line = row.line;
    out.problem = convert(row, out);
    return true;
  }

  std::string broken() const override {
    if (reader_.error().empty()) return {};
    return "line " + std::to_string(reader_.error_line()) + ": " + reader_.error();
  }

  std::uint64_t bytes_read() const noexcept override { return reader_.bytes_read(); }

private:
  static std::string fill(const config::text_template& text, const csv_row& row) {
    std::string result;
    for (const auto& part : text.parts) result += part.is_column ? row.cell_of(part.text) : part.text;
    return result;
  }

  /// Makes the body; what is wrong with the row, or an empty text.
  std::string convert(const csv_record& record, import_item& out) const {
    if (record.fields.size() != columns_.size())
      return "the row has " + std::to_string(record.fields.size()) + " fields, the first row " +
             std::to_string(columns_.size());
    const csv_row row(columns_, record);
    out.brand = brand_;
    out.player = fill(mapping_.player, row);
    const std::string request_id = fill(mapping_.request_id, row);
    if (out.player.empty()) return "the player's id is empty";
    if (request_id.empty()) return "the request id is empty";
    metric_updates updates;
    for (const bound_rule& rule : rules_) {
      if (!all_hold(rule.conditions, row)) continue;
      // What type a metric has, the server knows: a decimal carries the digits of both.
      const metric_rule does{rule.metric, rule.code, metric_type::decimal, rule.how, rule.terms};
      if (const auto wrong = add_update(does, row, updates)) return describe(*wrong, rule.code, row);
    }
    if (updates.empty()) return "no rule of the mapping applies to the row";
    out.body = json::serialize(json::object{{"externalClientId", out.player},
                                            {"revenueOriginId", out.brand},
                                            {"requestId", request_id},
                                            {"metrics", metrics_of(updates)}});
    return {};
  }

  json::array metrics_of(const metric_updates& updates) const {
    json::array metrics;
    for (const metric_update& update : updates) {
      metric_change change; // has the text of a value
      change.value = amount::from_units(update.value.units);
      change.fraction_digits = update.value.fraction_digits;
      metrics.push_back({{"code", rules_[update.metric.value].code},
                         {"valueType", update.how == value_type::absolute ? "CLIENT_METRIC_VALUE_TYPE_ABSOLUTE"
                                                                          : "CLIENT_METRIC_VALUE_TYPE_RELATIVE"},
                         {"value", change.value_text()}});
    }
    return metrics;
  }

  csv_reader reader_;
  const config::import_mapping& mapping_;
  std::string brand_;
  csv_row::column_places columns_;
  std::vector<bound_rule> rules_;
};

} // namespace

result<std::unique_ptr<movement_source>, std::string> read_csv(std::istream& from,
                                                               const config::import_mapping& mapping) {
  auto source = std::make_unique<csv_movements>(from, mapping);
  std::string wrong = source->bind();
  if (!wrong.empty()) return wrong;
  return std::unique_ptr<movement_source>(std::move(source));
}

} // namespace croupier::cli
