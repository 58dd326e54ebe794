#pragma once

#include "engine/check.hpp"

#include <utility>
#include <variant>

namespace croupier {

/// A value or the error that took its place: the part of C++23's std::expected that we use, until the toolchain has it.
template<class T, class E>
class [[nodiscard]] result {
public:
  result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  result(E error) : content_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const noexcept { return content_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & { return *checked<0>(content_); }
  const T& value() const& { return *checked<0>(content_); }
  T&& value() && { return std::move(*checked<0>(content_)); }
  const E& error() const { return *checked<1>(content_); }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

private:
  template<std::size_t Index, class Variant>
  static auto checked(Variant& content) {
    auto* held = std::get_if<Index>(&content);
    CROUPIER_ASSERT(held != nullptr, "a result was asked for what it does not hold");
    return held;
  }

  std::variant<T, E> content_;
};

/// The value of a result that carries none.
struct done {};

} // namespace croupier
