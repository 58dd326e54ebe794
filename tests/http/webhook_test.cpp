#include "http/deliver/outgoing_address.hpp"
#include "http/deliver/outlet.hpp"
#include "tests/http/destination_parts.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>
#include <vector>

using namespace croupier;
using namespace croupier::test;
using namespace std::chrono_literals;

namespace {

/// Without those that came again, or after later ones.
std::vector<std::uint64_t> new_ones(const std::vector<std::uint64_t>& taken) {
  std::vector<std::uint64_t> found;
  for (const auto at : taken)
    if (found.empty() || at > found.back()) found.push_back(at);
  return found;
}

/// Checks that a receiver was given every entry from `first` to `last` at least once, each for the first time in order.
void check_complete(const std::vector<std::uint64_t>& taken, std::uint64_t first, std::uint64_t last) {
  CHECK(new_ones(taken) == range(first, last));
}

} // namespace

TEST_CASE("a webhook is given every entry in order, however badly it behaves in between") {
  const temporary_folder folder;
  receiver hook;
  hook.serve();
  running_ledger ledger(folder.path(), {}, {}, quick_deliveries());
  api_client api(ledger);
  const auto made = put(ledger, webhook_to(hook.url())).value;
  api.register_player("ann", deposits_link);
  REQUIRE(eventually([&] { return sequences_taken(hook).size() == 2; }));

  int number = 0;
  for (const auto manner : {receiver::manner::fail, receiver::manner::hang, receiver::manner::close,
                            receiver::manner::redirect, receiver::manner::take}) {
    hook.behave(manner);
    const auto asked = hook.asked();
    for (int i = 0; i < 150; ++i)
      REQUIRE(api.record("ann", "r-" + std::to_string(number++), {{"ngr", "+1.50"}}).status == 200);
    REQUIRE(eventually([&] { return hook.asked() > asked + 2; }));
    if (manner == receiver::manner::take) continue;
    CHECK(status_of(ledger, "state") == "failing");
    CHECK(status_of(ledger, "problem") != "absent");
    CHECK(status_of(ledger, "lagEntries") != "0");
  }
  REQUIRE(eventually([&] { return status_of(ledger, "lagEntries") == "0"; }));
  check_complete(sequences_taken(hook), made + 1, newest(ledger));
  for (const auto& each : hook.taken()) CHECK(each.path == "/hook"); // a redirect is not followed
  CHECK(status_of(ledger, "state") == "delivering");
  CHECK(status_of(ledger, "delivered") == std::to_string(newest(ledger)));
  CHECK(status_of(ledger, "attempts") == "[20]");
  const auto metrics = api_client(ledger, "").get("/metrics").body;
  CHECK(metrics.find("croupier_destination_lag_entries{destination=\"" + destination_id + "\"} 0") !=
        std::string::npos);
}

TEST_CASE("what a webhook is sent is signed, named and told in time, and its answer is not waited for without end") {
  const temporary_folder folder;
  receiver hook;
  hook.serve();
  running_ledger ledger(folder.path(), {}, {}, quick_deliveries());
  api_client api(ledger);
  const auto made = put(ledger, webhook_to(hook.url("/hook?a=b+c,d"))).value;
  hook.behave(receiver::manner::chatter);
  api.register_player("ann", deposits_link);
  REQUIRE(eventually([&] { return status_of(ledger, "lagEntries") == "0"; }));
  const auto sent = hook.taken().front();
  CHECK(sent.method == "POST");
  CHECK(sent.path == "/hook?a=b+c,d");
  CHECK(sent.header("Content-Type") == "application/json");
  const auto time = sent.header("X-Croupier-Timestamp");
  CHECK(std::stoll(time) > 1'700'000'000);
  const auto signature = http::deliver::webhook_signature("a secret of the test", time, sent.body);
  CHECK(sent.header("X-Croupier-Signature") == "sha256=" + signature);
  const reply body{200, sent.body, {}};
  CHECK(body.at("destinationId") == destination_id);
  CHECK(body.at("first") == std::to_string(made + 1));
  CHECK(sent.header("X-Croupier-Delivery") == destination_id + ":" + body.at("first") + "-" + body.at("last"));
  // RFC 4231, test case 2, with the timestamp in front.
  CHECK(http::deliver::webhook_signature("Jefe", "what do ya want for nothing?", "").size() == 64);
  CHECK(sent.body.find("a secret of the test") == std::string::npos);
}

TEST_CASE("a destination is paused, goes on, filters, and is ended") {
  const temporary_folder folder;
  receiver hook;
  hook.serve();
  running_ledger ledger(folder.path(), {}, {}, quick_deliveries());
  api_client api(ledger);
  auto target = webhook_to(hook.url());
  target.event_names = {"movement_recorded", "player_registered"};
  target.brands = {ledger.gateway().view().current_workspace()->find_brand(*uuid::parse(demo_brand))->number};
  put(ledger, target);
  api.register_player("ann", deposits_link); // a click, which is not asked for, and a registration
  REQUIRE(eventually([&] { return sequences_taken(hook).size() == 1; }));
  CHECK(sequences_taken(hook).back() == newest(ledger));

  target.paused = true;
  put(ledger, target);
  REQUIRE(eventually([&] { return status_of(ledger, "state") == "paused"; }));
  for (int i = 0; i < 5; ++i) api.record("ann", "r-" + std::to_string(i), {{"ngr", "+1"}});
  const auto last = newest(ledger);
  ledger.restart();
  REQUIRE(eventually([&] { return status_of(ledger, "state") == "paused"; }));
  target.paused = false;
  const auto resumed = put(ledger, target).value;
  REQUIRE(eventually([&] { return sequences_taken(hook).size() == 6; }));
  CHECK(sequences_taken(hook).back() == last);
  REQUIRE(eventually([&] { return status_of(ledger, "delivered") == std::to_string(resumed); }));

  target.archived = true;
  put(ledger, target);
  REQUIRE(eventually([&] { return status_of(ledger, "delivered") == "absent"; }));
  CHECK(status_of(ledger, "state") == "archived");
  CHECK(api_client(ledger).get("/admin/v1/destinations/" + destination_id + "/status").status == 403);
}

TEST_CASE("a destination that is un-archived goes on where it was, with all that came meanwhile") {
  const temporary_folder folder;
  receiver hook;
  hook.serve();
  auto options = quick_deliveries();
  options.answer_timeout = 60s; // what is given up may have been taken, and comes again
  options.attempt_timeout = 60s;
  running_ledger ledger(folder.path(), {}, {}, options);
  auto target = webhook_to(hook.url());
  target.event_names = {"movement_recorded"};
  put(ledger, target);
  api_client(ledger).register_player("ann", deposits_link);
  std::vector<std::uint64_t> expected;
  const auto record = [&] {
    const auto id = std::to_string(expected.size());
    REQUIRE(api_client(ledger).record("ann", id, {{"ngr", "+1"}}).status == 200);
    expected.push_back(newest(ledger));
  };
  const auto set_archived = [&](bool archived) {
    target.archived = archived;
    put(ledger, target);
  };
  const auto settle = [&] { return eventually([&] { return status_of(ledger, "lagEntries") == "0"; }); };
  for (int round = 0; round < 3; ++round) {
    record();
    REQUIRE(settle());
    set_archived(true);
    REQUIRE(eventually([&] { return status_of(ledger, "delivered") == "absent"; }));
    for (int i = 0; i < 5; ++i) record();
    if (round == 1) ledger.restart();
    set_archived(false);
    REQUIRE(settle());
  }
  CHECK(sequences_taken(hook) == expected); // each once

  // However fast people change their minds, and whatever the receiver does meanwhile.
  for (int i = 0; i < 12; ++i) {
    hook.behave(i % 3 == 0 ? receiver::manner::hang : receiver::manner::take);
    record();
    set_archived(i % 2 == 0);
  }
  hook.behave(receiver::manner::take);
  REQUIRE(settle());
  CHECK(new_ones(sequences_taken(hook)) == expected);
}

TEST_CASE("a receiver that hangs delays neither a movement nor a stop") {
  const temporary_folder folder;
  receiver hook;
  hook.serve();
  hook.behave(receiver::manner::hang);
  auto options = quick_deliveries();
  options.answer_timeout = 60s;
  options.attempt_timeout = 60s;
  running_ledger ledger(folder.path(), {}, {}, options);
  const auto made = put(ledger, webhook_to(hook.url())).value;
  api_client api(ledger);
  api.register_player("ann", deposits_link);
  REQUIRE(eventually([&] { return hook.asked() == 1; }));
  CHECK(api.record("ann", "r", {{"ngr", "+1"}}).status == 200);
  const auto began = std::chrono::steady_clock::now();
  ledger.restart();
  CHECK(std::chrono::steady_clock::now() - began < 8s);
  hook.behave(receiver::manner::take);
  REQUIRE(eventually([&] { return status_of(ledger, "lagEntries") == "0"; }));
  check_complete(sequences_taken(hook), made + 1, newest(ledger));
}

TEST_CASE("what the process that is killed does", "[.killed]") {
  const std::string folder = std::getenv("DELIVER_TEST_FOLDER");
  running_ledger ledger(folder, {}, {}, quick_deliveries());
  api_client api(ledger);
  const auto begin = newest(ledger);
  for (std::uint64_t i = begin;; ++i) api.record("ann", std::to_string(i), {{"ngr", "+1"}});
}

TEST_CASE("a process that is killed between deliveries loses none") {
  const temporary_folder folder;
  receiver hook;
  hook.serve();
  std::uint64_t made = 0;
  {
    running_ledger ledger(folder.path());
    made = put(ledger, webhook_to(hook.url())).value;
    api_client(ledger).register_player("ann", deposits_link);
  }
  ::setenv("DELIVER_TEST_FOLDER", folder.path().c_str(), 1);
  for (std::size_t cycle = 0; cycle < 4; ++cycle) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::execl("/proc/self/exe", "deliver_test", "what the process that is killed does", static_cast<char*>(nullptr));
      ::_exit(127);
    }
    const auto before = hook.taken().size();
    const bool went = eventually([&] { return hook.taken().size() > before + 3 + cycle * 5; });
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    REQUIRE(went);
  }
  running_ledger ledger(folder.path(), {}, {}, quick_deliveries());
  REQUIRE(eventually([&] { return status_of(ledger, "lagEntries") == "0"; }));
  check_complete(sequences_taken(hook), made + 1, newest(ledger));
}

TEST_CASE("requests of ours go to public addresses only, unless the settings allow others") {
  const auto is_public = [](const std::string& host) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST;
    addrinfo* found = nullptr;
    REQUIRE(::getaddrinfo(host.c_str(), nullptr, &hints, &found) == 0);
    const bool yes = http::deliver::is_public_address(*found->ai_addr);
    ::freeaddrinfo(found);
    return yes;
  };
  for (const std::string closed : {"127.0.0.1",
                                   "127.255.255.254",
                                   "0.0.0.0",
                                   "10.0.0.1",
                                   "10.255.255.255",
                                   "172.16.0.1",
                                   "172.31.255.255",
                                   "192.168.1.1",
                                   "169.254.169.254",
                                   "169.254.0.1",
                                   "100.64.0.1",
                                   "100.127.255.255",
                                   "192.0.0.8",
                                   "192.0.2.1",
                                   "198.18.0.1",
                                   "198.19.255.255",
                                   "198.51.100.7",
                                   "203.0.113.9",
                                   "224.0.0.1",
                                   "239.255.255.255",
                                   "240.0.0.1",
                                   "255.255.255.255",
                                   "::",
                                   "::1",
                                   "::ffff:10.0.0.1",
                                   "::ffff:127.0.0.1",
                                   "::ffff:169.254.169.254",
                                   "::127.0.0.1",
                                   "fe80::1",
                                   "fec0::1",
                                   "fc00::1",
                                   "fd00:ec2::254",
                                   "ff02::1",
                                   "64:ff9b::7f00:1",
                                   "64:ff9b:1::1",
                                   "100::1",
                                   "2001::1",
                                   "2001:db8::1",
                                   "2002:7f00:1::1",
                                   "2002:a00:1::",
                                   "3fff::1",
                                   "4000::1",
                                   "2130706433",
                                   "0x7f000001",
                                   "0177.0.0.1",
                                   "127.1",
                                   "0x7f.1",
                                   "017700000001"}) {
    INFO(closed);
    CHECK_FALSE(is_public(closed));
  }
  for (const std::string open : {"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
                                 "169.253.255.255", "192.0.1.1", "198.17.255.255", "198.20.0.0", "223.255.255.255",
                                 "::ffff:8.8.8.8", "2606:4700:4700::1111", "2001:4860:4860::8888", "2a00:1450::1"}) {
    INFO(open);
    CHECK(is_public(open));
  }
  for (const std::string host : {"localhost", "127.0.0.1", "2130706433", "0177.0.0.1", "::1"}) {
    INFO(host);
    const auto refused = http::deliver::resolve(host, 80, {});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().find("not a public address") != std::string::npos);
    http::deliver::resolving allowed;
    allowed.allow_private = true;
    CHECK(http::deliver::resolve(host, 80, allowed).has_value());
  }
  CHECK_FALSE(http::deliver::resolve("no-such-host.invalid", 80, {}).has_value());
}

TEST_CASE("many who look up names at once, and do not wait for them, harm nobody") {
  std::atomic<int> found{0};
  std::vector<std::thread> threads;
  for (int number = 0; number < 16; ++number)
    threads.emplace_back([&found, number] {
      for (int i = 0; i < 14; ++i) {
        http::deliver::resolving how;
        how.allow_private = true;
        how.timeout = std::chrono::milliseconds(i % 4);
        const bool known = i % 2 == 0;
        const auto name = known ? "localhost" : "no-such-host-" + std::to_string(number * 100 + i) + ".invalid";
        if (http::deliver::resolve(name, 80, how).has_value()) found += known ? 1 : 1'000'000;
      }
    });
  for (auto& each : threads) each.join();
  CHECK(found < 1'000'000);
  http::deliver::resolving patient;
  patient.allow_private = true;
  CHECK(http::deliver::resolve("localhost", 80, patient).has_value());
}

TEST_CASE("the address of a destination is read in one way only") {
  using http::deliver::parse_outgoing;
  const auto parts = [](std::string_view url) {
    const auto parsed = parse_outgoing(url);
    return parsed ? parsed->scheme + "|" + parsed->host + "|" + std::to_string(parsed->port) + "|" + parsed->path : "";
  };
  CHECK(parts("http://a.example") == "http|a.example|80|/");
  CHECK(parts("https://a.example?x=1#f") == "https|a.example|443|/?x=1");
  CHECK(parts("https://a.example:8443/p/q?x={sub1}") == "https|a.example|8443|/p/q?x={sub1}");
  CHECK(parts("http://[::1]:80/x") == "http|::1|80|/x");
  CHECK(parts("nats://n.example") == "nats|n.example|4222|/");
  for (const std::string_view bad :
       {"", "a.example", "ftp://a.example", "file:///etc/passwd", "http://", "http:///x", "http://u@a.example",
        "http://u:p@a.example", "http://a.example:0", "http://a.example:65536", "http://a.example:80x", "http://a:b:c",
        "http://[::1", "http://[::1]x", "http://{sub1}.example/", "http://a.example\\@b.example", "http://a%2eexample/",
        "gopher://a", "javascript:alert(1)"}) {
    INFO(bad);
    CHECK(parts(bad).empty());
  }
}

TEST_CASE("a destination on a private address is refused, and says so") {
  const temporary_folder folder;
  receiver hook;
  hook.serve();
  auto options = quick_deliveries();
  options.allow_private = false;
  running_ledger ledger(folder.path(), {}, {}, options);
  put(ledger, webhook_to(hook.url()));
  api_client(ledger).click(deposits_link);
  REQUIRE(eventually([&] { return status_of(ledger, "state") == "failing"; }));
  CHECK(status_of(ledger, "problem").find("not a public address") != std::string::npos);
  auto by_name = webhook_to("http://localhost:" + std::to_string(hook.port()) + "/");
  put(ledger, by_name);
  REQUIRE(eventually([&] { return status_of(ledger, "problem").starts_with("localhost is at "); }));
  CHECK(hook.asked() == 0);
}
