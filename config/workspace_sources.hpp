#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace croupier::config {

/// What reading a workspace file needs of the world.
struct workspace_sources {
  std::function<std::optional<std::string>(const std::string& name)> environment;
  std::function<std::array<std::uint8_t, 32>(std::string_view)> sha256;
};

} // namespace croupier::config
