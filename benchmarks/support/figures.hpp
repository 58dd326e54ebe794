#pragma once

#include "benchmarks/support/arguments.hpp"

#include <map>
#include <string>
#include <vector>

namespace croupier::bench {

/// Figures by name over the rounds of a benchmark, in the order in which they first came.
class figures {
public:
  void add(const std::string& name, const std::string& unit, double value);
  const sample& of(const std::string& name) const { return rows_.at(name).values; }
  /// Median, lowest and highest of each, as a Markdown table.
  std::string table() const;

private:
  struct row {
    std::string unit;
    sample values;
  };
  std::map<std::string, row> rows_;
  std::vector<std::string> order_;
};

/// "12,345", "1.23", "0.0123": as many digits as say something.
std::string readable(double value);

} // namespace croupier::bench
