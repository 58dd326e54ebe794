#pragma once

#include "http/routes.hpp"

#include <string_view>
#include <vector>

namespace croupier::http::admin {

/// Adds every call under /admin/v1. What `with` points to outlives the table.
void add_routes(std::vector<route>& table, const services& with);

/// The shared parts of their description: a schema for each kind of object, made from the list of its members.
std::string_view components();

} // namespace croupier::http::admin
