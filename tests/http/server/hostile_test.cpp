#include "http/server/served.hpp"
#include "support/catch.hpp"

#include <memory>
#include <string>
#include <vector>

using namespace croupier;
using namespace croupier::test;
using namespace std::chrono_literals;

namespace {

/// What a smuggler hides in the body: it must never be answered.
const std::string hidden = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

} // namespace

TEST_CASE("requests whose bounds are a matter of opinion end the connection") {
  const std::string line = "POST /echo HTTP/1.1\r\nHost: localhost\r\n";
  const auto length = std::to_string(hidden.size());
  const std::vector<std::string> smuggled{
      line + "Content-Length: " + length + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
      line + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + hidden,
      line + "Content-Length: 0\r\nContent-Length: " + length + "\r\n\r\n" + hidden,
      line + "Content-Length: 0, " + length + "\r\n\r\n" + hidden,
      line + "Content-Length: +0\r\n\r\n" + hidden,
      line + "Content-Length : " + length + "\r\n\r\n" + hidden,
      line + "Content-Length:\r\n " + length + "\r\n\r\n" + hidden,
      line + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + hidden,
      line + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + hidden,
      line + "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n" + hidden,
      line + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
      line + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + hidden,
      line + "X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
      line + "Foo: bar\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
      line + "Foo: bar\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
      line + "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" + hidden,
      line + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + hidden,
      line + "Transfer-Encoding: chunked\r\n\r\n1\r\nZZ\r\n0\r\n\r\n" + hidden,
      line + "Transfer-Encoding: chunked\r\n\r\n0\n\n" + hidden,
      line + "Transfer-Encoding: chunked\r\n\r\n0;\n\r\n\r\n" + hidden,
      line + "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n" + hidden,
      "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
      "GET /healthz\r\n" + hidden,
      "GET /healthz HTTP/0.9\r\nHost: localhost\r\n\r\n" + hidden,
      "GET /healthz HTTP/3.0\r\nHost: localhost\r\n\r\n" + hidden,
      "GET /healthz HTTP/1.1\r\n\r\n" + hidden,
      "GET /healthz HTTP/1.1\nHost: localhost\n\n" + hidden,
      "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + hidden,
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n", 13),
      std::string(100, '\0') + "\n",
  };
  served srv;
  for (const auto& bytes : smuggled) {
    INFO(bytes.substr(0, 120));
    raw_client client(srv.port);
    REQUIRE(client.send(bytes));
    const auto answer = client.read_answer();
    CHECK(answer.status == 400);
    CHECK(answer.header("connection") == "close");
    CHECK(client.ends());
  }
  CHECK(srv.handled == 0);
  CHECK(srv.figures().framing_errors == smuggled.size());
  CHECK(srv.answered(400) == smuggled.size());
}

TEST_CASE("bodies that nobody asked for are never the next request") {
  served srv;
  const auto length = "Content-Length: " + std::to_string(hidden.size()) + "\r\n";
  for (const auto& [method, target, status] :
       std::vector<std::tuple<std::string, std::string, int>>{{"GET", "/healthz", 400},
                                                              {"DELETE", "/admin/v1/things/1", 401},
                                                              {"OPTIONS", "/healthz", 204},
                                                              {"PUT", "/healthz", 405},
                                                              {"POST", "/nothing", 404},
                                                              {"POST", "/tracking/client/v1", 401}}) {
    INFO(method << " " << target);
    raw_client client(srv.port);
    REQUIRE(client.send(with_headers(method, target, length, hidden)));
    CHECK(client.read_answer().status == status);
    REQUIRE(client.send(with_headers(method, target, "Transfer-Encoding: chunked\r\n", chunked(hidden, 7))));
    CHECK(client.read_answer().status == status);
    // The connection is still in step.
    CHECK(client.ask(get("/tell/this/and/that")).body == "literal");
  }
  raw_client head(srv.port);
  REQUIRE(head.send(with_headers("HEAD", "/healthz", length, hidden)));
  CHECK(head.read_answer(true).status == 400);
  CHECK(head.ask(get("/tell/this/and/that")).body == "literal");
  // A large one costs the connection instead.
  raw_client large(srv.port);
  large.send(with_headers("PUT", "/healthz", "Content-Length: 65537\r\n", std::string(65'537, 'x')));
  CHECK(large.read_answer().status == 405);
  CHECK(large.ends());
  CHECK(srv.handled == 7);
}

TEST_CASE("pipelined requests are answered in order, however many come at once") {
  served srv;
  raw_client client(srv.port);
  std::string all;
  for (int i = 0; i < 2'000; ++i) all += post("/echo", "body " + std::to_string(i)) + get("/healthz") + "\r\n";
  REQUIRE(client.send(all + get("/healthz").substr(0, 10)));
  for (int i = 0; i < 2'000; ++i) {
    REQUIRE(client.read_answer().body == "body " + std::to_string(i));
    REQUIRE(client.read_answer().body == "well");
  }
  CHECK(client.ask(get("/healthz").substr(10)).body == "well");
}

TEST_CASE("requests may come byte by byte") {
  served srv;
  raw_client client(srv.port);
  const auto request =
      post("/echo", "slowly") + with_headers("POST", "/echo", "Transfer-Encoding: chunked\r\n", chunked("chunks", 4));
  for (const char byte : request) REQUIRE(client.send(std::string_view(&byte, 1)));
  CHECK(client.read_answer().body == "slowly");
  CHECK(client.read_answer().body == "chunks");
}

TEST_CASE("a client that has closed its side gets its answers") {
  served srv;
  raw_client client(srv.port);
  REQUIRE(client.send(get("/healthz") + post("/echo", "last")));
  client.end_sending();
  CHECK(client.read_answer().body == "well");
  CHECK(client.read_answer().body == "last");
  CHECK(client.ends());
  // In the middle of a request there is nothing to answer.
  raw_client broken(srv.port);
  REQUIRE(broken.send(post("/echo", "not all of it").substr(0, 90)));
  broken.end_sending();
  CHECK(broken.ends());
  raw_client silent(srv.port);
  silent.end_sending();
  CHECK(silent.ends());
  CHECK(eventually([&] { return srv.figures().connections_open == 0; }));
}

TEST_CASE("header floods are cut off") {
  served srv;
  const auto status_of = [&](const std::string& bytes) {
    raw_client client(srv.port);
    client.send(bytes);
    const auto answer = client.read_answer();
    const int status = answer.status;
    CHECK(client.ends());
    return status;
  };
  std::string many;
  for (int i = 0; i < 101; ++i) many += "X: y\r\n";
  CHECK(status_of(with_headers("GET", "/healthz", many)) == 431);
  CHECK(status_of(with_headers("GET", "/healthz", "X: " + std::string(40'000, 'y') + "\r\n")) == 431);
  CHECK(status_of("GET /healthz HTTP/1.1\r\nX: " + std::string(5 << 20, 'y')) == 431);
  CHECK(status_of(get("/" + std::string(8'001, 'y'))) == 414);
  CHECK(status_of("GET /" + std::string(5 << 20, 'y')) == 414);
  CHECK(status_of(std::string(5 << 20, 'y')) == 414);
  CHECK(raw_client(srv.port).ask(with_headers("GET", "/healthz", "X: " + std::string(31'000, 'y') + "\r\n")).status ==
        200);
  CHECK(raw_client(srv.port).ask(get("/tell/this/and/" + std::string(7'900, 'y'))).status == 200);
}

TEST_CASE("slow heads, slow bodies and idle clients run out of time") {
  auto options = quick_options();
  options.header_timeout = 300ms;
  options.body_timeout = 500ms;
  options.keep_alive_timeout = 1'000ms;
  served srv(options);

  raw_client idle(srv.port);
  raw_client kept(srv.port);
  CHECK(kept.ask(get("/healthz")).status == 200);
  raw_client head(srv.port);
  REQUIRE(head.send("GET /healthz HTTP/1.1\r\n"));
  raw_client body(srv.port);
  REQUIRE(body.send(post("/echo", "0123456789").substr(0, 100)));
  raw_client refused_body(srv.port);
  REQUIRE(refused_body.send(with_headers("POST", "/nothing", "Content-Length: 10\r\n", "01234")));
  raw_client stream(srv.port);
  REQUIRE(stream.send(with_headers(
      "POST", "/stream", "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n", "3\r\nabc\r\n")));

  CHECK(head.read_answer().status == 408);
  CHECK(head.ends());
  CHECK(body.read_answer().status == 408);
  CHECK(body.ends());
  CHECK(refused_body.read_answer().status == 404);
  CHECK(refused_body.ends());
  CHECK(stream.read_answer().body == "failed 3");
  CHECK(stream.ends());
  CHECK(idle.ends());
  CHECK(kept.ends());
  const auto figures = srv.figures();
  CHECK(figures.header_timeouts == 1);
  CHECK(figures.body_timeouts == 3);
  CHECK(figures.idle_timeouts == 2);
}

TEST_CASE("time is counted for the whole head and the whole body, not from byte to byte") {
  auto options = quick_options();
  options.header_timeout = 200ms;
  options.body_timeout = 200ms;
  served srv(options);
  for (const bool in_body : {false, true}) {
    raw_client client(srv.port);
    REQUIRE(
        client.send(in_body ? with_headers("POST", "/echo", "Content-Length: 1000000\r\n") : "GET / HTTP/1.1\r\nX: "));
    // It goes on sending until it is cut off; the pauses are far below the limit.
    CHECK(eventually([&] {
      client.send("y");
      const auto figures = srv.figures();
      return (in_body ? figures.body_timeouts : figures.header_timeouts) == 1;
    }));
    CHECK(client.read_answer().status == 408);
  }
}

TEST_CASE("a client that does not read is given up, and holds no thread meanwhile") {
  auto options = quick_options();
  options.write_timeout = 400ms;
  options.worker_threads_max = 4;
  served srv(options);
  std::vector<std::unique_ptr<raw_client>> deaf;
  for (int i = 0; i < 8; ++i) {
    deaf.push_back(std::make_unique<raw_client>(srv.port, 4'096));
    REQUIRE(deaf.back()->send(get("/large")));
  }
  // Twice as many as there are threads; others are served all the same.
  CHECK(raw_client(srv.port).ask(get("/healthz")).status == 200);
  CHECK(eventually([&] { return srv.figures().write_timeouts == 8; }));
  CHECK(eventually([&] { return srv.figures().connections_open == 0; }));

  raw_client deaf_to_stream(srv.port, 4'096);
  REQUIRE(deaf_to_stream.send(get("/pieces?q=100000")));
  CHECK(eventually([&] { return srv.figures().write_timeouts == 9; }));
  CHECK(eventually([&] { return srv.figures().streams_open == 0; }));
}

TEST_CASE("a client that leaves in the middle is forgotten") {
  served srv;
  for (const auto& bytes : {std::string("GET /heal"), post("/echo", "body").substr(0, 95), get("/large"),
                            get("/pieces?q=100000"), get("/healthz") + "GET"}) {
    raw_client client(srv.port);
    REQUIRE(client.send(bytes));
  }
  CHECK(eventually([&] { return srv.figures().connections_accepted == 5 && srv.figures().connections_open == 0; }));
  CHECK(raw_client(srv.port).ask(get("/healthz")).status == 200);
}
