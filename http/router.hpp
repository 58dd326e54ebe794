#pragma once

#include "http/route.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace croupier::http {

/// Finds the route of a request. Immutable after construction, so any thread may ask.
class router {
public:
  /// Takes the table; patterns begin with '/'. Two routes of one method and pattern are a fault of ours
  /// (CROUPIER_ASSERT).
  explicit router(std::vector<route> table);

  const std::vector<route>& table() const noexcept { return table_; }

  struct match {
    std::optional<std::size_t> route_index;                      ///< into `table()`; nothing: 404 or 405
    std::string_view allow;                                      ///< value of `Allow`; empty: no such path
    error_style style = error_style::plain;                      ///< in which a refusal is worded
    std::string path;                                            ///< decoded
    std::vector<std::pair<std::string, std::string>> parameters; ///< decoded, not empty
  };

  /// Looks up the method (exact case; HEAD finds GET) and the raw path, whose escapes are whole. Literal paths go
  /// before patterns; a segment in braces takes one whole segment, decoded after splitting, so an escaped '/' does not
  /// split. O(path) for literal paths, O(patterns with that many segments) for the others.
  match find(std::string_view method, std::string_view raw_path) const;

  /// Every method that any path answers, as a value of `Allow` (for `OPTIONS *`).
  std::string_view all_methods() const noexcept { return all_methods_; }

private:
  struct path_entry {
    std::vector<std::string_view> segments; ///< of the pattern
    std::vector<std::pair<std::string_view, std::size_t>> methods;
    std::string allow;
    error_style style = error_style::plain;
  };

  path_entry& entry_of(const route& known);
  const path_entry* find_literal(const std::vector<std::string>& segments) const noexcept;
  const path_entry* find_pattern(const std::vector<std::string>& segments) const noexcept;
  error_style nearest_style(const std::vector<std::string>& segments) const noexcept;
  void fill(match& found, const path_entry& entry, std::string_view method) const;

  std::vector<route> table_;
  std::vector<path_entry> entries_;                           ///< in the order of the table
  std::unordered_map<std::string_view, std::size_t> literal_; ///< whole pattern -> entry
  std::vector<std::size_t> patterns_;                         ///< entries with braces, the more literal first
  std::string all_methods_;
};

} // namespace croupier::http
