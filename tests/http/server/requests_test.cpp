#include "http/server/served.hpp"
#include "support/catch.hpp"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sstream>
#include <string>
#include <vector>

using namespace croupier;
using namespace croupier::test;

TEST_CASE("a request is answered, and the connection goes on") {
  served srv;
  raw_client client(srv.port);
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.ask(get("/healthz"));
    CHECK(answer.status == 200);
    CHECK(answer.body == "well");
    CHECK(answer.header("content-type") == "text/plain");
    CHECK(answer.header("date").size() == 29);
    CHECK(answer.header("connection").empty());
  }
  CHECK(srv.figures().connections_accepted == 1);
  CHECK(srv.answered(200) == 3);
}

TEST_CASE("HEAD, OPTIONS and methods that a path does not have") {
  served srv;
  raw_client client(srv.port);
  REQUIRE(client.send(with_headers("HEAD", "/healthz", "")));
  const auto head = client.read_answer(true);
  CHECK(head.status == 200);
  CHECK(head.header("content-length") == "4");
  REQUIRE(client.send(with_headers("HEAD", "/pieces", "")));
  CHECK(client.read_answer(true).status == 200);

  const auto options = client.ask(with_headers("OPTIONS", "/tracking/client/v1", ""));
  CHECK(options.status == 204);
  CHECK(options.header("content-length").empty()); // an answer without a body has no length of one, RFC 9110
  CHECK(options.header("allow") == "POST, OPTIONS");
  CHECK(options.body.empty());
  CHECK(client.ask(with_headers("OPTIONS", "*", "")).header("allow") == "GET, POST, DELETE, HEAD, OPTIONS");
  CHECK(client.ask(with_headers("OPTIONS", "/nothing", "")).status == 404);

  for (const std::string_view method : {"POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get"}) {
    INFO(method);
    const auto refused = client.ask(with_headers(method, "/healthz", "Content-Length: 3\r\n", "{}\n"));
    CHECK(refused.status == 405);
    CHECK(refused.header("allow") == "GET, HEAD, OPTIONS");
    CHECK(refused.body == R"({"error":{"code":"method_not_allowed","message":"method not allowed"}})");
  }
  const auto trackdesk = client.ask(get("/tracking/client/v1"));
  CHECK(trackdesk.body == R"({"code":12,"message":"method not allowed","details":[]})");
  CHECK(client.ask(get("/tracking/client/v2")).body == R"({"code":5,"message":"not found","details":[]})");
  CHECK(client.ask(get("/v1/events/x")).body == R"({"code":"not_found","message":"Not found"})");
  CHECK(client.ask(get("/healthz")).status == 200); // still the same connection
}

TEST_CASE("what a handler is told of its request") {
  served srv;
  raw_client client(srv.port);
  const auto answer = client.ask(
      with_headers("GET", "/tell/a%2Fb/and/%C3%A9+?x=1&q=c%3D%3D==+d&q=2", "x-test:  exactly %41 \"this\"  \r\n"));
  CHECK(answer.body == "GET /tell/a/b/and/\xc3\xa9+\none=a/b\ntwo=\xc3\xa9+\nq=c==== d\nx-test=exactly %41 \"this\"\n");
  CHECK(client.ask(get("/tell/this/and/that")).body == "literal");
  CHECK(client.ask(get("/tell//and/x")).status == 404);
  CHECK(client.ask(get("/tell/%00/and/x")).status == 400);
  CHECK(client.ask(get("/tell/x/and/%0d%0aSet-Cookie:%20a")).status == 400);
}

TEST_CASE("bad escapes are a bad request") {
  served srv;
  for (const std::string_view target :
       {"/tell/%/and/x", "/tell/%g1/and/x", "/tell/x/and/y?q=%", "/tell/x/and/y?q=%1"}) {
    raw_client client(srv.port);
    const auto answer = client.ask(get(target));
    CHECK(answer.status == 400);
    CHECK(client.ends());
  }
  CHECK(srv.handled == 0);
}

TEST_CASE("keys and scopes are asked for in the words of the dialect") {
  struct sample {
    std::string_view name;
    std::string method;
    std::string target;
    std::string headers;
    int status;
    std::string body; ///< empty: any
  };
  const auto key = [](std::string_view secret) { return "X-Api-Key: " + std::string(secret) + "\r\n"; };
  const auto bearer = [](std::string_view secret) { return "Authorization: Bearer " + std::string(secret) + "\r\n"; };
  const std::string unauthenticated = R"({"code":16,"message":"unauthenticated","details":[]})";
  const std::string denied = R"({"code":7,"message":"permission denied","details":[]})";
  const std::string no_token = R"({"code":"invalid_token","message":"Missing or malformed Authorization header"})";
  const std::string bad_token = R"({"code":"invalid_token","message":"Invalid or expired token"})";
  const std::string list = "/tracking/list";
  const std::vector<sample> samples{
      {"key", "GET", list, key(reader), 200, ""},
      {"bearer", "GET", list, bearer(reader), 200, ""},
      {"name and scheme in any case", "GET", list, "AUTHORIZATION: bEARER " + std::string(reader) + "\r\n", 200, ""},
      {"admin includes all", "GET", list, key(boss), 200, ""},
      {"none", "GET", list, "", 401, unauthenticated},
      {"unknown", "GET", list, key("rv_nobody"), 401, unauthenticated},
      {"expired", "GET", list, key(expired), 401, unauthenticated},
      {"revoked", "GET", list, key(revoked), 401, unauthenticated},
      {"another scheme", "GET", list, "Authorization: Basic " + std::string(reader) + "\r\n", 401, unauthenticated},
      {"in the query", "GET", list + "?X-Api-Key=" + std::string(reader), "", 401, unauthenticated},
      {"in another case", "GET", list, key("RV_READER"), 401, unauthenticated},
      {"a part of it", "GET", list, key(reader.substr(0, reader.size() - 1)), 401, unauthenticated},
      {"scope", "GET", list, key(writer), 403, denied},
      {"route before key", "PUT", list, "", 405, ""},
      {"wynta none", "POST", "/v1/events/track", "", 401, no_token},
      {"wynta unknown", "POST", "/v1/events/track", bearer("x"), 401, bad_token},
      {"wynta expired", "POST", "/v1/events/track", bearer(expired), 401, bad_token},
      {"wynta scope", "POST", "/v1/events/track", bearer(reader), 403,
       R"({"code":"forbidden","message":"Token scope insufficient"})"},
      {"revvvs none", "POST", "/api/v1/events", "", 401,
       R"({"error":{"code":"INVALID_API_KEY","message":"Invalid or missing API key","details":[]}})"},
      {"plain scope", "DELETE", "/admin/v1/things/1", key(reader), 403,
       R"({"error":{"code":"forbidden","message":"the API key lacks the scope for this call"}})"},
      {"public", "GET", "/healthz", key("rv_nobody"), 200, ""},
  };
  served srv;
  raw_client client(srv.port);
  for (const auto& [name, method, target, headers, status, body] : samples) {
    INFO(name);
    const auto answer = client.ask(with_headers(method, target, headers));
    CHECK(answer.status == status);
    if (!body.empty()) CHECK(answer.body == body);
  }
}

TEST_CASE("a change of the keys counts from the next request on") {
  served srv;
  raw_client client(srv.port);
  CHECK(client.ask(get("/tracking/list", reader)).status == 200);
  auto changed = workspace_with_keys();
  auto withdrawn = changed.api_keys()[1];
  withdrawn.revoked = true;
  changed.put(withdrawn);
  srv.ws = std::make_shared<const workspace>(std::move(changed));
  CHECK(client.ask(get("/tracking/list", reader)).status == 401);
}

TEST_CASE("content types and encodings") {
  served srv;
  raw_client client(srv.port);
  const auto status = [&](std::string_view target, std::string headers, std::string_view body) {
    headers += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return client.ask(with_headers("POST", target, headers, body)).status;
  };
  CHECK(status("/echo", "Content-Type: application/json\r\n", "{}") == 200);
  CHECK(status("/echo", "Content-Type: Application/JSON ; charset=utf-8\r\n", "{}") == 200);
  CHECK(status("/echo", "", "{}") == 200);
  CHECK(status("/echo", "Content-Type: text/plain\r\n", "{}") == 415);
  CHECK(status("/echo", "Content-Type: application/jsonx\r\n", "{}") == 415);
  CHECK(status("/echo", "Content-Type: application/x-www-form-urlencoded\r\n", "a=b") == 415);
  CHECK(status("/echo", "Content-Type: application/x-ndjson\r\n", "{}") == 415);
  CHECK(status("/echo", "Content-Type: text/plain\r\n", "") == 200);
  CHECK(status("/echo", "Content-Encoding: identity\r\n", "{}") == 200);
  CHECK(status("/echo", "Content-Encoding: br\r\n", "{}") == 415);
  CHECK(status("/echo", "Content-Encoding: deflate\r\n", "{}") == 415);
  CHECK(status("/echo", "Content-Encoding: gzip, gzip\r\n", "{}") == 415);
  CHECK(status("/stream", "Content-Type: application/x-ndjson\r\nContent-Encoding: br\r\n", "{}") == 415);
  CHECK(client.ask(with_headers("GET", "/healthz", "Content-Length: 2\r\n", "{}")).status == 400);
  CHECK(client.ask(with_headers("GET", "/healthz", "Content-Length: 0\r\n")).status == 200);
  // The order is key, type, size.
  CHECK(status("/tracking/client/v1", "Content-Type: text/plain\r\n", "x") == 401);
  CHECK(srv.figures().connections_accepted == 1);
}

TEST_CASE("gzip bodies") {
  served srv;
  raw_client client(srv.port);
  const auto ask = [](const std::string& body, std::string_view target = "/echo") {
    return with_headers("POST", target,
                        "Content-Encoding: gzip\r\nContent-Length: " + std::to_string(body.size()) + "\r\n", body);
  };
  const std::string text(500'000, 'z');
  CHECK(client.ask(ask(gzip(text))).body == text);
  const auto chunks = with_headers("POST", "/echo", "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
                                   chunked(gzip(text), 100));
  CHECK(client.ask(chunks).body == text);
  CHECK(client.ask(ask(gzip(std::string(1 << 20, 'z')))).status == 200);
  CHECK(client.ask(get("/healthz")).status == 200);

  for (const auto& [body, expected] :
       std::vector<std::pair<std::string, int>>{{"this is no gzip", 400},
                                                {gzip(text).substr(0, 100), 400},
                                                {gzip(std::string((1 << 20) + 1, 'z')), 413},
                                                {gzip(std::string(64 << 20, 'z')), 413}}) {
    raw_client bad(srv.port);
    const auto answer = bad.ask(ask(body));
    CHECK(answer.status == expected);
    CHECK(answer.header("connection") == "close");
    CHECK(bad.ends());
  }
}

TEST_CASE("bodies of every size, whole and in chunks") {
  served srv;
  raw_client client(srv.port);
  for (const std::size_t size : {0U, 1U, 4'095U, 65'536U, 65'537U, 1U << 20U}) {
    INFO(size);
    const std::string body(size, 'b');
    CHECK(client.ask(post("/echo", body)).body == body);
    const std::string lines = "Transfer-Encoding: chunked\r\n";
    CHECK(client.ask(with_headers("POST", "/echo", lines, chunked(body, 10'000))).body == body);
  }
  CHECK(client.ask(with_headers("POST", "/echo", "")).body.empty()); // no length: no body
  const std::string large(8 << 20, 'b');
  CHECK(client.ask(post("/batch", large)).body == std::to_string(large.size()));
  CHECK(client.ask(with_headers("POST", "/batch", "Transfer-Encoding: chunked\r\n", chunked(large, 70'000))).body ==
        std::to_string(large.size()));
  CHECK(client.ask(get("/large")).body.size() == 16 << 20);
}

TEST_CASE("bodies over the limit are refused without being read") {
  served srv;
  struct sample {
    std::string target;
    std::size_t bytes;
  };
  for (const auto& [target, bytes] :
       {sample{"/echo", (1 << 20) + 1}, sample{"/batch", (8 << 20) + 1}, sample{"/stream", (8 << 20) + 1}}) {
    raw_client client(srv.port);
    const auto answer = client.ask(with_headers("POST", target, "Content-Length: " + std::to_string(bytes) + "\r\n"));
    CHECK(answer.status == 413);
    CHECK(answer.header("connection") == "close");
    // A client that sends it all the same still gets to read the answer.
    raw_client stubborn(srv.port);
    stubborn.send(with_headers("POST", target, "Content-Length: " + std::to_string(bytes) + "\r\n"));
    stubborn.send(std::string(2 << 20, 'x'));
    CHECK(stubborn.read_answer().status == 413);
  }
  raw_client chunks(srv.port);
  chunks.send(
      with_headers("POST", "/echo", "Transfer-Encoding: chunked\r\n", chunked(std::string(2 << 20, 'x'), 1'000)));
  CHECK(chunks.read_answer().status == 413);
  CHECK(srv.handled == 0);
}

TEST_CASE("streamed bodies have no limit and come as they are sent") {
  served srv;
  raw_client client(srv.port);
  const std::string type = "Content-Type: application/x-ndjson\r\n";
  const std::string body(20 << 20, 'n');
  const auto length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  CHECK(client.ask(with_headers("POST", "/stream", type + length, body)).body == "read 20971520");
  CHECK(
      client.ask(with_headers("POST", "/stream", type + "Transfer-Encoding: chunked\r\n", chunked(body, 9'999))).body ==
      "read 20971520");
  const auto zipped = gzip(body);
  const auto zipped_length = "Content-Encoding: gzip\r\nContent-Length: " + std::to_string(zipped.size()) + "\r\n";
  CHECK(client.ask(with_headers("POST", "/stream", type + zipped_length, zipped)).body == "read 20971520");
  CHECK(client.ask(post("/stream", "{}")).body == "whole 2");
  CHECK(srv.figures().streams_open == 0);

  client.send(with_headers("POST", "/stream", type + "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\nzz\r\n"));
  CHECK(client.read_answer().body == "failed 3");
  CHECK(client.ends());
}

TEST_CASE("streamed answers") {
  served srv;
  raw_client client(srv.port);
  const auto answer = client.ask(get("/pieces?q=100"));
  CHECK(answer.header("transfer-encoding") == "chunked");
  CHECK(answer.body == std::string(100 * 64 * 1024, 'p'));
  CHECK(client.ask(get("/pieces?q=0")).body.empty());
  // To HTTP/1.0 its end is the end of the connection.
  raw_client old(srv.port);
  old.send("GET /pieces?q=2 HTTP/1.0\r\n\r\n");
  const auto all = old.read_to_end();
  REQUIRE(all);
  CHECK(all->find("chunked") == std::string::npos);
  CHECK(all->size() - all->find("\r\n\r\n") - 4 == 2 * 64 * 1024);
  // One that fails has no end.
  client.send(get("/pieces?q=-1"));
  CHECK(client.read_answer().status == 0);
  CHECK(eventually([&] { return srv.figures().streams_open == 0; }));
  CHECK(raw_client(srv.port).ask(get("/healthz")).status == 200);
}

TEST_CASE("a quarter of the threads may stream, the rest serves") {
  served srv; // 16 threads
  const auto begin =
      with_headers("POST", "/stream", "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n");
  std::vector<std::unique_ptr<raw_client>> streams;
  for (int i = 0; i < 4; ++i) {
    streams.push_back(std::make_unique<raw_client>(srv.port));
    REQUIRE(streams.back()->send(begin));
  }
  REQUIRE(eventually([&] { return srv.figures().streams_open == 4; }));
  raw_client fifth(srv.port);
  const auto refused = fifth.ask(begin);
  CHECK(refused.status == 503);
  CHECK(refused.header("retry-after") == "1");
  CHECK(raw_client(srv.port).ask(get("/pieces")).status == 503);
  CHECK(raw_client(srv.port).ask(get("/healthz")).status == 200);
  for (auto& stream : streams) CHECK(stream->ask("0\r\n\r\n").body == "read 0");
  CHECK(raw_client(srv.port).ask(get("/pieces")).status == 200);
}

TEST_CASE("Expect: 100-continue") {
  served srv;
  raw_client client(srv.port);
  const std::string expect = "Expect: 100-continue\r\nContent-Length: 4\r\n";
  REQUIRE(client.send(with_headers("POST", "/echo", expect)));
  CHECK(client.read_answer().status == 100);
  CHECK(client.ask("body").body == "body");
  // Whoever does not wait is not told to go on.
  CHECK(client.ask(with_headers("POST", "/echo", expect, "here")).body == "here");
  const auto stream = "Content-Type: application/x-ndjson\r\n" + expect;
  REQUIRE(client.send(with_headers("POST", "/stream", stream)));
  CHECK(client.read_answer().status == 100);
  CHECK(client.ask("body").body == "read 4");
  // A refusal comes instead, and the body is not waited for.
  const auto refused = client.ask(with_headers("POST", "/tracking/client/v1", expect));
  CHECK(refused.status == 401);
  CHECK(client.ends());
  CHECK(raw_client(srv.port)
            .ask(with_headers("POST", "/echo", "Expect: a cake\r\nContent-Length: 4\r\n", "body"))
            .status == 417);
}

TEST_CASE("a fault of a handler is a 500 in its style, and nothing more") {
  served srv;
  raw_client client(srv.port);
  const auto answer = client.ask(get("/fault"));
  CHECK(answer.status == 500);
  CHECK(answer.body == R"({"code":13,"message":"internal error","details":[]})");
  CHECK(client.ask(get("/healthz")).status == 200);
}

TEST_CASE("nothing a client sends becomes a header of the answer") {
  served srv;
  raw_client client(srv.port);
  const auto answer = client.ask(get("/moved?q=/x%0d%0aSet-Cookie:%20a=b"));
  CHECK(answer.status == 302);
  CHECK(answer.header("set-cookie").empty());
  CHECK(client.ask(get("/moved?q=/fine")).header("location") == "/fine");
}

TEST_CASE("every answer carries a request id") {
  served srv;
  raw_client client(srv.port);
  CHECK(client.ask(with_headers("GET", "/healthz", "X-Request-Id: mine-1.2_3\r\n")).header("x-request-id") ==
        "mine-1.2_3");
  CHECK(client.ask(with_headers("GET", "/healthz", "X-Request-Id: not mine\r\n")).header("x-request-id").size() == 16);
  CHECK(client.ask(with_headers("GET", "/none", "X-Request-Id: x\r\n")).header("x-request-id") == "x");
  CHECK(client.ask("BAD\r\n\r\n").header("x-request-id").size() == 16);
}

TEST_CASE("a rate limit is told on every answer to a key, and enforced") {
  auto options = quick_options();
  options.rate_limit_per_minute = 3;
  served srv(options);
  raw_client client(srv.port);
  for (const std::string_view left : {"2", "1", "0"}) {
    const auto answer = client.ask(get("/tracking/list", reader));
    CHECK(answer.status == 200);
    CHECK(answer.header("x-ratelimit-limit") == "3");
    CHECK(answer.header("x-ratelimit-remaining") == left);
  }
  const auto refused = client.ask(get("/tracking/list", reader));
  CHECK(refused.status == 429);
  CHECK(refused.body == R"({"code":8,"message":"rate limit exceeded","details":[]})");
  CHECK(refused.header("x-ratelimit-remaining") == "0");
  CHECK_FALSE(refused.header("retry-after").empty());
  CHECK(client.ask(get("/tracking/list", writer)).header("x-ratelimit-remaining") == "3"); // 403 takes nothing
  CHECK(client.ask(get("/tracking/list", boss)).status == 200);
  CHECK(client.ask(get("/healthz")).header("x-ratelimit-limit").empty());
}

TEST_CASE("the access log has a line for every request and no secrets") {
  std::ostringstream lines;
  auto options = quick_options();
  options.access_log =
      std::make_shared<spdlog::logger>("access", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
  options.access_log->set_pattern("%v");
  {
    served srv(options);
    raw_client client(srv.port);
    const std::string key = "X-Api-Key: " + std::string(reader) + "\r\n";
    client.ask(
        with_headers("GET", "/tracking/list?q=secret-query", key + "X-Request-Id: r-1\r\nX-Client-Id: shop \"1\"\r\n"));
    client.ask(with_headers("POST", "/echo", "Content-Length: 11\r\nX-Request-Id: r-2\r\n", "secret-body"));
    client.ask(get("/secret-path"));
    client.ask("NONSENSE\r\n\r\n");
  }
  const auto text = lines.str();
  INFO(text);
  CHECK(std::count(text.begin(), text.end(), '\n') == 4);
  const auto has = [&](std::string_view part) { return text.find(part) != std::string::npos; };
  CHECK(has("request_id=r-1 method=GET route=/tracking/list status=200 bytes="));
  CHECK(has(R"( remote_ip=127.0.0.1 key_id="00000000-0000-0001-0000-000000000002" client_id="shop \"1\"")"));
  CHECK(has("request_id=r-2 method=POST route=/echo status=200 bytes=11 duration_us="));
  CHECK(has(" method=GET route=- status=404 "));
  CHECK(has(" method=- route=- status=400 "));
  CHECK_FALSE(has("secret"));
  CHECK_FALSE(has(reader));

  lines.str("");
  options.access_log->set_level(spdlog::level::warn);
  served quiet(options);
  CHECK(raw_client(quiet.port).ask(get("/healthz")).status == 200);
  quiet.server().stop();
  CHECK(lines.str().empty());
}
