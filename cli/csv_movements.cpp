#include "cli/movement_source.hpp"

#include "engine/fixed_point.hpp"
#include "engine/movement.hpp"
#include "engine/plain_number.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace croupier::cli {
namespace {

namespace json = boost::json;

/// A rule of the mapping with columns as places in a row.
struct bound_rule {
  const config::mapping_rule* rule = nullptr;
  std::vector<std::size_t> present;
  std::vector<std::size_t> absent;
  std::vector<std::size_t> terms; ///< of the sum's terms that are columns, in order

  bool applies(const csv_record& row) const {
    const auto filled = [&row](std::size_t column) { return !row.fields[column].empty(); };
    return std::all_of(present.begin(), present.end(), filled) && std::none_of(absent.begin(), absent.end(), filled);
  }
};

class csv_movements final : public movement_source {
public:
  csv_movements(std::istream& from, const config::import_mapping& mapping)
      : reader_(from), mapping_(mapping), brand_(mapping.brand.text()) {}

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
    for (const auto& part : mapping_.player.parts)
      if (part.is_column) place_of(part.text, missing);
    for (const auto& part : mapping_.request_id.parts)
      if (part.is_column) place_of(part.text, missing);
    for (const config::mapping_rule& rule : mapping_.rules) bind(rule, missing);
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
  std::size_t place_of(const std::string& column, std::set<std::string>& missing) {
    const auto found = columns_.find(column);
    if (found != columns_.end()) return found->second;
    missing.insert("'" + column + "'");
    return 0;
  }

  void bind(const config::mapping_rule& rule, std::set<std::string>& missing) {
    bound_rule bound{&rule, {}, {}, {}};
    for (const std::string& column : rule.when_present) bound.present.push_back(place_of(column, missing));
    for (const std::string& column : rule.when_absent) bound.absent.push_back(place_of(column, missing));
    for (const auto& term : rule.value.terms)
      if (term.is_column) bound.terms.push_back(place_of(term.text, missing));
    rules_.push_back(std::move(bound));
  }

  std::string fill(const config::text_template& text, const csv_record& row) const {
    std::string result;
    for (const auto& part : text.parts) result += part.is_column ? row.fields[columns_.at(part.text)] : part.text;
    return result;
  }

  /// Makes the body; what is wrong with the row, or an empty text.
  std::string convert(const csv_record& row, import_item& out) const {
    if (row.fields.size() != columns_.size())
      return "the row has " + std::to_string(row.fields.size()) + " fields, the first row " +
             std::to_string(columns_.size());
    out.brand = brand_;
    out.player = fill(mapping_.player, row);
    const std::string request_id = fill(mapping_.request_id, row);
    if (out.player.empty()) return "the player's id is empty";
    if (request_id.empty()) return "the request id is empty";
    json::array metrics;
    for (const bound_rule& bound : rules_) {
      if (!bound.applies(row)) continue;
      std::string problem;
      const std::string value = evaluate(bound, row, problem);
      if (!problem.empty()) return bound.rule->metric + ": " + problem;
      metrics.push_back({{"code", bound.rule->metric},
                         {"valueType", bound.rule->how == value_type::absolute ? "CLIENT_METRIC_VALUE_TYPE_ABSOLUTE"
                                                                               : "CLIENT_METRIC_VALUE_TYPE_RELATIVE"},
                         {"value", value}});
    }
    if (metrics.empty()) return "no rule of the mapping applies to the row";
    out.body = json::serialize(json::object{{"externalClientId", out.player},
                                            {"revenueOriginId", out.brand},
                                            {"requestId", request_id},
                                            {"metrics", std::move(metrics)}});
    return {};
  }

  /// The sum, exact, with as many fraction digits as the term that has most.
  static std::string evaluate(const bound_rule& bound, const csv_record& row, std::string& problem) {
    metric_change sum; // carries an amount together with the form of its text
    std::size_t column = 0;
    for (const auto& term : bound.rule->value.terms) {
      const std::string& cell = term.is_column ? row.fields[bound.terms[column++]] : term.text;
      const auto plain = plain_number(cell);
      number_text number;
      if (!plain || parse_amount(*plain, number)) {
        problem = "'" + cell + "' is not a number of at most 18 digits before and 8 behind the point";
        return {};
      }
      const amount value = amount::from_units(number.units);
      const auto next = term.negative ? sum.value.minus(value) : sum.value.plus(value);
      CROUPIER_ASSERT(next, "the few terms of a rule stay far from 128 bits");
      sum.value = *next;
      sum.fraction_digits = std::max(sum.fraction_digits, number.fraction_digits);
    }
    return sum.value_text();
  }

  csv_reader reader_;
  const config::import_mapping& mapping_;
  std::string brand_;
  std::map<std::string, std::size_t> columns_;
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
