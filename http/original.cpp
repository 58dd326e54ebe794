#include "http/original.hpp"

#include "engine/check.hpp"
#include "http/json.hpp"

#include <variant>

namespace croupier::http {

namespace {

/// Enough to find the mistake, little enough for a message.
constexpr std::size_t differences_named_max = 10;

} // namespace

std::vector<std::string> payload_differences(std::string_view original, std::string_view repeated, std::size_t limit) {
  if (original == repeated) return {};
  json::document first;
  json::document second;
  if (first.parse(original) || second.parse(repeated)) return {"body"};
  auto paths = json::differences(first.root(), second.root(), limit + 1);
  std::erase(paths, "requestId");
  std::erase(paths, "opening");
  if (paths.size() > limit) paths.resize(limit);
  return paths;
}

original_movement read_original(const actors::gateway& ledger, sequence original, std::string_view repeated_payload,
                                bool opening) {
  original_movement found{ledger.view().entry_at(original), {}};
  const auto* movement = std::get_if<movement_recorded>(&found.entry.entry.what);
  CROUPIER_ASSERT(movement != nullptr, "the original of a repeated request id is a movement");
  found.differing = payload_differences(movement->payload, repeated_payload, differences_named_max);
  if (movement->opening != opening) found.differing.emplace_back("opening");
  return found;
}

} // namespace croupier::http
