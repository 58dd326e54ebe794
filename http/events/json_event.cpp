#include "http/events/json_event.hpp"

#include <algorithm>

namespace croupier::http {

event_value event_value_of(const json::value* value) noexcept {
  if (value == nullptr) return {};
  switch (value->type()) {
  case json::kind::null: return {};
  case json::kind::boolean: return {event_value::kind::boolean, value->truth() ? "true" : "false"};
  case json::kind::number: return {event_value::kind::number, value->text()};
  case json::kind::string: return {event_value::kind::text, value->text()};
  case json::kind::array:
  case json::kind::object: return {event_value::kind::structure, {}};
  }
  return {};
}

event_value json_event::at(std::string_view path) const {
  const json::value* found = &root_;
  while (found != nullptr && !path.empty()) {
    const auto end = std::min(path.find('.'), path.size());
    found = found->find(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return event_value_of(found);
}

} // namespace croupier::http
