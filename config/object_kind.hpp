#pragma once

#include "config/field_catalogue.hpp"
#include "config/field_reader.hpp"
#include "config/tree.hpp"
#include "engine/workspace.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::config {

/// One kind of configured objects, as whoever reads, shows and changes them sees it: what there is to know of a brand
/// or a plan that is not in `object_fields.hpp` is here, and nobody else tells kinds apart.
/// The functions take and give objects of this kind only (CROUPIER_ASSERT).
struct object_kind {
  std::string_view table;  ///< "marketing_sources", in files; ids that a file leaves out are made from it
  std::string_view path;   ///< "marketing-sources", in calls
  std::string_view label;  ///< "marketing source", in sentences
  std::string_view schema; ///< "MarketingSource", in /openapi.json
  std::string_view title;  ///< the member that people know it by: "name" or "code"

  std::size_t (*count)(const workspace& ws);
  /// The object of that number, 1 to count.
  workspace_object (*at)(const workspace& ws, std::size_t number);
  /// The number of the object of that id; 0: there is none. Linear for small tables.
  std::size_t (*find)(const workspace& ws, const uuid& id);
  /// An object with nothing but number, id and defaults. `now`: what begins begins then.
  workspace_object (*blank)(std::size_t number, const uuid& id, timestamp now);
  /// Reads the members of the table over what the object has; the problems are added to the reading's. The member `id`
  /// is the caller's business.
  void (*read)(workspace_object& object, const tree& from, reading& how);
  /// All members, with the id first.
  tree (*shown)(const workspace& ws, const workspace_object& object, naming names);
  std::vector<field_entry> (*catalogue)();
  /// Whether it is out of use: archived, disabled or revoked.
  bool (*is_retired)(const workspace_object& object);
  /// Takes it out of use; or says why objects of the kind cannot be.
  std::optional<std::string> (*retire)(workspace_object& object);
  /// Where the SHA-256 of its secret is kept; nullptr for kinds without one.
  std::array<std::uint8_t, 32>* (*secret_hash)(workspace_object& object);

  /// What taking it out of use is called: "archived", "disabled", "revoked"; empty where it cannot be.
  std::string_view retired_word;
};

/// Every kind, in an order in which none refers to one behind it.
std::span<const object_kind> object_kinds();

/// The kind of an object, and that of a path in calls (nullptr: there is none).
const object_kind& kind_of(const workspace_object& object);
const object_kind* kind_at_path(std::string_view path) noexcept;

uuid id_of(const workspace_object& object);
std::size_t number_of(const workspace_object& object);
/// What people know it by.
const std::string& title_of(const workspace_object& object);

/// `workspace::problem_with` and `workspace::put` for any object.
std::optional<std::string> problem_with(const workspace& ws, const workspace_object& object, timestamp now);
void put(workspace& ws, const workspace_object& object);

/// Finds what a call refers to, by id alone. `ws` outlives it.
reading::finder finder_by_id(const workspace& ws);

/// A member that differs between two forms of an object.
struct field_change {
  std::string name;
  std::optional<tree> before; ///< none: it had no value
  std::optional<tree> after;
};

/// What differs, in the order of the members. `before` may be missing: then everything is new. `ws` knows what both
/// refer to.
std::vector<field_change> changes_between(const workspace& ws, const workspace_object* before,
                                          const workspace_object& after, naming names);

/// The tables of a workspace file, for its documentation (Markdown).
std::string workspace_tables_markdown();

} // namespace croupier::config
