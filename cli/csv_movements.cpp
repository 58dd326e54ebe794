#include "cli/movement_source.hpp"

#include "engine/fixed_point.hpp"
#include "engine/movement.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace croupier::cli {
namespace {

namespace json = boost::json;

constexpr int exponent_max = 40;

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Whether the text is `(0|[1-9][0-9]*)`.
bool is_whole_part(std::string_view text) {
  return !text.empty() && all_digits(text) && (text.size() == 1 || text.front() != '0');
}

std::optional<int> parse_exponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (!all_digits(text)) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > exponent_max) return std::nullopt;
  return negative ? -value : value;
}

/// `digits` with the point before the last `fraction` of them (behind them all, and beyond, when it is not positive).
std::string place_point(std::string digits, int fraction) {
  if (fraction <= 0) {
    digits.append(static_cast<std::size_t>(-fraction), '0');
  } else if (const auto wanted = static_cast<std::size_t>(fraction) + 1; digits.size() < wanted) {
    digits.insert(0, wanted - digits.size(), '0');
  }
  const std::size_t whole = digits.size() - static_cast<std::size_t>(std::max(fraction, 0));
  const std::size_t zeros = std::min(digits.find_first_not_of('0'), whole - 1);
  std::string result = digits.substr(zeros, whole - zeros);
  return fraction > 0 ? result + "." + digits.substr(whole) : result;
}

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

std::optional<std::string> plain_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  const std::string_view mantissa = text.substr(0, e);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::string_view whole = mantissa.substr(0, point);
  const std::string_view fraction = point < mantissa.size() ? mantissa.substr(point + 1) : std::string_view();
  if (!is_whole_part(whole) || !all_digits(fraction) || (point < mantissa.size() && fraction.empty()))
    return std::nullopt;
  const std::string sign = negative ? "-" : "";
  if (e == text.size()) return sign + std::string(mantissa);
  const auto exponent = parse_exponent(text.substr(e + 1));
  if (!exponent) return std::nullopt;
  return sign + place_point(std::string(whole) + std::string(fraction), static_cast<int>(fraction.size()) - *exponent);
}

result<std::unique_ptr<movement_source>, std::string> read_csv(std::istream& from,
                                                               const config::import_mapping& mapping) {
  auto source = std::make_unique<csv_movements>(from, mapping);
  std::string wrong = source->bind();
  if (!wrong.empty()) return wrong;
  return std::unique_ptr<movement_source>(std::move(source));
}

} // namespace croupier::cli
