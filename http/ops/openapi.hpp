#pragma once

#include "http/route.hpp"

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace croupier::http::ops {

/// The OpenAPI 3.1 description of a route table: every route is in it, with what the table knows (path parameters, key
/// and scope, limits of the body, refusals) and what its `schema` adds. `components` are JSON objects of what those
/// refer to, by kind ("schemas", "parameters"), names unique; one has an `Error` schema for the Trackdesk style.
std::string openapi_document(std::span<const route> table, std::initializer_list<std::string_view> components);

} // namespace croupier::http::ops
