#pragma once

#include "config/field_names.hpp"
#include "config/object_kind.hpp"
#include "engine/workspace.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace croupier::config {

/// Names, ids and aliases of everything that a workspace file may refer to. An object that was refused stays known, so
/// that what refers to it is not reported as well. O(log n).
class reference_book {
public:
  /// Everything in `ws` is known.
  explicit reference_book(const workspace& ws);

  /// `was_refused`: its rules were broken; it gets the number 0.
  void add(const workspace_object& object, bool was_refused);

  /// The number, 0 when the object was refused; or why there is none.
  result<std::uint32_t, std::string> find(ref_kind kind, const std::string& reference) const;

private:
  struct holder {
    std::uint32_t number = 0;
    bool is_one_of_several = false;
  };

  void add(ref_kind kind, std::string_view word, std::uint32_t number);

  std::array<std::map<std::string, holder, std::less<>>, ref_kinds> by_word_;
};

} // namespace croupier::config
