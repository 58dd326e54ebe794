#pragma once

#include "config/problems.hpp"
#include "config/tree.hpp"

#include <optional>
#include <string_view>

namespace croupier::config {

/// The document as a table, members by name; or a problem with its line. Keys of more than 64 steps ("a.b.c") are
/// refused, so that no text can exhaust a stack. `name`: of the file, for problems.
std::optional<tree> parse_toml_tree(std::string_view text, std::string_view name, problems& found);

} // namespace croupier::config
