#pragma once

#include "config/object_kind.hpp"
#include "config/problems.hpp"
#include "config/workspace_sources.hpp"
#include "engine/result.hpp"
#include "engine/workspace.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::config {

/// What a workspace file comes to, for a workspace that is there.
struct workspace_plan {
  std::vector<workspace_object> objects; ///< new and changed ones, in an order in which each may be put

  /// An object of the workspace: its place in the table of its kind.
  struct place {
    const object_kind* kind = nullptr;
    std::size_t number = 0;
  };
  std::vector<place> unchanged;  ///< they are in the file, and as it says
  std::vector<place> left_alone; ///< they are not in the file
};

/// Reads a workspace file over the workspace `base`. The plan makes new objects, numbered behind those that exist, and
/// changes existing ones; every rule of the engine has been asked (`workspace::problem_with`), in order, at the time
/// `now`. Either all of it, or everything that is wrong.
///
/// An object is the existing one of its `id`. One without `id` has the id that is made from table and name (of a
/// metric: the code), so that the same file gives the same ids everywhere; if none has that, it is the one existing
/// object of its name. Members that a file leaves out keep what an existing object has. Nothing is ever deleted.
///
/// Grammar: TOML. `demo = true` allows secrets in the open; each kind of object is a list of tables ([[brands]],
/// [[metrics]], ...) whose members `object_fields.hpp` lists and docs/workspace.md explains. References are the name
/// (of a metric: the code) or the id of an object, of brands also an alias. Rates and amounts are texts, or whole
/// numbers: a TOML float is not exact.
///
/// A key whose secret stands in the file is known to everyone who has the file: only a file that says `demo = true` may
/// have one, and " (public)" is put behind its name, by which `is_public` knows it for as long as it exists.
///
/// Plans work forward only: they start at `now` or later. In a base without brands nothing has happened yet, and they
/// may start at any time.
result<workspace_plan, problems> parse_workspace(std::string_view toml, std::string_view name, const workspace& base,
                                                 const workspace_sources& sources, timestamp now);

/// The same from a file.
result<workspace_plan, problems> load_workspace_file(const std::string& path, const workspace& base,
                                                     const workspace_sources& sources, timestamp now);

/// The names of the environment variables that the file takes secrets from, each once, in order. A file that cannot be
/// parsed has none.
std::vector<std::string> variables_named_in(std::string_view toml);

/// The id of an object that has none in its file: the first 16 bytes of SHA-256("croupier/<kind>/<name>") as a UUID of
/// version 8. `kind` is the table's name.
uuid derived_id(std::string_view kind, std::string_view name, const workspace_sources& sources);

/// Whether the secret of the key stood in a workspace file; and makes it one of those.
bool is_public(const api_key& key) noexcept;
void make_public(api_key& key);

} // namespace croupier::config
