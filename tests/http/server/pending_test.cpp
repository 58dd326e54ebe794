#include "http/server/served.hpp"
#include "support/catch.hpp"

#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace croupier;
using namespace croupier::test;
using namespace std::chrono_literals;

TEST_CASE("an answer that is there at once is given at once") {
  served srv;
  srv.promise->keep("ready");
  raw_client client(srv.port);
  for (int i = 0; i < 3; ++i) CHECK(client.ask(get("/later")).body == "ready");
  CHECK(srv.promise->asked == 3);
  CHECK(srv.promise->given_up == 0);
}

TEST_CASE("an answer that others bring holds no thread meanwhile") {
  auto options = quick_options();
  options.worker_threads_max = 4;
  served srv(options);
  raw_client client(srv.port);
  REQUIRE(client.send(get("/later") + get("/healthz")));
  REQUIRE(eventually([&] { return srv.promise->asked == 1 && srv.figures().connections_parked == 1; }));
  CHECK(raw_client(srv.port).ask(get("/healthz")).status == 200);
  // Being called for nothing is no answer, and is asked again.
  srv.promise->disturb();
  REQUIRE(eventually([&] { return srv.promise->asked == 2 && srv.figures().connections_parked == 1; }));
  srv.promise->keep("brought");
  CHECK(client.read_answer().body == "brought");
  CHECK(client.read_answer().body == "well"); // what was pipelined behind it waited its turn
  CHECK(srv.promise->given_up == 0);
}

TEST_CASE("answers that are brought while they are asked for are neither lost nor given twice") {
  served srv;
  std::atomic<bool> stop{false};
  // Calls at every moment, also between the asking and the waiting.
  std::vector<std::thread> disturbers;
  for (int i = 0; i < 2; ++i)
    disturbers.emplace_back([&] {
      while (!stop) srv.promise->disturb();
    });
  std::vector<std::thread> crowd;
  std::atomic<int> wrong{0};
  std::thread keeper([&] {
    if (!eventually([&] { return srv.promise->asked > 2'000; })) ++wrong;
    srv.promise->keep("at last");
  });
  raw_client first(srv.port);
  if (first.ask(get("/later")).body != "at last") ++wrong;
  for (int i = 0; i < 4; ++i)
    crowd.emplace_back([&] {
      raw_client client(srv.port);
      for (int j = 0; j < 200; ++j)
        if (client.ask(get("/later")).body != "at last") ++wrong;
    });
  for (auto& thread : crowd) thread.join();
  keeper.join();
  stop = true;
  for (auto& thread : disturbers) thread.join();
  CHECK(wrong == 0);
  CHECK(srv.answered(200) == 801);
}

TEST_CASE("an answer that does not come in time is given up, and the connection with it") {
  auto options = quick_options();
  options.request_deadline = 200ms;
  served srv(options);
  raw_client client(srv.port);
  const auto answer = client.ask(get("/later"));
  CHECK(answer.status == 504);
  CHECK(answer.body == R"({"code":4,"message":"deadline exceeded","details":[]})");
  CHECK(answer.header("connection") == "close");
  CHECK(client.ends());
  CHECK(srv.promise->given_up == 1);
  srv.promise->keep("too late"); // nobody waits: nothing happens
  CHECK(raw_client(srv.port).ask(get("/later")).body == "too late");
}

TEST_CASE("an answer that breaks is a fault of ours") {
  served srv;
  raw_client client(srv.port);
  REQUIRE(client.send(get("/later")));
  REQUIRE(eventually([&] { return srv.promise->asked == 1; }));
  srv.promise->break_it();
  CHECK(client.read_answer().status == 500);
  CHECK(client.ask(get("/healthz")).status == 200);
}

TEST_CASE("a client that leaves before its answer is there is forgotten when it comes") {
  served srv;
  {
    raw_client client(srv.port);
    REQUIRE(client.send(get("/later")));
    REQUIRE(eventually([&] { return srv.promise->asked == 1; }));
  }
  srv.promise->keep("for nobody");
  CHECK(eventually([&] { return srv.figures().connections_open == 0; }));
}

TEST_CASE("a stop waits for answers that are on their way, and nobody brings one to a server that is gone") {
  auto promise = std::make_shared<promised>();
  {
    auto options = quick_options();
    options.request_deadline = 5s;
    served srv(options);
    srv.promise = promise;
    raw_client client(srv.port);
    REQUIRE(client.send(get("/later")));
    REQUIRE(eventually([&] { return promise->asked == 1; }));
    std::thread stopping([&] { srv.server().stop(); });
    REQUIRE(eventually([&] {
      try {
        raw_client late(srv.port);
        return false;
      } catch (const std::runtime_error&) {
        return true;
      }
    }));
    promise->keep("before the end");
    const auto answer = client.read_answer();
    CHECK(answer.body == "before the end");
    CHECK(answer.header("connection") == "close");
    stopping.join();
  }
  promise = std::make_shared<promised>();
  {
    auto options = quick_options();
    options.request_deadline = 100ms;
    served srv(options);
    srv.promise = promise;
    raw_client client(srv.port);
    CHECK(client.ask(get("/later")).status == 504);
  }
  promise->keep("too late");
  CHECK(promise->given_up == 1);
}
