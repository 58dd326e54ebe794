#include "cli/text_table.hpp"

#include "engine/check.hpp"

#include <algorithm>
#include <string_view>

namespace croupier::cli {
namespace {

/// Characters, not bytes: the continuation bytes of UTF-8 take no room of their own.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

} // namespace

text_table::text_table(std::vector<side> sides, std::vector<std::string> header) : sides_(std::move(sides)) {
  add(std::move(header));
}

void text_table::add(std::vector<std::string> cells) {
  CROUPIER_ASSERT(cells.size() == sides_.size(), "every row of a table has all of its columns");
  rows_.push_back(std::move(cells));
}

void text_table::print(std::ostream& out) const {
  std::vector<std::size_t> widths(sides_.size(), 0);
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - width_of(row[i]), ' ');
      if (i > 0) line += "  ";
      line += sides_[i] == side::left ? row[i] + padding : padding + row[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

std::string with_thousands(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

} // namespace croupier::cli
