#pragma once

#include "http/route.hpp"

#include <string_view>

namespace croupier::http::wynta {

/// The brand of an event that calls it `named` (empty: it names none): the one of that id or alias that the request's
/// key sees, else the key's default, else the workspace's default if the key sees it; nullptr: none of them.
const brand* resolve_brand(const request& req, std::string_view named) noexcept;

/// What an event is told for which there is none.
inline constexpr std::string_view no_brand = "names no brand, and there is no default brand for this token";

} // namespace croupier::http::wynta
