#pragma once

#include "engine/report_table.hpp"
#include "engine/timestamp.hpp"

#include <string>
#include <string_view>

namespace croupier::http::reports {

/// A report, and what is said beside it.
struct told_report {
  report_answer made;
  day_number from = 0;
  day_number to = 0;
  timestamp generated_at;
};

/// How money and rates are written in JSON.
enum class number_form : std::uint8_t {
  number, ///< as a JSON number, digit by digit: exact for readers that do not put it through floating point
  text    ///< as a string
};

/// `{"rows": [{"groupKeys", "metrics"}], "totals", "generatedAt", ...}`. A rate that does not exist is absent. When the
/// rows have money in several currencies `totals` has none, and `totalsByCurrency` has it all.
std::string to_json(const told_report& told, number_form form);

/// RFC 4180: a header, the rows, and one line of totals, or one for each currency.
std::string to_csv(const report& from);

/// One cell of text, quoted where it must be. What a spreadsheet would run as a formula gets an apostrophe in front;
/// bytes that are not UTF-8 become U+FFFD.
std::string csv_cell(std::string_view text);

} // namespace croupier::http::reports
