#pragma once

#include "config/problems.hpp"

#include <optional>
#include <string>

namespace croupier::config {

/// The whole file, at most 16 MiB; a problem when it cannot be read.
std::optional<std::string> read_text_file(const std::string& path, problems& found);

} // namespace croupier::config
