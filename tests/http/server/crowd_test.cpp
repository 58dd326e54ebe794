#include "http/server/served.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <fcntl.h>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace croupier;
using namespace croupier::test;
using namespace std::chrono_literals;

namespace {

using clients = std::vector<std::unique_ptr<raw_client>>;

/// Both ends of every connection are in this process; the usual limit is 1024 files.
void allow_files(rlim_t count) {
  rlimit now{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &now) == 0);
  now.rlim_cur = std::max(now.rlim_cur, std::min(count, now.rlim_max));
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &now) == 0);
}

clients connect(std::uint16_t port, std::size_t count) {
  clients all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(std::make_unique<raw_client>(port));
  return all;
}

} // namespace

TEST_CASE("500 new clients at once are all answered while 200 idle ones are held") {
  allow_files(4'096);
  served srv;
  auto idle = connect(srv.port, 200);
  for (auto& client : idle) REQUIRE(client->ask(get("/healthz")).status == 200);

  constexpr std::size_t threads = 10;
  std::atomic<int> answered{0};
  std::vector<std::thread> crowd;
  for (std::size_t i = 0; i < threads; ++i)
    crowd.emplace_back([&] {
      // All fifty are connected and have sent before the first answer is read.
      auto mine = connect(srv.port, 50);
      for (auto& client : mine) client->send(post("/echo", "here"));
      for (auto& client : mine) {
        const auto answer = client->read_answer();
        if (answer.body == "here") ++answered;
      }
    });
  for (auto& thread : crowd) thread.join();
  CHECK(answered == 500);
  for (auto& client : idle) CHECK(client->ask(get("/healthz")).status == 200);
  CHECK(srv.figures().connections_accepted == 700);
  CHECK(srv.figures().connections_refused == 0);
  CHECK(srv.figures().workers <= 16);
}

TEST_CASE("a thousand idle or slow clients hold no thread") {
  allow_files(4'096);
  auto options = quick_options();
  options.worker_threads_max = 4;
  served srv(options);
  auto silent = connect(srv.port, 400);
  auto slow = connect(srv.port, 300);
  for (auto& client : slow) REQUIRE(client->send("POST /echo HTTP/1.1\r\nHost: lo"));
  auto bodies = connect(srv.port, 300);
  for (auto& client : bodies) REQUIRE(client->send(post("/echo", "0123456789").substr(0, 100)));
  CHECK(eventually([&] { return srv.figures().connections_parked == 1'000; }));

  raw_client good(srv.port);
  for (int i = 0; i < 100; ++i) REQUIRE(good.ask(get("/healthz")).status == 200);
  for (auto& client : silent) REQUIRE(client->ask(get("/healthz")).status == 200);
  for (auto& client : slow) REQUIRE(client->ask("calhost\r\nContent-Length: 2\r\n\r\nok").body == "ok");
  for (auto& client : bodies) REQUIRE(client->ask(post("/echo", "0123456789").substr(100)).body == "0123456789");
  CHECK(srv.figures().workers <= 4);
}

TEST_CASE("clients beyond the limit are told so, and welcome again when there is room") {
  auto options = quick_options();
  options.connections_max = 20;
  served srv(options);
  auto all = connect(srv.port, 20);
  for (auto& client : all) REQUIRE(client->ask(get("/healthz")).status == 200);
  {
    raw_client one_too_many(srv.port);
    const auto answer = one_too_many.read_answer();
    CHECK(answer.status == 503);
    CHECK(answer.header("retry-after") == "1");
    CHECK(answer.body == R"({"error":{"code":"overloaded","message":"too many connections"}})");
    CHECK(one_too_many.ends());
  }
  CHECK(srv.figures().connections_refused == 1);
  CHECK(all[3]->ask(get("/healthz")).status == 200);
  all.pop_back();
  CHECK(eventually([&] { return srv.figures().connections_open == 19; }));
  CHECK(raw_client(srv.port).ask(get("/healthz")).status == 200);
}

TEST_CASE("when descriptors run out clients are turned away, and the server goes on") {
  served srv;
  raw_client early(srv.port);
  REQUIRE(early.ask(get("/healthz")).status == 200);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int lowest_free = ::open("/dev/null", O_RDONLY);
  ::close(lowest_free);
  rlimit one_more = before;
  one_more.rlim_cur = static_cast<rlim_t>(lowest_free) + 1;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &one_more) == 0);
  {
    raw_client late(srv.port); // its own end takes the last descriptor
    CHECK(late.read_answer().status == 503);
    CHECK(late.ends());
    CHECK(early.ask(get("/healthz")).status == 200);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  }
  CHECK(srv.figures().connections_refused == 1);
  CHECK(raw_client(srv.port).ask(get("/healthz")).status == 200);
}

TEST_CASE("more clients at work than threads") {
  auto options = quick_options();
  options.worker_threads_max = 4;
  served srv(options);
  std::vector<std::thread> crowd;
  std::atomic<int> wrong{0};
  for (int i = 0; i < 24; ++i)
    crowd.emplace_back([&, i] {
      raw_client client(srv.port);
      for (int j = 0; j < 200; ++j) {
        const auto text = std::to_string(i) + "/" + std::to_string(j);
        const auto answer = client.ask(post("/echo", text));
        if (answer.body != text) ++wrong;
      }
    });
  for (auto& thread : crowd) thread.join();
  CHECK(wrong == 0);
  CHECK(srv.answered(200) == 24 * 200);
}

TEST_CASE("a stop lets requests that have begun finish, and takes no new ones") {
  served srv;
  raw_client idle(srv.port);
  REQUIRE(idle.ask(get("/healthz")).status == 200);
  raw_client busy(srv.port);
  REQUIRE(busy.send(get("/hold")));
  raw_client half(srv.port);
  REQUIRE(half.send(post("/echo", "0123456789").substr(0, 100)));
  REQUIRE(eventually([&] { return srv.held == 1 && srv.figures().connections_open == 3; }));
  std::thread stopping([&] { srv.server().stop(); });
  CHECK(idle.ends());
  CHECK(eventually([&] {
    try {
      raw_client late(srv.port);
      return false;
    } catch (const std::runtime_error&) {
      return true;
    }
  }));
  const auto finished = half.ask(post("/echo", "0123456789").substr(100));
  srv.let_go = true;
  srv.let_go.notify_all();
  CHECK(finished.body == "0123456789");
  CHECK(finished.header("connection") == "close");
  const auto held = busy.read_answer();
  CHECK(held.body == "held");
  CHECK(held.header("connection") == "close");
  stopping.join();
  CHECK(srv.figures().connections_open == 0);
  CHECK(srv.figures().workers == 0);
}

TEST_CASE("a stop does not wait for clients that do not finish") {
  auto options = quick_options();
  options.stop_grace = 100ms;
  served srv(options);
  raw_client head(srv.port);
  REQUIRE(head.send("GET /"));
  raw_client stream(srv.port);
  REQUIRE(stream.send(
      with_headers("POST", "/stream", "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n")));
  raw_client deaf(srv.port, 4'096);
  REQUIRE(deaf.send(get("/large")));
  REQUIRE(eventually([&] { return srv.figures().streams_open == 1 && srv.figures().connections_open == 3; }));
  srv.server().stop();
  CHECK(head.ends());
  CHECK(srv.figures().connections_open == 0);
  srv.server().stop(); // again: nothing
}

TEST_CASE("a server that cannot listen says why") {
  served first;
  auto options = quick_options();
  options.port = first.port;
  const auto why = [](http::server_options given) {
    http::server second(
        std::move(given), {}, [] { return std::make_shared<const workspace>(); }, std::make_shared<http::metrics>());
    const auto started = second.start();
    return started ? std::string() : started.error();
  };
  CHECK(why(options) == "cannot listen on 127.0.0.1:" + std::to_string(first.port) + ": Address already in use");
  options.port = 0;
  options.host = "no.such.host.invalid";
  CHECK_FALSE(why(options).empty());
  options.host = "127.0.0.1";
  options.tls_certificate_path = "/no/such/certificate.pem";
  options.tls_key_path = "/no/such/key.pem";
  CHECK(why(options).find("TLS certificate /no/such/certificate.pem cannot be used") == 0);
}

TEST_CASE("IPv6") {
  auto options = quick_options();
  options.host = "::1";
  try {
    served srv(options);
    CHECK(srv.port != 0);
  } catch (const std::runtime_error& error) {
    WARN("no IPv6 here: " << error.what());
  }
}
