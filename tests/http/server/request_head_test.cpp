#include "http/wire/request_head.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace croupier::http;
using namespace croupier::http::wire;

namespace {

std::string with(std::string_view lines) {
  return "POST /x HTTP/1.1\r\nHost: a\r\n" + std::string(lines) + "\r\n";
}

} // namespace

TEST_CASE("a head is taken apart without changing a byte") {
  const std::string text = "POST /a%20b/c?x=1&y=%2B+ HTTP/1.1\r\n"
                           "Host: example.com:8080\r\n"
                           "X-Text: \t a%41 \"b\"\xc3\xa9 \t\r\n"
                           "Empty:\r\n"
                           "x-text: second\r\n"
                           "Content-Length: 18446744073709551615\r\n"
                           "Expect: 100-Continue\r\n"
                           "\r\n";
  request_head head;
  REQUIRE_FALSE(head.parse(text));
  CHECK(head.method == "POST");
  CHECK(head.path == "/a%20b/c");
  CHECK(head.query == "x=1&y=%2B+");
  CHECK(head.find("X-TEXT") == "a%41 \"b\"\xc3\xa9");
  CHECK(head.find("empty").empty());
  CHECK(head.find("absent").empty());
  CHECK(head.content_length == UINT64_MAX);
  CHECK(head.expects_continue);
  CHECK(head.keep_alive);
  CHECK(head.has_body());
  CHECK_FALSE(head.chunked);

  // The same object takes the next head and keeps nothing of the last one.
  const std::string next = "GET http://example.com?q HTTP/1.0\r\n\r\n";
  CHECK(head.parse(next));
  const std::string last = "GET http://example.com/p?q HTTP/1.0\r\n\r\n";
  REQUIRE_FALSE(head.parse(last));
  CHECK(head.path == "/p");
  CHECK(head.query == "q");
  CHECK(head.fields.empty());
  CHECK_FALSE(head.content_length);
  CHECK_FALSE(head.keep_alive);
  CHECK_FALSE(head.expects_continue);
}

TEST_CASE("request lines") {
  struct sample {
    std::string line;
    std::optional<error_kind> refused;
  };
  const std::vector<sample> samples{
      {"GET / HTTP/1.1", {}},
      {"OPTIONS * HTTP/1.1", {}},
      {"PROPFIND /x HTTP/1.1", {}},
      {"GET https://h/x HTTP/1.1", {}},
      {"GET /" + std::string(target_bytes_max - 1, 'a') + " HTTP/1.1", {}},
      {"GET /" + std::string(target_bytes_max, 'a') + " HTTP/1.1", error_kind::uri_too_long},
      {"GET /", error_kind::malformed},
      {"GET / HTTP/0.9", error_kind::malformed},
      {"GET / HTTP/2.0", error_kind::malformed},
      {"GET / HTTP/1.2", error_kind::malformed},
      {"GET / http/1.1", error_kind::malformed},
      {"GET / HTTP/1.1 ", error_kind::malformed},
      {"GET  / HTTP/1.1", error_kind::malformed},
      {"GET /  HTTP/1.1", error_kind::malformed},
      {"GET /a b HTTP/1.1", error_kind::malformed},
      {"GET\t/\tHTTP/1.1", error_kind::malformed},
      {" GET / HTTP/1.1", error_kind::malformed},
      {"G(T / HTTP/1.1", error_kind::malformed},
      {std::string(33, 'M') + " / HTTP/1.1", error_kind::malformed},
      {"GET x HTTP/1.1", error_kind::malformed},
      {"GET * HTTP/1.1", error_kind::malformed},
      {"CONNECT host:443 HTTP/1.1", error_kind::malformed},
      {"GET ftp://host/ HTTP/1.1", error_kind::malformed},
      {"GET http://host HTTP/1.1", error_kind::malformed},
      {"GET /#part HTTP/1.1", error_kind::malformed},
      {"GET /% HTTP/1.1", error_kind::malformed},
      {"GET /%4 HTTP/1.1", error_kind::malformed},
      {"GET /%4g HTTP/1.1", error_kind::malformed},
      {"GET /?a=%zz HTTP/1.1", error_kind::malformed},
      {"GET /\xc3\xa9 HTTP/1.1", error_kind::malformed},
      {std::string("GET /\0 HTTP/1.1", 15), error_kind::malformed},
      {"GET /\x7f HTTP/1.1", error_kind::malformed},
      {"", error_kind::malformed},
  };
  for (const auto& [line, refused] : samples) {
    INFO(line.substr(0, 60));
    request_head head;
    const std::string text = line + "\r\nHost: a\r\n\r\n";
    const auto problem = head.parse(text);
    CHECK(problem.has_value() == refused.has_value());
    if (problem && refused) CHECK(problem->kind == *refused);
  }
}

TEST_CASE("header fields that servers are known to read differently are refused") {
  const std::vector<std::string> refused{
      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
      "Content-Length: 5\r\nContent-Length: 5\r\n",
      "Content-Length: 5\r\nContent-Length: 6\r\n",
      "Content-Length: 5, 5\r\n",
      "Content-Length: +5\r\n",
      "Content-Length: -5\r\n",
      "Content-Length: 0x5\r\n",
      "Content-Length: 5 6\r\n",
      "Content-Length: 5;\r\n",
      "Content-Length:\r\n",
      "Content-Length: \xd9\xa5\r\n",
      "Content-Length: 18446744073709551616\r\n",
      "Transfer-Encoding: identity\r\n",
      "Transfer-Encoding: gzip, chunked\r\n",
      "Transfer-Encoding: chunked, chunked\r\n",
      "Transfer-Encoding: chunked, identity\r\n",
      "Transfer-Encoding: xchunked\r\n",
      "Transfer-Encoding: \"chunked\"\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: %63hunked\r\n",
      "Transfer-Encoding:\x0b"
      "chunked\r\n",
      "Transfer-Encoding : chunked\r\n",
      "Content-Length : 5\r\n",
      " Content-Length: 5\r\n",
      "X: a\r\n folded\r\n",
      "X: a\r\n\tfolded\r\n",
      "X\r\n",
      ": no name\r\n",
      "X Y: name with a space\r\n",
      "X\tY: name with a tab\r\n",
      "X@: name with a separator\r\n",
      std::string("X: nul \0 byte\r\n", 15),
      "X: bare \r return\r\n",
      "X: bell \x07\r\n",
      "Host: second\r\n",
  };
  for (const auto& lines : refused) {
    INFO(lines);
    request_head head;
    const auto text = with(lines);
    const auto problem = head.parse(text);
    REQUIRE(problem);
    CHECK(problem->kind == error_kind::malformed);
    CHECK(head.path == "/x");
  }
}

TEST_CASE("header fields that are well") {
  for (const std::string_view lines :
       {"Transfer-Encoding: chunked\r\n", "transfer-encoding:Chunked \r\n", "Content-Length: 0\r\n",
        "Content-Length: 007\r\n", "X:\r\n", "X-Latin: \xe9\r\n", "X: a\tb\r\n", "Expect: 100-continue\r\n"}) {
    INFO(lines);
    request_head head;
    const auto text = with(lines);
    CHECK_FALSE(head.parse(text));
  }
}

TEST_CASE("whether the connection goes on") {
  const auto keeps = [](std::string_view version, std::string_view lines) {
    request_head head;
    const auto text = "GET / " + std::string(version) + "\r\nHost: a\r\n" + std::string(lines) + "\r\n";
    REQUIRE_FALSE(head.parse(text));
    return head.keep_alive;
  };
  CHECK(keeps("HTTP/1.1", ""));
  CHECK(keeps("HTTP/1.1", "Connection: keep-alive\r\n"));
  CHECK_FALSE(keeps("HTTP/1.1", "Connection: close\r\n"));
  CHECK_FALSE(keeps("HTTP/1.1", "Connection: TE, Close\r\n"));
  CHECK_FALSE(keeps("HTTP/1.1", "Connection: keep-alive\r\nConnection: close\r\n"));
  CHECK_FALSE(keeps("HTTP/1.0", ""));
  CHECK_FALSE(keeps("HTTP/1.0", "Connection: keep-alive\r\n"));
}

TEST_CASE("a host, an expectation, and the number of fields") {
  request_head head;
  CHECK(head.parse("GET / HTTP/1.1\r\n\r\n"));
  CHECK_FALSE(head.parse("GET / HTTP/1.0\r\n\r\n"));
  CHECK(head.parse("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"));
  const auto expects = with("Expect: 200-ok\r\n");
  CHECK(head.parse(expects)->kind == error_kind::expectation_failed);
  std::string many;
  for (std::size_t i = 0; i + 1 < header_count_max; ++i) many += "X: y\r\n";
  const auto as_many = with(many);
  CHECK_FALSE(head.parse(as_many));
  const auto too_many = with(many + "X: y\r\n");
  CHECK(head.parse(too_many)->kind == error_kind::head_too_large);
}

TEST_CASE("the end of a head is found wherever the pieces are cut") {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string text = head + "GET /next";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    head_scanner scanner;
    const auto first = scanner.scan(std::string_view(text).substr(0, cut));
    CHECK(first.head_bytes == (cut >= head.size() ? head.size() : 0));
    if (first.head_bytes == 0) CHECK(scanner.scan(text).head_bytes == head.size());
  }
}

TEST_CASE("what can never become a head is refused before its end") {
  const auto problem_of = [](const std::string& text) {
    head_scanner scanner;
    return scanner.scan(text).problem;
  };
  CHECK(problem_of("GET / HTTP/1.1\nHost: a\n")->kind == error_kind::malformed);
  CHECK(problem_of("\n")->kind == error_kind::malformed);
  CHECK(problem_of("GET / HTTP/1.1\r\n\n")->kind == error_kind::malformed);
  CHECK(problem_of("GET /" + std::string(9'000, 'a'))->kind == error_kind::uri_too_long);
  // The same when the end of the line comes with it.
  CHECK(problem_of("GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\n\r\n")->kind == error_kind::uri_too_long);
  CHECK(problem_of("GET / HTTP/1.1\r\nX: " + std::string(head_bytes_max, 'a'))->kind == error_kind::head_too_large);
  std::string lines = "GET / HTTP/1.1\r\n";
  while (lines.size() <= head_bytes_max) lines += "X: y\r\n";
  CHECK(problem_of(lines)->kind == error_kind::head_too_large);
  CHECK_FALSE(problem_of("GET /" + std::string(7'000, 'a')));
}
