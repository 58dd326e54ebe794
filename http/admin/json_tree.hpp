#pragma once

#include "config/tree.hpp"
#include "http/json.hpp"

namespace croupier::http::admin {

/// A parsed body as what reads objects takes it.
config::tree tree_of(const json::value& value);

/// Writes a tree as JSON. Members that are secrets are left out; a secret by itself is null.
void write(json::writer& out, const config::tree& value);

/// The members of a table into an object that is being written.
void write_members(json::writer& out, const config::tree& table);

} // namespace croupier::http::admin
