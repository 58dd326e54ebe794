#pragma once

#include <span>
#include <string_view>

namespace croupier::http::dashboard {

/// A file of the dashboard, built into the program.
struct asset {
  std::string_view name; ///< "app.js"
  std::string_view bytes;
};

/// All of them. The source is made from `assets/` and the system's Chart.js when the program is built.
std::span<const asset> assets() noexcept;

} // namespace croupier::http::dashboard
