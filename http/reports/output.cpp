#include "http/reports/output.hpp"

#include "http/json.hpp"
#include "http/utf8.hpp"

#include <algorithm>

namespace croupier::http::reports {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";
constexpr std::string_view line_end = "\r\n";

bool has_currencies(const report& from) {
  return !from.by_currency.empty();
}

void write_figures(json::writer& out, const report& from, const report_figures& figures, number_form form,
                   bool with_money) {
  out.begin_object();
  for (const auto measure : from.measures) {
    const auto kind = kind_of(measure);
    if (kind == measure_kind::money && !with_money) continue;
    const auto text = figures.text(measure);
    if (!text) continue;
    out.key(name_of(measure));
    if (kind == measure_kind::count || form == number_form::number)
      out.raw(*text);
    else
      out.string(*text);
  }
  out.end_object();
}

/// Whether a spreadsheet would take the text for a formula or a command. The full-width signs are taken for their
/// narrow ones by some.
bool is_formula(std::string_view text) {
  if (text.empty()) return false;
  if (std::string_view("=+-@\t\r\n").find(text.front()) != std::string_view::npos) return true;
  for (const std::string_view wide : {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"})
    if (text.starts_with(wide)) return true;
  return false;
}

void add_line(std::string& out, const report& from, const std::vector<std::string>& keys,
              const report_figures& figures) {
  bool first = true;
  const auto add = [&](std::string_view cell) {
    if (!first) out += ',';
    out += cell;
    first = false;
  };
  for (const auto& key : keys) add(csv_cell(key));
  for (const auto measure : from.measures) add(figures.text(measure).value_or(""));
  out += line_end;
}

/// The keys of a line of totals: "Total", and its currency in that column.
std::vector<std::string> total_keys(const report& from, std::string_view currency) {
  std::vector<std::string> keys(from.dimensions.size());
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (from.dimensions[i] == report_dimension::currency) keys[i] = currency;
  if (keys.empty()) return keys;
  keys.front() = keys.front().empty() ? "Total" : "Total " + keys.front();
  return keys;
}

} // namespace

std::string to_json(const told_report& told, number_form form) {
  const auto& from = told.made.content;
  std::string body;
  json::writer out(body);
  out.begin_object().key("rows").begin_array();
  for (const auto& row : from.rows) {
    out.begin_object().key("groupKeys").begin_object();
    for (std::size_t i = 0; i < row.keys.size(); ++i) out.key(name_of(from.dimensions[i])).string(row.keys[i]);
    out.end_object().key("metrics");
    write_figures(out, from, row.figures, form, true);
    out.end_object();
  }
  out.end_array().key("totals");
  write_figures(out, from, from.total, form, !has_currencies(from));
  if (has_currencies(from)) {
    out.key("totalsByCurrency").begin_array();
    for (const auto& [currency, figures] : from.by_currency) {
      out.begin_object().key("currency").string(currency).key("metrics");
      write_figures(out, from, figures, form, true);
      out.end_object();
    }
    out.end_array();
  }
  out.key("startDate").string(text_of_day(told.from)).key("endDate").string(text_of_day(told.to));
  out.key("sequence").unsigned_integer(told.made.upto.value);
  out.key("generatedAt").string(told.generated_at.text()).end_object();
  return body;
}

std::string to_csv(const report& from) {
  std::string out;
  for (const auto dimension : from.dimensions) out.append(out.empty() ? "" : ",").append(name_of(dimension));
  for (const auto measure : from.measures) out.append(out.empty() ? "" : ",").append(name_of(measure));
  out += line_end;
  for (const auto& row : from.rows) add_line(out, from, row.keys, row.figures);
  if (!has_currencies(from)) add_line(out, from, total_keys(from, ""), from.total);
  for (const auto& [currency, figures] : from.by_currency) add_line(out, from, total_keys(from, currency), figures);
  return out;
}

std::string csv_cell(std::string_view text) {
  std::string clean = is_formula(text) ? "'" : "";
  while (!text.empty()) {
    const auto length = utf8_sequence_length(text);
    clean += length == 0 ? replacement : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  if (clean.find_first_of(",\"\r\n\t") == std::string::npos && !clean.starts_with(' ') && !clean.ends_with(' ') &&
      !clean.starts_with('\''))
    return clean;
  std::string quoted = "\"";
  for (const char c : clean) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

} // namespace croupier::http::reports
