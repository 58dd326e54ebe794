#pragma once

#include "config/problems.hpp"
#include "engine/entry.hpp"
#include "engine/result.hpp"
#include "engine/workspace.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::config {

/// What reading a workspace file needs of the world.
struct workspace_sources {
  std::function<std::optional<std::string>(const std::string& name)> environment;
  std::function<std::array<std::uint8_t, 32>(std::string_view)> sha256;
};

/// The objects of a workspace file, numbered behind those that exist and in an order in which each may be put:
/// brands, metrics, affiliates, offers, links, keys.
struct workspace_plan {
  std::vector<workspace_changed::object> objects;
};

/// Reads a workspace file. The objects come after those of `base`, and every rule of the engine about them has been
/// asked (`workspace::problem_with`). Either all of it, or everything that is wrong.
///
/// Grammar (TOML; `?` marks what may be left out; REF is the name or the id of an object, of brands also an alias):
///
///   demo = true                     ? allows `secret` in keys
///   [[brands]]      id? name currency aliases? default?
///   [[metrics]]     id? code name type ("integer" | "decimal") monetary? visible?
///   [[affiliates]]  id? name
///   [[offers]]      id? name revshare? = { metric = CODE, rate_percent = "25" }
///   [[links]]       id? name offer = REF affiliate = REF destination enabled?
///   [[keys]]        id? name scopes brands? = [REF] expires_at? and one of
///                     secret_sha256 (64 hex digits), secret_env (an environment variable), secret (demo files)
///
/// A key whose secret stands in the file is known to everyone who has the file: only a file that says `demo = true` may
/// have one, and " (public)" is put behind its name, by which `is_public` knows it for as long as it exists.
///
/// An id that is left out is made from the kind and the name (of a metric: the code), so that the same file gives the
/// same ids everywhere. A rate is a text, or a whole number: a TOML float is not exact.
result<workspace_plan, problems> parse_workspace(std::string_view toml, std::string_view name, const workspace& base,
                                                 const workspace_sources& sources);

/// The same from a file.
result<workspace_plan, problems> load_workspace_file(const std::string& path, const workspace& base,
                                                     const workspace_sources& sources);

/// The id of an object that has none in its file: the first 16 bytes of SHA-256("croupier/<kind>/<name>") as a UUID of
/// version 8. `kind` is the table's name.
uuid derived_id(std::string_view kind, std::string_view name, const workspace_sources& sources);

/// Whether the secret of the key stood in a workspace file.
bool is_public(const api_key& key) noexcept;

/// The name of a scope in files and on the command line, and back.
std::string_view scope_name(scope value) noexcept;
std::optional<scope> scope_named(std::string_view name) noexcept;

} // namespace croupier::config
