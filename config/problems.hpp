#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::config {

/// One thing that is wrong with what an operator wrote, and where.
struct problem {
  std::string place; ///< "croupier.toml:12", "CROUPIER_LISTEN", "--listen"; empty: the configuration as a whole
  std::string what;  ///< "connections_max: 0 is below the minimum of 1"

  std::string text() const { return place.empty() ? what : place + ": " + what; }
  friend bool operator==(const problem&, const problem&) = default;
};

/// All of them: whoever mends a file wants to mend it once.
using problems = std::vector<problem>;

/// "name:line", the form that editors jump to.
inline std::string place_in_file(std::string_view name, std::uint32_t line) {
  return std::string(name) + ":" + std::to_string(line);
}

} // namespace croupier::config
