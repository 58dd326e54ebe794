#include "benchmarks/support/figures.hpp"

#include <cmath>
#include <cstdio>

namespace croupier::bench {

void figures::add(const std::string& name, const std::string& unit, double value) {
  const auto [place, fresh] = rows_.try_emplace(name, row{unit, {}});
  if (fresh) order_.push_back(name);
  place->second.values.add(value);
}

std::string figures::table() const {
  std::string out = "| figure | unit | median | lowest | highest |\n|---|---|---:|---:|---:|\n";
  for (const auto& name : order_) {
    const auto& each = rows_.at(name);
    out += "| " + name + " | " + each.unit;
    for (const double share : {0.5, 0.0, 1.0}) out += " | " + readable(each.values.quantile(share));
    out += " |\n";
  }
  return out;
}

std::string readable(double value) {
  char text[64];
  if (std::fabs(value) < 100) {
    std::snprintf(text, sizeof text, "%.3g", value);
    return text;
  }
  std::snprintf(text, sizeof text, "%.0f", value);
  std::string digits = text;
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

} // namespace croupier::bench
