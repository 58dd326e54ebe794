#include "table_page.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace croupier::testing {
namespace {

std::string trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '`')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '`')) text.remove_suffix(1);
  return std::string(text);
}

std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  line = line.substr(1); // the first bar
  for (auto end = line.find('|'); end != std::string_view::npos; end = line.find('|')) {
    cells.push_back(trimmed(line.substr(0, end)));
    line.remove_prefix(end + 1);
  }
  return cells;
}

bool is_row(std::string_view line) {
  return line.starts_with("|");
}

bool is_ruler(const std::vector<std::string>& cells) {
  return std::all_of(cells.begin(), cells.end(), [](const std::string& cell) {
    return !cell.empty() && cell.find_first_not_of("-:") == std::string::npos;
  });
}

std::string bare_number(std::string_view text) {
  std::string bare;
  for (const char c : text)
    if (c != ',' && c != ' ' && c != '%') bare += c;
  return bare.empty() ? "0" : bare;
}

/// "-1234567.5" as "-1,234,567.50".
std::string with_thousands(std::string_view text) {
  if (text.ends_with(".00")) text.remove_suffix(3);
  const auto point = std::min(text.find('.'), text.size());
  const auto first = text.starts_with('-') ? 1U : 0U;
  std::string apart;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > first && i < point && (point - i) % 3 == 0) apart += ',';
    apart += text[i];
  }
  return apart;
}

} // namespace

const std::string& table_row::text(const std::string& head) const {
  INFO("column " << head << " of " << whole());
  const auto found = cells_.find(head);
  REQUIRE(found != cells_.end());
  return found->second;
}

bool table_row::has(const std::string& head) const {
  const auto found = cells_.find(head);
  return found != cells_.end() && !found->second.empty();
}

amount table_row::value(const std::string& head) const {
  return amount_of(text(head));
}

std::uint64_t table_row::count(const std::string& head) const {
  return std::stoull(bare_number(text(head)));
}

percentage table_row::percent(const std::string& head) const {
  return percentage_of(text(head));
}

std::string table_row::whole() const {
  std::string all;
  for (const auto& [head, cell] : cells_) all.append(head).append(" = ").append(cell).append("; ");
  return all;
}

table table_in(std::string_view text) {
  std::istringstream lines{std::string(text)};
  table rows;
  std::vector<std::string> heads;
  for (std::string line; std::getline(lines, line);) {
    line.erase(0, line.find_first_not_of(' '));
    if (!is_row(line)) {
      if (rows.empty()) continue;
      break;
    }
    const auto cells = cells_of(line);
    if (heads.empty()) {
      heads = cells;
      continue;
    }
    if (is_ruler(cells)) continue;
    INFO(line);
    REQUIRE(cells.size() == heads.size());
    std::map<std::string, std::string> by_head;
    for (std::size_t i = 0; i < cells.size(); ++i) by_head[heads[i]] = cells[i];
    rows.emplace_back(std::move(by_head));
  }
  REQUIRE(!rows.empty());
  return rows;
}

table table_behind(const std::string& page, const std::string& heading) {
  INFO("heading '" << heading << "'");
  const auto at = page.find("\n" + heading + "\n");
  REQUIRE(at != std::string::npos);
  return table_in(std::string_view(page).substr(at + heading.size() + 2));
}

const std::string& money_page() {
  static const std::string page = [] {
    std::ifstream in(MONEY_PAGE);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }();
  REQUIRE(!page.empty());
  return page;
}

amount amount_of(std::string_view text) {
  INFO("number '" << std::string(text) << "'");
  const auto parsed = amount::parse(bare_number(text));
  REQUIRE(parsed.has_value());
  return *parsed;
}

percentage percentage_of(std::string_view text) {
  const auto parsed = percentage::parse(bare_number(text));
  REQUIRE(parsed.has_value());
  return *parsed;
}

commission commission_of(std::string_view text) {
  INFO("number '" << std::string(text) << "'");
  const auto parsed = commission::parse(bare_number(text));
  REQUIRE(parsed.has_value());
  return *parsed;
}

std::string shown(const commission_sum& value) {
  return with_thousands(value.text());
}

std::string shown(base_amount value) {
  return with_thousands(value.text());
}

} // namespace croupier::testing
