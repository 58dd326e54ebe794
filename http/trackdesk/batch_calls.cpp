#include "http/events/outcomes.hpp"
#include "http/json_texts.hpp"
#include "http/trackdesk/batch_report.hpp"
#include "http/trackdesk/calls.hpp"
#include "http/trackdesk/fields.hpp"
#include "http/trackdesk/line_splitter.hpp"
#include "http/trackdesk/movement_call.hpp"
#include "http/trackdesk/requests.hpp"

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace croupier::http::trackdesk {

namespace {

using clock = std::chrono::steady_clock;

/// Movements that are sent to the ledger in one go. What is refused before that waits in its place, so that the report
/// is in the order of the batch.
class movement_window {
public:
  explicit movement_window(movement_kind kind) noexcept : kind_(kind) {}

  /// For so many.
  void reserve(std::size_t count) {
    items_.reserve(count);
    movements_.reserve(count);
  }

  /// `payload` lives until the window is settled.
  void add(std::uint64_t index, std::string_view payload, result<actors::movement_request, api_error> parsed) {
    if (!parsed) {
      items_.push_back({index, {}, parsed.error()});
      return;
    }
    items_.push_back({index, payload, std::nullopt});
    movements_.push_back(std::move(parsed).value());
  }

  /// The same for a payload that ends with this call.
  void add_line(std::uint64_t index, std::string_view payload, result<actors::movement_request, api_error> parsed) {
    bytes_ += payload.size();
    add(index, parsed ? std::string_view(lines_.emplace_back(payload)) : std::string_view(), std::move(parsed));
  }

  std::size_t size() const noexcept { return items_.size(); }
  std::size_t bytes() const noexcept { return bytes_; }

  void send(actors::gateway& ledger) {
    if (!movements_.empty()) sent_ = ledger.submit(std::exchange(movements_, {}));
  }

  /// Waits for what was sent, reports it and gives what became of it, in order.
  std::vector<actors::outcome> settle(const actors::gateway& ledger, clock::time_point deadline, batch_report& report) {
    auto outcomes = sent_ ? sent_->wait(deadline) : std::vector<actors::outcome>{};
    std::size_t next = 0;
    for (const item& each : items_) {
      if (each.refused)
        report.refused(each.index, *each.refused);
      else
        tell(ledger, each, outcomes[next++], report);
    }
    return outcomes;
  }

  /// Reports it without sending it: what is not refused anyway is refused for that.
  void refuse(const api_error& error, batch_report& report) const {
    for (const item& each : items_) report.refused(each.index, each.refused ? *each.refused : error);
  }

private:
  struct item {
    std::uint64_t index = 0;
    std::string_view payload;
    std::optional<api_error> refused;
  };

  void tell(const actors::gateway& ledger, const item& each, const actors::outcome& outcome,
            batch_report& report) const {
    if (const auto* receipt = std::get_if<actors::receipt>(&outcome)) {
      report.accepted(each.index, receipt->at);
      return;
    }
    const api_error error = *problem_with(ledger, outcome, each.payload, kind_);
    const auto* no = std::get_if<actors::refusal>(&outcome);
    if (no != nullptr && no->why == rejection::request_duplicate)
      report.duplicate(each.index, error);
    else
      report.refused(each.index, error);
  }

  movement_kind kind_;
  std::vector<item> items_;
  std::deque<std::string> lines_;                   ///< payloads that items look at, which stay where they are
  std::vector<actors::movement_request> movements_; ///< those not refused, until they are sent
  std::optional<actors::submission> sent_;
  std::size_t bytes_ = 0;
};

const api_error& too_long() {
  static const api_error error = field_error("body", "has more than 1048576 bytes");
  return error;
}

/// The movements of a JSON batch, with the very bytes that each was sent as.
struct batch_items {
  std::span<const json::value> values;
  std::vector<std::string_view> texts;
};

result<batch_items, api_error> read_batch(std::string_view body, const json::value& root) {
  complaint problems;
  const object_reader fields(&root, nullptr, problems);
  batch_items items;
  items.values = fields.required_list("movements", 1, batch_movements_max);
  if (!problems.empty()) return api_error{400, grpc_code::invalid_argument, problems.text()};
  items.texts = json::item_texts(body, root, "movements");
  return items;
}

response record_json_batch(actors::gateway& ledger, const request& req, movement_kind kind, batch_report& report) {
  json::document document;
  if (const auto error = parse_object(req.body, document)) return to_response(*error);
  const auto batch = read_batch(req.body, document.root());
  if (!batch) return to_response(batch.error());
  movement_window window(kind);
  window.reserve(batch->values.size());
  for (std::size_t i = 0; i < batch->values.size(); ++i) {
    const std::string_view text = batch->texts[i];
    if (text.size() > movement_bytes_max)
      window.add(i, text, too_long());
    else
      window.add(i, text, to_movement(req, batch->values[i], text, kind));
  }
  window.send(ledger);
  // When the ledger took none of it, the whole call is answered so: the client's retry logic looks at the status.
  if (const auto failure = common_failure(window.settle(ledger, req.deadline, report)))
    return to_response(describe(*failure));
  response answer;
  answer.body = report.finish();
  return answer;
}

/// A stream of movements, one a line, recorded while it arrives: windows are sent as soon as they are full or the input
/// pauses. The next one is read while one is on its way, and sent when that is answered: what the ledger asks to have
/// sent again (a player was asleep, a look-up grew old) must not come behind the lines that follow it. For the same
/// reason nothing is recorded any more behind a window in which the ledger failed: who sends the refused lines again
/// keeps their order, which matters where values are absolute.
class movement_stream {
public:
  movement_stream(actors::gateway& ledger, const request& req, movement_kind kind, batch_report& report)
      : ledger_(ledger), req_(req), kind_(kind), report_(report), allowance_(req.deadline - clock::now()) {}

  /// Reads the stream to its end; false when it broke off.
  bool run() {
    line_splitter lines(movement_bytes_max);
    const auto take = [this](const line_splitter::line& line) { add(line); };
    for (auto piece = req_.stream->next(); !piece.empty(); piece = req_.stream->next()) {
      lines.feed(piece, take);
      send();
    }
    const bool whole = !req_.stream->failed();
    // What a broken stream ends in may be half a line.
    if (whole) lines.finish(take);
    send();
    settle();
    return whole;
  }

private:
  static constexpr std::size_t window_lines_max = 512;
  static constexpr std::size_t window_bytes_max = 1U << 20U;

  void add(const line_splitter::line& line) {
    const bool blank = line.text.find_first_not_of(" \t\r") == std::string_view::npos;
    if (blank && !line.too_long) return;
    filling_.add_line(line.index, line.text, line.too_long ? too_long() : parse(line.text));
    if (filling_.size() == window_lines_max || filling_.bytes() >= window_bytes_max) send();
  }

  result<actors::movement_request, api_error> parse(std::string_view line) const {
    json::document document;
    if (auto error = parse_object(line, document)) return std::move(*error);
    return to_movement(req_, document.root(), line, kind_);
  }

  void send() {
    if (filling_.size() == 0) return;
    settle();
    auto window = std::exchange(filling_, movement_window(kind_));
    if (failed_) {
      window.refuse(describe(*failed_), report_);
      return;
    }
    window.send(ledger_);
    in_flight_.emplace(std::move(window));
  }

  void settle() {
    if (!in_flight_) return;
    // A stream has no end that a deadline could be set for: each window has the time that a call has.
    failed_ = first_failure(in_flight_->settle(ledger_, clock::now() + allowance_, report_));
    in_flight_.reset();
  }

  actors::gateway& ledger_;
  const request& req_;
  movement_kind kind_;
  batch_report& report_;
  clock::duration allowance_;
  movement_window filling_{kind_};
  std::optional<movement_window> in_flight_;
  std::optional<actors::failure> failed_; ///< in a window; the rest of the stream is refused for it
};

response record_stream(actors::gateway& ledger, const request& req, movement_kind kind, batch_report& report) {
  response answer;
  if (movement_stream(ledger, req, kind, report).run()) {
    answer.body = report.finish();
    return answer;
  }
  api_error error = field_error("body", "the stream broke off; details say what became of the whole lines before");
  error.details = "[" + report.finish() + "]";
  return to_response(error);
}

response record_all(actors::gateway& ledger, const request& req, movement_kind kind) {
  const auto listed = req.query("results");
  if (listed && *listed != "all") return to_response(field_error("results", "must be all"));
  batch_report report(ledger.view().key(), listed.has_value());
  return req.stream == nullptr ? record_json_batch(ledger, req, kind, report)
                               : record_stream(ledger, req, kind, report);
}

} // namespace

response record_batch(actors::gateway& ledger, const request& req) {
  return record_all(ledger, req, movement_kind::played);
}

response open_balances(actors::gateway& ledger, const request& req) {
  return record_all(ledger, req, movement_kind::opening);
}

} // namespace croupier::http::trackdesk
