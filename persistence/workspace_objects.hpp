#pragma once

#include "engine/entry.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <variant>

namespace croupier::persistence {

/// Where an object of the workspace belongs: its kind and its number within the kind. Sorts tables before what refers
/// to them, so that putting objects in this order never meets a reference to what is not there yet.
struct object_place {
  std::size_t kind = 0; ///< index in workspace_changed::object
  std::uint64_t number = 0;
  friend auto operator<=>(const object_place&, const object_place&) = default;
};

inline object_place place_of(const workspace_changed::object& object) noexcept {
  const auto number = [](const auto& known) -> std::uint64_t {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(known)>, api_key>)
      return known.number;
    else
      return known.number.value;
  };
  return {object.index(), std::visit(number, object)};
}

} // namespace croupier::persistence
