#pragma once

#include "http/json.hpp"
#include "support/catch.hpp"
#include "support/raw_http.hpp"
#include "support/running_ledger.hpp"
#include "support/test_ledger.hpp"
#include "tests/http/receiver.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// What the tests of destinations share.
namespace croupier::test {

/// Quick to try again, and allowed to reach this machine.
inline http::deliver::delivery_options quick_deliveries() {
  http::deliver::delivery_options options;
  options.allow_private = true;
  options.first_pause = std::chrono::milliseconds(5);
  options.longest_pause = std::chrono::milliseconds(40);
  options.connect_timeout = std::chrono::milliseconds(1'000);
  options.answer_timeout = std::chrono::milliseconds(150);
  options.attempt_timeout = std::chrono::milliseconds(400);
  return options;
}

inline const std::string destination_id = "5d1f0c2a-0008-4000-8000-000000000001";

inline destination webhook_to(const std::string& url) {
  destination made;
  made.number = {1};
  made.id = *uuid::parse(destination_id);
  made.name = "Warehouse";
  made.kind = destination_kind::webhook;
  made.target = url;
  made.secret = "a secret of the test";
  return made;
}

inline sequence put(running_ledger& ledger, workspace_object object) {
  const auto made = ledger.gateway().change_workspace({std::move(object)}, "test", test_ledger::soon());
  REQUIRE(std::holds_alternative<actors::receipt>(made));
  return std::get<actors::receipt>(made).at;
}

inline std::uint64_t newest(running_ledger& ledger) {
  return ledger.gateway().view().durable().value;
}

/// The sequences of the entries in a JSON text that has them one after another.
inline std::vector<std::uint64_t> sequences_in(std::string_view text) {
  constexpr std::string_view mark = "{\"sequence\":";
  std::vector<std::uint64_t> found;
  for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1))
    found.push_back(std::stoull(std::string(text.substr(at + mark.size(), 20))));
  return found;
}

/// The sequences of everything that the receiver took, in order.
inline std::vector<std::uint64_t> sequences_taken(const receiver& from) {
  std::vector<std::uint64_t> found;
  for (const auto& each : from.taken())
    for (const auto at : sequences_in(each.body)) found.push_back(at);
  return found;
}

inline std::vector<std::uint64_t> range(std::uint64_t first, std::uint64_t last) {
  std::vector<std::uint64_t> all;
  for (; first <= last; ++first) all.push_back(first);
  return all;
}

inline std::string status_of(running_ledger& ledger, const std::string& member,
                             const std::string& id = destination_id) {
  http::request req;
  req.path_parameters = {{"destinationId", id}};
  req.ws = ledger.gateway().view().current_workspace();
  const auto answer = ledger.deliveries().show(req);
  return reply{answer.status, answer.body, {}}.at(member);
}

} // namespace croupier::test
