#pragma once

#include "engine/uuid.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace croupier::http::revvvs {

/// Whether a visitor's `relativepath` may be appended to a link's destination: letters, digits and `-/._` only, no
/// `..`, no leading `//`, at most 1,024 bytes.
bool is_safe_relative_path(std::string_view path) noexcept;

/// Where a click leads: `destination` (an absolute URL) with the path, unless it is empty, appended to its own, and
/// `click_id`, unless there is none, appended to its query. A fragment stays last. The result always has scheme and
/// authority of `destination`, and never holds a byte that is not visible ASCII.
std::string landing_url(std::string_view destination, std::string_view relative_path, const std::optional<uuid>& click);

} // namespace croupier::http::revvvs
