#include "cli/importer.hpp"

#include "cli/answers.hpp"
#include "cli/persistent_call.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace croupier::cli {
namespace {

namespace json = boost::json;

// A batch is one request: large enough that its round trip does not count, small enough that progress is seen.
constexpr std::size_t batch_lines_max = 2'000;
constexpr std::size_t batch_bytes_max = 1U << 20;

// The server makes registrations durable in groups, so several at a time cost hardly more than one.
constexpr std::size_t registering_threads = 8;

constexpr int grpc_deadline_exceeded = 4;
constexpr int grpc_unavailable = 14;

/// What the report says of one movement that was not accepted.
struct reported {
  std::size_t index = 0;
  bool duplicate = false;
  bool mismatch = false;
  bool passing = false;
  std::string message;
};

std::optional<reported> read_result(const json::value& value) {
  const json::object* result = value.if_object();
  if (result == nullptr) return std::nullopt;
  const json::value* index = result->if_contains("index");
  const json::value* status = result->if_contains("status");
  if (index == nullptr || !index->is_number() || status == nullptr || !status->is_string()) return std::nullopt;
  reported item;
  item.index = index->to_number<std::size_t>();
  item.duplicate = status->get_string() == "duplicate";
  const json::value* error = result->if_contains("error");
  if (error == nullptr || !error->is_object()) return item;
  const json::value* code = error->get_object().if_contains("code");
  const json::value* message = error->get_object().if_contains("message");
  if (message != nullptr && message->is_string()) item.message = message->get_string();
  const auto number = code != nullptr && code->is_number() ? code->to_number<int>() : 0;
  item.passing = !item.duplicate && (number == grpc_deadline_exceeded || number == grpc_unavailable);
  const json::value* details = error->get_object().if_contains("details");
  if (details == nullptr || !details->is_array() || details->get_array().empty()) return item;
  const json::object* first = details->get_array().front().if_object();
  const json::value* mismatch = first != nullptr ? first->if_contains("payloadMismatch") : nullptr;
  item.mismatch = mismatch != nullptr && mismatch->is_bool() && mismatch->get_bool();
  return item;
}

} // namespace

importer::importer(server_access access, registration_wish wish, import_kind kind)
    : access_(std::move(access)), wish_(std::move(wish)), kind_(kind), client_(access_) {}

import_summary importer::run(movement_source& source, const progress& show) {
  import_item item;
  bool going = true;
  while (going && source.next(item)) {
    ++summary_.lines;
    if (item.problem.empty()) {
      if (!batch_.lines.empty() && batch_.kind != kind_of(item)) going = flush();
      add(std::move(item));
    } else {
      note_error(item.line, item.problem);
    }
    if (!going || !full()) continue;
    going = flush();
    show(summary_, source.bytes_read());
  }
  if (going) going = flush();
  if (going && !source.broken().empty()) stop(source.broken());
  show(summary_, source.bytes_read());
  return std::move(summary_);
}

import_kind importer::kind_of(const import_item& item) const noexcept {
  return item.opening ? import_kind::opening_balances : kind_;
}

void importer::add(import_item&& item) {
  batch_.kind = kind_of(item);
  if (wish_.any() && met_.insert(item.brand + '/' + item.player).second)
    batch_.new_players.push_back({item.brand, item.player});
  batch_.bytes += item.body.size() + 1;
  batch_.lines.push_back({item.line, std::move(item.body)});
}

bool importer::full() const noexcept {
  return batch_.lines.size() >= batch_lines_max || batch_.bytes >= batch_bytes_max;
}

bool importer::stop(std::string why) {
  summary_.stopped = std::move(why);
  return false;
}

void importer::note_error(std::uint64_t line_number, std::string what) {
  ++summary_.errors;
  if (summary_.first_errors.size() < import_summary::errors_kept)
    summary_.first_errors.emplace_back(line_number, std::move(what));
}

bool importer::flush() {
  const bool sent = batch_.lines.empty() || (register_players() && send_lines());
  batch_ = {};
  return sent;
}

bool importer::make_click() {
  const auto answer = call_until_judged([&] { return client_.get("/track/click/" + wish_.link); }, false);
  if (!answer) return stop(answer.error());
  wish_.click = click_of(answer->location);
  if (!wish_.click.empty()) return true;
  return stop("no click could be made on link " + wish_.link + ": " + answer->message());
}

std::string importer::registration_of(const player& who) const {
  return json::serialize(json::object{{"externalId", who.id}, {"revenueOriginId", who.brand}, {"cid", wish_.click}});
}

bool importer::register_players() {
  const std::vector<player>& players = batch_.new_players;
  if (players.empty()) return true;
  if (wish_.click.empty() && !make_click()) return false;
  std::atomic<std::size_t> next{0};
  std::atomic<std::uint64_t> registered{0};
  std::mutex failing;
  std::string failure;
  const auto work = [&] {
    api_client client(access_);
    for (std::size_t i = next++; i < players.size(); i = next++) {
      const std::string body = registration_of(players[i]);
      const auto answer = call_until_judged([&] { return client.post("/tracking/client/v1", body); }, true);
      // A player that is known, or whose name the ledger refuses, is no reason to stop: its movements say so.
      if (answer && (answer->status == 409 || answer->status == 400)) continue;
      if (answer && answer->status == 200) {
        ++registered;
        continue;
      }
      const std::lock_guard lock(failing);
      failure =
          "player '" + players[i].id + "' could not be registered: " + (answer ? answer->message() : answer.error());
      next = players.size();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < std::min(registering_threads, players.size()); ++i) threads.emplace_back(work);
  }
  summary_.registered += registered;
  return failure.empty() || stop(failure);
}

bool importer::send_lines() {
  const std::string path = batch_.kind == import_kind::opening_balances
                               ? "/tracking/clients/v1/metrics/opening-balances/batch"
                               : "/tracking/clients/v1/metrics/movements/batch";
  std::vector<line> lines = std::move(batch_.lines);
  patience left;
  for (;;) {
    std::string body;
    for (const line& one : lines) body.append(one.body).push_back('\n');
    const bool expect_reachable = summary_.accepted + summary_.duplicates + summary_.registered > 0;
    const auto answer =
        call_until_judged([&] { return client_.post(path, body, "application/x-ndjson"); }, expect_reachable);
    if (!answer) return stop(answer.error());
    if (answer->status != 200) return stop("the server refused a batch: " + answer->message());
    std::vector<line> again;
    batch_.lines = std::move(lines);
    if (!take_report(answer->body, again)) return false;
    if (again.empty()) return true;
    if (again.size() < batch_.lines.size()) left = {};
    if (!left.wait()) return stop("the server has no room for more movements; those before are in the ledger");
    lines = std::move(again);
  }
}

bool importer::take_report(const std::string& body, std::vector<line>& again) {
  boost::system::error_code error;
  const json::value parsed = json::parse(body, error);
  const json::object* report = error ? nullptr : parsed.if_object();
  const json::value* results = report != nullptr ? report->if_contains("results") : nullptr;
  if (results == nullptr || !results->is_array()) return stop("the answer to a batch is not one of Croupier");
  std::uint64_t accepted = batch_.lines.size();
  for (const json::value& value : results->get_array()) {
    auto item = read_result(value);
    if (!item || item->index >= batch_.lines.size()) return stop("the answer to a batch is not one of Croupier");
    line& about = batch_.lines[item->index];
    --accepted;
    if (item->passing) {
      again.push_back(std::move(about));
    } else if (item->duplicate) {
      ++summary_.duplicates;
      summary_.mismatches += item->mismatch ? 1 : 0;
    } else {
      note_error(about.number, std::move(item->message));
    }
  }
  summary_.accepted += accepted;
  return true;
}

} // namespace croupier::cli
