#pragma once

#include "engine/event_mapping.hpp"
#include "http/json.hpp"

#include <string_view>

namespace croupier::http {

/// The value's form as the mapping engine sees it.
event_value event_value_of(const json::value* value) noexcept;

/// An event that came as JSON. The document is the caller's. A member whose name holds a dot cannot be reached.
class json_event final : public event_tree {
public:
  explicit json_event(const json::value& root) noexcept : root_(root) {}
  event_value at(std::string_view path) const override;

private:
  const json::value& root_;
};

} // namespace croupier::http
