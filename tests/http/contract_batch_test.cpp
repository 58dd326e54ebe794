#include "contract_parts.hpp"
#include "support/test_ledger.hpp"

#include <string>
#include <vector>

using namespace croupier::test;

namespace {

std::string batch_of(const std::vector<std::string>& movements) {
  std::string body = R"({"note":"[{\"x\":[1,2]}]","movements":[)";
  for (std::size_t i = 0; i < movements.size(); ++i) body += (i == 0 ? " " : " ,\n ") + movements[i];
  return body + " ],\"more\":[1,{}]}";
}

reply newest(api_client& api, int limit, const std::string& external_id = "p") {
  return api.post(movements_path,
                  R"({"pagination":{"limit":)" + std::to_string(limit) +
                      R"(,"offset":0},"filters":{"clientExternalIds":[")" + external_id +
                      R"("],"timeRange":{"from":"2020-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z"}}})");
}

reply send_lines(api_client& api, const std::string& lines, const std::string& query = "") {
  return api.send("POST", batch_path + query, lines, "application/x-ndjson");
}

} // namespace

TEST_CASE("each movement of a batch stands on its own, in order, with its own bytes") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("p");
  api.register_player("q");
  REQUIRE(api.record("p", "old", {{"ngr", "+1"}}).status == 200);
  const std::string odd_bytes =
      R"({ "externalClientId" : "q" , "revenueOriginId":"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11",)"
      R"( "metrics":[{"code":"ngr","valueType":"CLIENT_METRIC_VALUE_TYPE_ABSOLUTE","value":"7.0"}], "x":"\u0041]}" })";
  const auto answer = api.post(
      batch_path, batch_of({movement_body("p", "a", {{"ngr", "+10"}}), movement_body("p", "b", {{"ngr", "=2"}}),
                            movement_body("p", "old", {{"ngr", "+1"}}), movement_body("p", "old", {{"ngr", "+9"}}),
                            movement_body("p", "a", {{"ngr", "+10"}}), movement_body("nobody", "", {{"ngr", "+1"}}),
                            movement_body("p", "", {{"bets", "+1.5"}}), "7", "{}", odd_bytes,
                            movement_body("p", "c", {{"ngr", "+1"}})}));
  CHECK(answer.status == 200);
  CHECK(answer.at("summary.total") == "11");
  CHECK(answer.at("summary.accepted") == "4");
  CHECK(answer.at("summary.duplicates") == "3");
  CHECK(answer.at("summary.errors") == "4");
  CHECK(answer.at("results") == "[7]");
  struct row {
    std::string index;
    std::string status;
    std::string message;
    std::string mismatch;
  };
  const std::vector<row> expected{{"2", "duplicate", "duplicate metric movement request", "false"},
                                  {"3", "duplicate", "duplicate metric movement request", "true"},
                                  {"4", "duplicate", "duplicate metric movement request", "false"},
                                  {"5", "error", "client not found", "absent"},
                                  {"6", "error", "invalid integer metric value", "absent"},
                                  {"7", "error", "body: must be a JSON object", "absent"},
                                  {"8", "error", "externalClientId: is required", "absent"}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::string place = "results." + std::to_string(i) + ".";
    CHECK(answer.at(place + "index") == expected[i].index);
    CHECK(answer.at(place + "status") == expected[i].status);
    CHECK(answer.at(place + "error.message") == expected[i].message);
    CHECK(answer.at(place + "error.details.0.payloadMismatch") == expected[i].mismatch);
  }
  const auto of_p = newest(api, 4, "p");
  CHECK(of_p.at("rows.2.requestId") == "a");
  CHECK(of_p.at("rows.1.requestId") == "b");
  CHECK(of_p.at("rows.1.decimalMetrics.0.delta") == "-9.00");
  CHECK(of_p.at("rows.0.requestId") == "c");
  CHECK(of_p.at("rows.0.decimalMetrics.0.balanceAfter") == "3.00");
  const auto of_q = newest(api, 4, "q");
  CHECK(of_q.at("rows") == "[1]");
  CHECK(of_q.at("rows.0.requestData") == odd_bytes);
  CHECK(of_q.at("rows.0.decimalMetrics.0.value") == "7.0");
}

TEST_CASE("a batch lists everything when asked to") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("p");
  const auto answer =
      api.post(batch_path + "?results=all",
               batch_of({movement_body("p", "a", {{"ngr", "+1"}}), movement_body("p", "a", {{"ngr", "+1"}})}));
  CHECK(answer.at("results") == "[2]");
  CHECK(answer.at("results.0.status") == "accepted");
  CHECK(answer.at("results.0.movementId") == newest(api, 1).at("rows.0.id"));
  CHECK(answer.at("results.0.error") == "absent");
  CHECK(answer.at("results.1.status") == "duplicate");
  CHECK(answer.at("results.1.error.details.0.movementId") == answer.at("results.0.movementId"));
}

TEST_CASE("a stream is applied in the order of its lines, whatever the pieces are and though its player sleeps") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  {
    api_client api(ledger);
    api.register_player("p");
  }
  ledger.restart(); // nobody is awake
  api_client api(ledger);
  constexpr int count = 40;
  const std::string pad(200'000, 'x'); // a line is longer than a piece, so that nearly every line is sent by itself
  std::string stream;
  for (int i = 1; i <= count; ++i)
    stream += "{\"pad\":\"" + pad + "\"," +
              movement_body("p", std::to_string(i), {{"bets", "=" + std::to_string(i)}}).substr(1) + "\n";
  const auto sent = api.send("POST", batch_path, stream, "application/x-ndjson");
  REQUIRE(sent.at("summary.accepted") == std::to_string(count));
  const auto listed = newest(api, count);
  for (int i = 0; i < count; ++i)
    CHECK(listed.at("rows." + std::to_string(i) + ".requestId") == std::to_string(count - i));
  CHECK(listed.at("rows.0.integerMetrics.0.balanceAfter") == std::to_string(count));
}

TEST_CASE("nothing of a stream is recorded behind lines that the ledger had no room for") {
  const temporary_folder folder;
  croupier::actors::gateway_options options;
  options.in_flight_max = 8;
  running_ledger ledger(folder.path(), options);
  api_client api(ledger);
  api.register_player("p");
  constexpr int count = 20; // more than there is room for, in one piece; then a line in a piece of its own
  std::string stream;
  for (int i = 1; i <= count; ++i) stream += movement_body("p", "", {{"bets", "=" + std::to_string(i)}}) + "\n";
  const std::string last = movement_body("p", "", {{"bets", "=99"}});
  const auto sent = send_lines(api, stream + "{\"pad\":\"" + std::string(200'000, 'x') + "\"," + last.substr(1) + "\n");
  REQUIRE(sent.at("results.0.status") == "error");
  CHECK(sent.at("results.0.error.message") == "the ledger is busy and nothing was applied: try again shortly");
  const auto first_refused = std::stoi(sent.at("results.0.index"));
  REQUIRE(first_refused < count);
  CHECK(sent.at("summary.accepted") == std::to_string(first_refused));
  CHECK(sent.at("summary.errors") == std::to_string(count + 1 - first_refused));
  CHECK(sent.at("results." + std::to_string(count - first_refused) + ".error.code") == "14");
  // The ledger has room again for who sends less at a time.
  CHECK(send_lines(api, last + "\n").at("summary.accepted") == "1");
}

TEST_CASE("a batch has its limits") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("p");
  const std::vector<std::string> full(1000, movement_body("p", "", {{"bets", "+1"}}));
  const auto answer = api.post(batch_path, batch_of(full));
  CHECK(answer.status == 200);
  CHECK(answer.at("summary.accepted") == "1000");
  CHECK(answer.at("results") == "[0]");
  CHECK(newest(api, 1).at("rows.0.integerMetrics.0.balanceAfter") == "1000");
  const std::string before = ledger.state();
  std::string large = movement_body("p", "", {{"bets", "+1"}});
  large = R"({"pad":")" + std::string(1 << 20, 'x') + "\"," + large.substr(1);
  const auto mixed = api.post(batch_path, batch_of({large, "{}"}));
  CHECK(mixed.status == 200);
  CHECK(mixed.at("results.0.error.message") == "body: has more than 1048576 bytes");
  // One bad key anywhere makes the whole body unreadable.
  CHECK(api.post(batch_path, batch_of({full[0], R"({"a":1,"a":1})"})).status == 400);
  CHECK(ledger.state() == before);
}

TEST_CASE("lines are recorded as they come, and what is wrong is told by line") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  for (const std::string name : {"p", "q", "r"}) api.register_player(name);
  const std::string before = ledger.state();
  CHECK(send_lines(api, "").status == 400); // no body is no stream
  CHECK(send_lines(api, "\n\r\n  \n").at("summary.total") == "0");
  CHECK(ledger.state() == before);

  std::string lines = movement_body("p", "a", {{"bets", "+1"}}) + "\r\n\n{\"x\n" + "[]\n" +
                      movement_body("nobody", "", {{"bets", "+1"}}) + "\n" + R"({"pad":")" + std::string(1 << 20, 'x') +
                      "\"}\n" + movement_body("p", "a", {{"bets", "+1"}}) + "\n" + R"({"a":1,"a":2})" + "\n" +
                      movement_body("p", "b", {{"bets", "+1"}});
  const auto answer = send_lines(api, lines);
  CHECK(answer.status == 200);
  CHECK(answer.at("summary.total") == "8");
  CHECK(answer.at("summary.accepted") == "2");
  CHECK(answer.at("summary.duplicates") == "1");
  CHECK(answer.at("summary.errors") == "5");
  const std::vector<std::pair<std::string, std::string>> expected{
      {"2", "body: not valid JSON: incomplete JSON at byte 3"},
      {"3", "body: must be a JSON object"},
      {"4", "client not found"},
      {"5", "body: has more than 1048576 bytes"},
      {"6", "duplicate metric movement request"},
      {"7", "body: not valid JSON: duplicate key \"a\" at byte 12"}};
  CHECK(answer.at("results") == "[6]");
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(answer.at("results." + std::to_string(i) + ".index") == expected[i].first);
    CHECK(answer.at("results." + std::to_string(i) + ".error.message") == expected[i].second);
  }
  CHECK(newest(api, 2).at("rows.1.requestData") == movement_body("p", "a", {{"bets", "+1"}}));

  SECTION("many windows keep the order of each player") {
    // Each line sets the number of the round: any line out of order leaves a delta that is not 1.
    std::string stream;
    constexpr int rounds = 2000;
    for (int round = 1; round <= rounds; ++round)
      for (const std::string name : {"q", "r"})
        stream +=
            movement_body(name, name + std::to_string(round), {{"deposits-count", "=" + std::to_string(round)}}) + "\n";
    CHECK(send_lines(api, stream).at("summary.accepted") == std::to_string(2 * rounds));
    for (const std::string name : {"q", "r"}) {
      const auto rows = newest(api, 500, name);
      for (int i = 0; i < 500; ++i) CHECK(rows.at("rows." + std::to_string(i) + ".integerMetrics.0.delta") == "1");
    }
    const auto repeated = send_lines(api, stream);
    CHECK(repeated.at("summary.duplicates") == std::to_string(2 * rounds));
    CHECK(repeated.at("results") == "[" + std::to_string(2 * rounds) + "]");
  }
}
