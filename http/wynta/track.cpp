#include "http/wynta/track.hpp"

#include "http/errors.hpp"
#include "http/events/outcomes.hpp"
#include "http/json_texts.hpp"
#include "http/when_answered.hpp"
#include "http/wynta/event_body.hpp"
#include "http/wynta/validation.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace croupier::http::wynta {

namespace {

struct event_item {
  std::string id; ///< for what is told of it; empty: null
  std::optional<event_error> refused;
};

/// A call on its way; answers are made when the request is gone.
struct track_call {
  std::vector<event_item> items;
  std::vector<actors::movement_request> movements; ///< of the items that are not refused, until they are sent
};

std::optional<event_error> error_of(const actors::outcome& outcome) {
  if (std::holds_alternative<actors::receipt>(outcome)) return std::nullopt;
  if (const auto* why = std::get_if<actors::failure>(&outcome)) {
    const bool unknown = *why == actors::failure::deadline_passed;
    return event_error{unknown ? "DEADLINE_EXCEEDED" : "UNAVAILABLE", std::string(words_of(*why))};
  }
  const auto why = std::get<actors::refusal>(outcome).why;
  if (why == rejection::request_duplicate) return std::nullopt;
  return event_error{"INVALID_VALUE", std::string(words_of(why))};
}

response answer_call(const track_call& call, const std::vector<actors::outcome>& outcomes) {
  if (const auto failure = common_failure(outcomes)) return error_response(error_style::wynta, kind_of(*failure));
  std::string errors;
  json::writer rows(errors);
  rows.begin_array();
  std::size_t rejected = 0;
  std::size_t next = 0;
  for (std::size_t i = 0; i < call.items.size(); ++i) {
    const auto& item = call.items[i];
    const auto error = item.refused ? item.refused : error_of(outcomes[next++]);
    if (!error) continue;
    ++rejected;
    rows.begin_object().key("index").unsigned_integer(i).key("event_id");
    if (item.id.empty())
      rows.raw("null");
    else
      rows.string(item.id);
    rows.key("code").string(error->code).key("message").string(error->message).end_object();
  }
  rows.end_array();
  response answer;
  answer.status = 202;
  json::writer out(answer.body);
  out.begin_object().key("accepted").unsigned_integer(call.items.size() - rejected);
  out.key("rejected").unsigned_integer(rejected).key("errors").raw(errors).end_object();
  return answer;
}

/// What is wrong with the list of events as such; nothing when each may be looked at.
std::vector<validation_error> list_problem(const json::value* events) {
  const std::vector<std::string> loc{"body", "events"};
  if (events == nullptr) return {missing_field(loc)};
  if (!events->is_array()) return {{loc, "Input should be a valid list", "list_type", shown_input(*events)}};
  const auto size = std::to_string(events->items().size());
  if (events->items().empty())
    return {{loc, "List should have at least 1 item after validation, not 0", "too_short", "[]",
             R"({"field_type":"List","min_length":1,"actual_length":0})"}};
  if (events->items().size() <= events_max) return {};
  const auto most = std::to_string(events_max);
  return {{loc, "List should have at most " + most + " items after validation, not " + size, "too_long", "null",
           R"({"field_type":"List","max_length":)" + most + R"(,"actual_length":)" + size + "}"}};
}

} // namespace

response track_events(actors::gateway& ledger, const request& req, const std::shared_ptr<answer_mark>& mark) {
  json::document document;
  if (const auto errors = parse_body(req.body, document); !errors.empty()) return to_response(errors);
  const auto* events = document.root().find("events");
  if (const auto errors = list_problem(events); !errors.empty()) return to_response(errors);
  const auto call = std::make_shared<track_call>();
  const auto texts = json::item_texts(req.body, document.root(), "events");
  call->items.reserve(texts.size());
  call->movements.reserve(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto& root = events->items()[i];
    event_item item{std::string(event_id_of(root)), std::nullopt};
    if (auto event = to_event(req, root, texts[i]))
      call->movements.push_back(std::move(event).value());
    else
      item.refused = event.error();
    call->items.push_back(std::move(item));
  }
  if (call->movements.empty()) return answer_call(*call, {});
  return when_all_answered(ledger.submit(std::exchange(call->movements, {})),
                           [call, mark](const std::vector<actors::outcome>& outcomes) {
                             mark->is_final = are_final(outcomes);
                             return answer_call(*call, outcomes);
                           });
}

} // namespace croupier::http::wynta
