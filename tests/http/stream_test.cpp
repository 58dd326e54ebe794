#include "http/entry_json.hpp"
#include "http/json.hpp"
#include "support/catch.hpp"
#include "support/raw_http.hpp"
#include "support/running_ledger.hpp"
#include "support/test_ledger.hpp"
#include "tests/persistence/random_entry.hpp"

#include <charconv>
#include <chrono>
#include <string>
#include <vector>

using namespace croupier;
using namespace croupier::test;
using namespace std::chrono_literals;

namespace {

struct event {
  std::string id;
  std::string kind;
  std::string data;
};

std::vector<event> events_of(std::string_view body) {
  std::vector<event> found;
  event next;
  while (!body.empty()) {
    const auto end = std::min(body.find('\n'), body.size());
    const auto line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (line.starts_with("id: ")) next.id = line.substr(4);
    if (line.starts_with("event: ")) next.kind = line.substr(7);
    if (line.starts_with("data: ")) next.data = line.substr(6);
    if (!line.empty()) continue;
    if (!next.data.empty()) found.push_back(next);
    next = {};
  }
  return found;
}

const std::string stream_path = "/admin/v1/stream";

/// Everything that is durable, from `from` on, as the key sees it.
std::vector<event> everything(const running_ledger& ledger, std::string_view key, const std::string& from = "1") {
  const auto answer = api_client(ledger, key).get(stream_path + "?follow=false&from=" + from);
  REQUIRE(answer.status == 200);
  CHECK(answer.header("Content-Type") == "text/event-stream");
  CHECK(answer.header("Cache-Control") == "no-store");
  return events_of(answer.body);
}

std::string member(const event& from, std::string_view path) {
  return reply{200, from.data, {}}.at(path);
}

std::string stream_request(std::string_view key, const std::string& query, const std::string& more = "") {
  return "GET " + stream_path + query + " HTTP/1.1\r\nHost: x\r\nX-Api-Key: " + std::string(key) + "\r\n" + more +
         "\r\n";
}

/// A follower that reads a stream's chunks as they come.
class follower : public raw_client {
public:
  follower(const running_ledger& ledger, const std::string& query, const std::string& more = "",
           int receive_buffer_bytes = 0)
      : raw_client(ledger.port(), receive_buffer_bytes) {
    REQUIRE(send(stream_request(all_scopes_key, query, more)));
  }

  /// Waits until so many events have come.
  std::vector<event> await(std::size_t count) {
    for (;;) {
      auto found = events_of(payload());
      if (found.size() >= count) return found;
      REQUIRE(receive() == got::bytes);
    }
  }

  std::vector<event> to_end() {
    while (receive() == got::bytes) {
    }
    return events_of(payload());
  }

  /// The payload of the chunks that are whole.
  std::string payload() const {
    const auto head = in_.find("\r\n\r\n");
    if (head == std::string::npos) return {};
    std::string out;
    std::string_view rest = std::string_view(in_).substr(head + 4);
    for (;;) {
      const auto line = rest.find("\r\n");
      std::size_t size = 0;
      if (line == std::string_view::npos) return out;
      std::from_chars(rest.data(), rest.data() + line, size, 16);
      if (size == 0 || rest.size() < line + size + 4) return out;
      out += rest.substr(line + 2, size);
      rest.remove_prefix(line + size + 4);
    }
  }
};

/// Random numbers of what has ids, and random times, are brought into the range that real ones have.
struct within_ids {
  static void cut(std::uint64_t& number) { number &= (std::uint64_t{1} << 40U) - 1; }
  static void cut(timestamp& time) { time.unix_us &= (std::int64_t{1} << 50U) - 1; }
  static void cut(account_adjustment& line) {
    cut(line.player.value);
    cut(line.effective_at);
  }
  static void cut(player_profile& profile) {
    cut(profile.number.value);
    cut(profile.click.value);
  }
  void operator()(player_registered& what) const { cut(what.profile); }
  void operator()(player_attributed& what) const { cut(what.profile); }
  void operator()(movement_recorded& what) const {
    cut(what.player.value);
    cut(what.profile);
    if (what.event) cut(what.event->occurred_at);
    if (!what.claim) return;
    cut(what.claim->qualified_at);
    cut(what.claim->hold_until);
    cut(what.claim->reversible_until);
  }
  void operator()(account_adjusted& what) const { cut(what.line); }
  void operator()(account_closed& what) const {
    for (auto& line : what.close.adjustments) cut(line);
    what.close.month = calendar_month::of({1'700'000'000'000'000});
  }
  void operator()(settlement_status_recorded& what) const { cut(what.what.settlement.entry.value); }
  void operator()(settlement_deletion_recorded& what) const { cut(what.what.settlement.entry.value); }
  void operator()(auto&) const {}
};

std::string figure(const running_ledger& ledger, const std::string& name) {
  const auto text = api_client(ledger, "").get("/metrics").body;
  const auto at = text.find("\n" + name + " ");
  REQUIRE(at != std::string::npos);
  return text.substr(at + name.size() + 2, text.find('\n', at + 1) - at - name.size() - 2);
}

} // namespace

TEST_CASE("the stream gives every committed entry once, in order, with its content") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("Ann \u00e9\U0001F600", deposits_link);
  REQUIRE(api.record("Ann \u00e9\U0001F600", "r-1", {{"deposits-total", "+12.50"}, {"bets", "+3"}}).status == 200);
  const auto newest = ledger.gateway().view().durable().value;
  const auto seen = everything(ledger, all_scopes_key);
  REQUIRE(seen.size() >= 4);
  CHECK(seen.back().kind == "end");
  CHECK(member(seen.back(), "reason") == "everything was sent");
  CHECK(member(seen.back(), "from") == std::to_string(newest + 1));

  const auto& click = seen[seen.size() - 4];
  CHECK(click.kind == "click_tracked");
  CHECK(member(click, "linkId") == deposits_link);
  CHECK(member(click, "ip") == "127.0.0.1");
  const auto& joined = seen[seen.size() - 3];
  CHECK(joined.kind == "player_registered");
  CHECK(member(joined, "clickId") == member(click, "id"));
  CHECK(member(joined, "affiliateId") == demo_affiliate);
  const auto& moved = seen[seen.size() - 2];
  CHECK(moved.kind == "movement_recorded");
  CHECK(moved.id == std::to_string(newest));
  CHECK(member(moved, "sequence") == moved.id);
  CHECK(member(moved, "externalId") == "Ann \u00e9\U0001F600");
  CHECK(member(moved, "playerId") == member(joined, "playerId"));
  CHECK(member(moved, "brandId") == demo_brand);
  CHECK(member(moved, "source") == "trackdesk");
  CHECK(member(moved, "requestId") == "r-1");
  CHECK(member(moved, "changes.0.metric") == "deposits-total");
  CHECK(member(moved, "changes.0.delta") == "12.50");
  CHECK(member(moved, "changes.0.balanceAfter") == "12.50");
  CHECK(member(moved, "changes.1.delta") == "3");
  CHECK(member(moved, "revshare.earned") == "0.625");
  CHECK(member(moved, "revshare.ratePercent") == "5.00");
  CHECK(member(moved, "payload") ==
        movement_body("Ann \u00e9\U0001F600", "r-1", {{"deposits-total", "+12.50"}, {"bets", "+3"}}));
  CHECK(everything(ledger, all_scopes_key, moved.id).size() == 2);
}

TEST_CASE("who may see what of the stream") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("ann", deposits_link);
  for (const auto& each : everything(ledger, all_scopes_key)) CHECK(each.kind != "workspace_changed");
  CHECK(everything(ledger, reader_key).size() == 3); // click, registration, end
  const auto second = everything(ledger, second_brand_key);
  REQUIRE(second.size() == 1);
  CHECK(second.front().kind == "end");
  CHECK(second.front().id == std::to_string(ledger.gateway().view().durable().value));

  api_key admin;
  admin.number = static_cast<std::uint32_t>(ledger.gateway().view().current_workspace()->api_keys().size() + 1);
  admin.id = *uuid::parse("5d1f0c2a-0009-4000-8000-000000000001");
  admin.name = "of this test";
  // SHA-256 of "rv_test_key_of_the_admin" is not needed: what an admin may see is asked directly.
  admin.scopes = static_cast<std::uint8_t>(scope::admin);
  const auto made = ledger.gateway().change_workspace({admin}, "test", test_ledger::soon());
  REQUIRE(std::holds_alternative<actors::receipt>(made));
  std::string all;
  http::entry_renderer render(ledger.gateway().view());
  ledger.gateway().view().scan_up({1}, [&](const committed_entry& entry, std::string_view) {
    CHECK(http::may_see(admin, entry.what));
    std::string text;
    render.append(text, entry);
    http::json::document parsed;
    CHECK_FALSE(parsed.parse(text).has_value());
    all += text;
    return true;
  });
  CHECK(all.find("\"type\":\"key\"") != std::string::npos);
  CHECK(all.find("secret") == std::string::npos);
  CHECK(all.find("sha256") == std::string::npos);

  CHECK(api_client(ledger, writer_key).get(stream_path).status == 403);
  CHECK(api_client(ledger, "").get(stream_path).status == 401);
  for (const std::string bad : {"?from=x", "?from=-1", "?from=", "?from=1e3", "?from=99999999999999999999",
                                "?from=1000000", "?follow=maybe", "?from=18446744073709551615"}) {
    INFO(bad);
    CHECK(api.get(stream_path + bad).status == 400);
  }
  for (const std::string bad : {"x", "-1", "18446744073709551615", "1000000"})
    CHECK(api.get(stream_path, {{"Last-Event-ID", bad}}).status == 400);
}

TEST_CASE("a follower is given entries as they come and resumes where it was") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("ann", deposits_link);
  follower first(ledger, "");
  REQUIRE(eventually([&] { return figure(ledger, "croupier_streams_open") == "1"; }));
  std::vector<std::string> expected;
  const auto record = [&](int number) {
    REQUIRE(api.record("ann", "r-" + std::to_string(number), {{"ngr", "+1"}}).status == 200);
    expected.push_back(std::to_string(ledger.gateway().view().durable().value));
  };
  for (int i = 0; i < 20; ++i) record(i);
  auto seen = first.await(20);
  for (std::size_t i = 0; i < 20; ++i) CHECK(seen[i].id == expected[i]);

  // It goes away; what comes meanwhile is there when it is back, by either of the two ways to say where it was.
  for (int i = 20; i < 30; ++i) record(i);
  follower by_header(ledger, "?from=1", "Last-Event-ID: " + seen[19].id + "\r\n");
  follower by_query(ledger, "?from=" + expected[20]);
  for (follower* each : {&by_header, &by_query}) {
    const auto rest = each->await(10);
    for (std::size_t i = 0; i < 10; ++i) CHECK(rest[i].id == expected[20 + i]);
  }
  // A stop tells each follower its position, and does not wait for it.
  const auto began = std::chrono::steady_clock::now();
  ledger.restart();
  CHECK(std::chrono::steady_clock::now() - began < 8s); // the grace for requests that have begun is longer
  const auto last = by_header.to_end();
  REQUIRE(last.size() == 11);
  CHECK(last.back().kind == "end");
  CHECK(member(last.back(), "reason") == "the server stops");
  CHECK(member(last.back(), "from") == std::to_string(std::stoull(expected.back()) + 1));
}

TEST_CASE("a reader that is too slow is told its position and dropped, and nobody else notices") {
  const temporary_folder folder;
  http::deliver::stream_options options;
  options.slow_after = 200ms;
  running_ledger ledger(folder.path(), {}, options);
  api_client api(ledger);
  api.register_player("ann", deposits_link);
  const std::string filler(60'000, 'x');
  for (int i = 0; i < 150; ++i) {
    auto body = movement_body("ann", "r-" + std::to_string(i), {{"ngr", "+1"}});
    body.insert(1, "\"filler\":\"" + filler + "\",");
    REQUIRE(api.post("/tracking/clients/v1/metrics/movements", body).status == 200);
  }
  follower slow(ledger, "?from=1", "", 4'096);
  // The stream fills what buffers there are, then waits for the reader.
  auto sent = figure(ledger, "croupier_stream_entries_total");
  auto since = std::chrono::steady_clock::now();
  REQUIRE(eventually([&] {
    const auto now = figure(ledger, "croupier_stream_entries_total");
    if (now != sent || now == "0") since = std::chrono::steady_clock::now();
    sent = now;
    return std::chrono::steady_clock::now() - since > 10 * options.slow_after; // of which a busy machine may take some
  }));
  CHECK(std::stoull(sent) < 150);
  const auto seen = slow.to_end();
  REQUIRE(seen.size() > 1);
  CHECK(seen.back().kind == "end");
  CHECK(member(seen.back(), "reason") == "the reader is too slow");
  CHECK(member(seen.back(), "from") == std::to_string(std::stoull(seen[seen.size() - 2].id) + 1));
  CHECK(figure(ledger, "croupier_streams_dropped_total") == "1");
  REQUIRE(eventually([&] { return figure(ledger, "croupier_streams_open") == "0"; }));
  CHECK(everything(ledger, all_scopes_key, member(seen.back(), "from")).size() + seen.size() == 154);
}

TEST_CASE("streams are bounded, and a revoked key ends its own") {
  const temporary_folder folder;
  http::deliver::stream_options options;
  options.streams_max = 2;
  options.heartbeat = 20ms;
  running_ledger ledger(folder.path(), {}, options);
  follower one(ledger, "");
  follower two(ledger, "");
  REQUIRE(eventually([&] { return figure(ledger, "croupier_streams_open") == "2"; }));
  const auto third = api_client(ledger).get(stream_path);
  CHECK(third.status == 503);
  CHECK(third.header("Retry-After") == "1");
  CHECK(figure(ledger, "croupier_streams_refused_total") == "1");
  CHECK(api_client(ledger).head(stream_path).status == 503);

  auto key = ledger.gateway().view().current_workspace()->api_keys().front();
  for (const auto& each : ledger.gateway().view().current_workspace()->api_keys())
    if (each.name.starts_with("all")) key = each;
  key.revoked = true;
  ledger.gateway().change_workspace({key}, "test", test_ledger::soon());
  const auto seen = one.to_end();
  REQUIRE(seen.size() == 1);
  CHECK(member(seen.back(), "reason") == "the key is not valid any more");
  REQUIRE(eventually([&] { return figure(ledger, "croupier_streams_open") == "0"; }));
}

TEST_CASE("every entry that the journal may hold has a JSON form, whatever is in it") {
  workspace ws;
  const folder_key key{};
  persistence::random_entries source(7);
  for (int i = 0; i < 3'000; ++i) {
    auto what = source.next();
    if (std::holds_alternative<workspace_changed>(what)) continue; // random ones refer to what is not there
    std::visit(within_ids{}, what);
    if (auto* movement = std::get_if<movement_recorded>(&what); movement != nullptr && movement->event)
      movement->event->traits.clear(); // their values are JSON already, which random bytes are not
    std::string text;
    http::json::writer out(text);
    http::write_entry(out, {ws, key}, {{static_cast<std::uint64_t>(i) + 1}, {0}, what}, nullptr);
    http::json::document parsed;
    const auto problem = parsed.parse(text);
    INFO(text);
    REQUIRE_FALSE(problem.has_value());
    CHECK(parsed.root().find("kind")->text() == http::kind_of(what));
    CHECK(text.find('\n') == std::string::npos);
  }
}
