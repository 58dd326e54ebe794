#include "http/events/outcomes.hpp"

#include "engine/check.hpp"

#include <algorithm>
#include <variant>

namespace croupier::http {

std::optional<actors::failure> common_failure(const std::vector<actors::outcome>& outcomes) {
  const auto* first = outcomes.empty() ? nullptr : std::get_if<actors::failure>(&outcomes.front());
  const auto is_the_same = [first](const actors::outcome& each) {
    const auto* other = std::get_if<actors::failure>(&each);
    return other != nullptr && *other == *first;
  };
  if (first == nullptr || !std::all_of(outcomes.begin(), outcomes.end(), is_the_same)) return std::nullopt;
  return *first;
}

std::optional<actors::failure> first_failure(const std::vector<actors::outcome>& outcomes) noexcept {
  for (const auto& each : outcomes)
    if (const auto* why = std::get_if<actors::failure>(&each)) return *why;
  return std::nullopt;
}

bool are_final(const std::vector<actors::outcome>& outcomes) noexcept {
  return !first_failure(outcomes);
}

error_kind kind_of(actors::failure why) {
  switch (why) {
  case actors::failure::overloaded:
  case actors::failure::stopping: return error_kind::overloaded;
  case actors::failure::journal_unavailable: return error_kind::storage_unavailable;
  case actors::failure::deadline_passed: return error_kind::deadline_passed;
  }
  ::croupier::detail::invariant_failed("why in failure", __FILE__, __LINE__, "a failure is none of its names");
}

std::string_view words_of(rejection why) {
  switch (why) {
  case rejection::metric_unknown: return "a mapping changes a metric that is archived";
  case rejection::value_out_of_range: return "a balance of the player would leave the range that can be held";
  case rejection::integer_value_invalid:
  case rejection::decimal_value_invalid: return "a value is not a number that can be held";
  case rejection::brand_unknown:
  case rejection::player_unknown:
  case rejection::click_unknown:
  case rejection::player_duplicate:
  case rejection::request_duplicate: break;
  }
  ::croupier::detail::invariant_failed("why in rejection", __FILE__, __LINE__, "an event is not refused for this");
}

std::string_view words_of(actors::failure why) {
  switch (why) {
  case actors::failure::overloaded:
  case actors::failure::stopping:
  case actors::failure::journal_unavailable: return "not recorded; try again";
  case actors::failure::deadline_passed: return "the outcome is not known yet; repeating the event with its id is safe";
  }
  ::croupier::detail::invariant_failed("why in failure", __FILE__, __LINE__, "a failure is none of its names");
}

} // namespace croupier::http
