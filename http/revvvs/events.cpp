#include "http/revvvs/events.hpp"

#include "http/errors.hpp"
#include "http/events/outcomes.hpp"
#include "http/json_texts.hpp"
#include "http/original.hpp"
#include "http/revvvs/event_body.hpp"
#include "http/when_answered.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace croupier::http::revvvs {

namespace {

/// What became of one event.
struct event_result {
  enum class state : std::uint8_t { accepted, duplicate, error };
  state status = state::accepted;
  sequence at; ///< accepted, duplicate: the entry that holds it
  bool payload_mismatch = false;
  event_error error;
};

/// One event of a call: where its text is in the body, and what was wrong with it before the ledger was asked.
struct event_item {
  std::string_view text; ///< in `event_call::body`
  std::string idempotency_key;
  std::optional<event_error> refused;
};

/// A call on its way. It owns the body: answers are made when the request is gone.
struct event_call {
  explicit event_call(std::string_view sent) : body(sent) {}
  event_call(const event_call&) = delete;
  event_call& operator=(const event_call&) = delete;

  const std::string body;
  bool batch = false;
  std::vector<event_item> items;
  std::vector<actors::movement_request> movements; ///< of the items that are not refused, until they are sent
};

void write_error(json::writer& out, const event_error& error) {
  out.begin_object().key("error").begin_object();
  out.key("code").string(error.code).key("message").string(error.message).key("details").begin_array();
  for (const auto& each : error.details)
    out.begin_object().key("field").string(each.field).key("message").string(each.message).end_object();
  out.end_array().end_object().end_object();
}

response refuse(const event_error& error) {
  response answer;
  answer.status = 400;
  json::writer out(answer.body);
  write_error(out, error);
  return answer;
}

event_error describe(actors::failure why) {
  const bool unknown = why == actors::failure::deadline_passed;
  return {unknown ? "DEADLINE_EXCEEDED" : "UNAVAILABLE", std::string(words_of(why)), {}};
}

event_result result_of(const actors::gateway& ledger, const actors::outcome& outcome, std::string_view text) {
  event_result result;
  if (const auto* receipt = std::get_if<actors::receipt>(&outcome)) {
    result.at = receipt->at;
    return result;
  }
  const auto* no = std::get_if<actors::refusal>(&outcome);
  if (no != nullptr && no->why == rejection::request_duplicate) {
    result.status = event_result::state::duplicate;
    result.at = no->original;
    result.payload_mismatch = !read_original(ledger, no->original, text).differing.empty();
    return result;
  }
  result.status = event_result::state::error;
  if (no != nullptr)
    result.error.message = words_of(no->why);
  else
    result.error = describe(*std::get_if<actors::failure>(&outcome));
  return result;
}

void write_result(json::writer& out, const folder_key& key, const event_item& item, const event_result& result) {
  out.begin_object();
  if (result.status != event_result::state::error)
    out.key("event_id").string(make_id(key, id_kind::movement, result.at.value).text());
  out.key("idempotency_key").string(item.idempotency_key);
  switch (result.status) {
  case event_result::state::accepted: out.key("status").string("accepted"); break;
  case event_result::state::duplicate:
    out.key("status").string("duplicate").key("payload_mismatch").boolean(result.payload_mismatch);
    break;
  case event_result::state::error:
    out.key("status").string("error").key("error").begin_object();
    out.key("code").string(result.error.code).key("message").string(result.error.message);
    if (!result.error.details.empty()) out.key("field").string(result.error.details.front().field);
    out.end_object();
    break;
  }
  out.end_object();
}

struct event_counts {
  std::size_t accepted = 0;
  std::size_t duplicates = 0;
  std::size_t errors = 0;

  int status() const noexcept { return accepted > 0 ? 202 : errors > 0 ? 400 : 200; }
};

response answer_single(const actors::gateway& ledger, const event_item& item, const event_result& result) {
  if (result.status == event_result::state::error) return refuse(result.error);
  response answer;
  answer.status = result.status == event_result::state::duplicate ? 200 : 202;
  json::writer out(answer.body);
  write_result(out.begin_object().key("result"), ledger.view().key(), item, result);
  out.end_object();
  return answer;
}

response answer_batch(const actors::gateway& ledger, const event_call& call, const std::vector<event_result>& results) {
  std::string listed;
  json::writer rows(listed);
  rows.begin_array();
  event_counts counts;
  for (std::size_t i = 0; i < results.size(); ++i) {
    switch (results[i].status) {
    case event_result::state::accepted: ++counts.accepted; break;
    case event_result::state::duplicate: ++counts.duplicates; break;
    case event_result::state::error: ++counts.errors; break;
    }
    write_result(rows, ledger.view().key(), call.items[i], results[i]);
  }
  rows.end_array();
  response answer;
  answer.status = counts.status();
  json::writer out(answer.body);
  out.begin_object().key("summary").begin_object();
  out.key("total").unsigned_integer(results.size()).key("accepted").unsigned_integer(counts.accepted);
  out.key("duplicates").unsigned_integer(counts.duplicates).key("errors").unsigned_integer(counts.errors);
  out.end_object().key("results").raw(listed).end_object();
  return answer;
}

response answer_call(const actors::gateway& ledger, const event_call& call,
                     const std::vector<actors::outcome>& outcomes) {
  if (const auto failure = common_failure(outcomes)) return error_response(error_style::revvvs, kind_of(*failure));
  std::vector<event_result> results;
  results.reserve(call.items.size());
  std::size_t next = 0;
  for (const auto& item : call.items) {
    if (item.refused)
      results.push_back({event_result::state::error, {}, false, *item.refused});
    else
      results.push_back(result_of(ledger, outcomes[next++], item.text));
  }
  return call.batch ? answer_batch(ledger, call, results) : answer_single(ledger, call.items.front(), results.front());
}

void add(const request& req, event_call& call, const json::value& root, std::string_view text) {
  event_item item{text, std::string(idempotency_key_of(root)), std::nullopt};
  if (auto event = to_event(req, root, text))
    call.movements.push_back(std::move(event).value());
  else
    item.refused = event.error();
  call.items.push_back(std::move(item));
}

event_error about_events(std::string_view code, std::string_view what) {
  return {code, "events " + std::string(what), {{"events", std::string(what)}}};
}

/// Takes the call apart; what is wrong with it as a whole.
std::optional<event_error> read_call(const request& req, event_call& call) {
  json::document document;
  if (const auto error = document.parse(call.body))
    return event_error{
        "VALIDATION_ERROR", "the body is not valid JSON: " + error->what + " at byte " + std::to_string(error->at), {}};
  const auto& root = document.root();
  if (!root.is_object()) return event_error{"VALIDATION_ERROR", "the body must be a JSON object", {}};
  const auto* events = root.find("events");
  if (events == nullptr) {
    add(req, call, root, call.body);
    return std::nullopt;
  }
  call.batch = true;
  if (!events->is_array()) return about_events("VALIDATION_ERROR", "must be an array");
  if (events->items().empty()) return about_events("VALIDATION_ERROR", "must not be empty");
  if (events->items().size() > events_max)
    return about_events("BATCH_TOO_LARGE", "must not be more than " + std::to_string(events_max));
  const auto texts = json::item_texts(call.body, root, "events");
  call.items.reserve(texts.size());
  call.movements.reserve(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) add(req, call, events->items()[i], texts[i]);
  return std::nullopt;
}

} // namespace

response take_events(actors::gateway& ledger, const request& req) {
  const auto call = std::make_shared<event_call>(req.body);
  if (const auto error = read_call(req, *call)) return refuse(*error);
  if (call->movements.empty()) return answer_call(ledger, *call, {});
  return when_all_answered(
      ledger.submit(std::exchange(call->movements, {})),
      [&ledger, call](const std::vector<actors::outcome>& outcomes) { return answer_call(ledger, *call, outcomes); });
}

} // namespace croupier::http::revvvs
