#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::config {

struct tree_member;

/// A value as somebody wrote it, in a workspace file (TOML) or a call (JSON): what reads and shows the objects of the
/// workspace knows neither format. A plain value.
struct tree {
  enum class kind : std::uint8_t {
    null,    ///< JSON's null: the member is to have no value
    boolean, ///< `truth`
    number,  ///< `text`: its digits as written
    text,    ///< `text`
    list,    ///< `items`
    table,   ///< `members`, in the order written, names unique
    secret,  ///< `text`, to be compared and never shown; only in what is made from objects
    other    ///< what has no exact meaning here: a TOML float or date
  };

  kind type = kind::null;
  bool truth = false;
  std::string text;
  std::vector<tree> items;
  std::vector<tree_member> members;
  std::uint32_t line = 0; ///< of the file; 0: there is none

  static tree of_text(std::string_view value);
  static tree of_number(std::string_view digits);
  static tree of_truth(bool value);
  static tree of(kind container);

  /// Of a table: the member's value; nullptr when there is none. O(members).
  const tree* find(std::string_view name) const noexcept;
  /// Of a table: adds a member behind the others. The caller sees to it that there is none of that name.
  void add(std::string_view name, tree value);

private:
  static tree leaf(kind of, std::string_view text);
};

struct tree_member {
  std::string name;
  tree content;
};

/// Whether they say the same; lines do not count.
bool operator==(const tree& left, const tree& right) noexcept;

/// On one line, for people: `"text"`, `5`, `["a", "b"]`, `{cap: "5.00"}`; of a secret only that it is one.
std::string shown(const tree& value);

} // namespace croupier::config
