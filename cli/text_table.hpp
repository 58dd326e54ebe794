#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace croupier::cli {

/// Columns of text for a terminal, each as wide as its widest cell.
class text_table {
public:
  enum class side : std::uint8_t { left, right };

  /// The number of columns is that of the sides; the header is the first row.
  text_table(std::vector<side> sides, std::vector<std::string> header);

  /// As many cells as there are columns (CROUPIER_ASSERT).
  void add(std::vector<std::string> cells);

  void print(std::ostream& out) const;

private:
  std::vector<side> sides_;
  std::vector<std::vector<std::string>> rows_;
};

/// 1234567 as "1,234,567".
std::string with_thousands(std::uint64_t number);

} // namespace croupier::cli
