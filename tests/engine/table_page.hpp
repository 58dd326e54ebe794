#pragma once

#include "engine/commission_sum.hpp"
#include "engine/rounding.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Markdown tables that tests compute: an accountant reads them, and no number in them can go stale.
namespace croupier::testing {

/// One row: its cells by the words of the head.
class table_row {
public:
  explicit table_row(std::map<std::string, std::string> cells) : cells_(std::move(cells)) {}

  /// The cell under that head; there must be one (REQUIRE).
  const std::string& text(const std::string& head) const;
  bool has(const std::string& head) const;     ///< there is a column, and the cell is not empty
  amount value(const std::string& head) const; ///< "1,234.50" is 1234.5; an empty cell is 0
  std::uint64_t count(const std::string& head) const;
  percentage percent(const std::string& head) const; ///< "12.5 %"
  std::string whole() const;                         ///< for messages

private:
  std::map<std::string, std::string> cells_;
};

using table = std::vector<table_row>;

/// The first table behind the line "`heading`" of `page`; it has rows (REQUIRE).
table table_behind(const std::string& page, const std::string& heading);

/// A table by itself.
table table_in(std::string_view text);

/// docs/money.md, whole.
const std::string& money_page();

/// Numbers as the page writes them: thousands apart, no trailing zeros but two fraction digits where there are any.
amount amount_of(std::string_view text);
percentage percentage_of(std::string_view text);
std::string shown(const commission_sum& value);
std::string shown(base_amount value);
commission commission_of(std::string_view text);

} // namespace croupier::testing
