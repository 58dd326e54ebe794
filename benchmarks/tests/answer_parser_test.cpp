#include "benchmarks/load/answer_parser.hpp"
#include "benchmarks/load/histogram.hpp"
#include "support/catch.hpp"

#include <cstring>
#include <vector>

using namespace croupier::load;
using progress = answer_parser::progress;
using namespace std::chrono_literals;

namespace {

void feed(answer_parser& parser, std::string_view bytes) {
  std::memcpy(parser.room(bytes.size()), bytes.data(), bytes.size());
  parser.received(bytes.size());
}

struct read_answer {
  int status = 0;
  std::string body;
  bool keep_alive = false;
  friend bool operator==(const read_answer&, const read_answer&) = default;
};

/// Every answer in `bytes`, fed in pieces of the given size.
std::vector<read_answer> read_all(std::string_view bytes, std::size_t piece) {
  answer_parser parser;
  std::vector<read_answer> answers;
  while (!bytes.empty()) {
    feed(parser, bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (auto found = parser.next(); found != progress::incomplete; found = parser.next()) {
      if (found == progress::malformed) return {{-1, "", false}};
      answers.push_back({parser.answer().status, std::string(parser.answer().body), parser.answer().keep_alive});
    }
  }
  CHECK(parser.pending() == 0);
  return answers;
}

} // namespace

TEST_CASE("answers are found wherever the pieces of the stream end") {
  const std::string stream =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
      "HTTP/1.1 100 Continue\r\n\r\n"
      "HTTP/1.1 409 Conflict\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n"
      "HTTP/1.1 204 No Content\r\n\r\n"
      "HTTP/1.1 200 OK\r\ncontent-length:  3 \r\nConnection: Keep-Alive, CLOSE\r\n\r\n\r\n\r"
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nz\r\n0\r\nTrailer: 1\r\n\r\n";
  const std::vector<read_answer> expected{
      {200, "{}", true}, {409, "abc0123456789", true}, {204, "", true}, {200, "\r\n\r", false}, {200, "z", true}};
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    INFO("pieces of " << piece);
    CHECK(read_all(stream, piece) == expected);
  }
}

TEST_CASE("a body without a length ends with the connection") {
  answer_parser parser;
  feed(parser, "HTTP/1.1 200 OK\r\n\r\nall of");
  CHECK(parser.next() == progress::incomplete);
  feed(parser, " this");
  CHECK(parser.next() == progress::incomplete);
  REQUIRE(parser.ended() == progress::complete);
  CHECK(parser.answer().body == "all of this");
  CHECK_FALSE(parser.answer().keep_alive);
}

TEST_CASE("what is not HTTP/1.1 is malformed") {
  for (const std::string_view bytes :
       {"HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1e3\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabcd", "\x16\x03\x01 garbage\r\n\r\n"}) {
    INFO(bytes);
    answer_parser parser;
    feed(parser, bytes);
    CHECK(parser.next() == progress::malformed);
  }
  answer_parser cut_short;
  feed(cut_short, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc");
  CHECK(cut_short.next() == progress::incomplete);
  CHECK(cut_short.ended() == progress::malformed);
}

TEST_CASE("headers are read by name in any case") {
  answer_parser parser;
  feed(parser, "HTTP/1.1 302 Found\r\nLocation: /welcome?click_id=7 \r\nContent-Length: 0\r\n\r\n");
  REQUIRE(parser.next() == progress::complete);
  CHECK(parser.answer().header("location") == "/welcome?click_id=7");
  CHECK(parser.answer().header("retry-after").empty());
}

TEST_CASE("quantiles of a histogram are within one part in 128 of the true ones") {
  histogram latencies;
  for (int i = 1; i <= 100'000; ++i) latencies.add(std::chrono::microseconds(i));
  CHECK(latencies.count() == 100'000);
  CHECK(latencies.max() == 100ms);
  CHECK(latencies.mean() == 50'000'500ns);
  for (const double share : {0.001, 0.5, 0.9, 0.99, 0.999}) {
    const auto truth = share * 100'000'000;
    const auto found = static_cast<double>(latencies.quantile(share).count());
    INFO(share << ": " << found << " for " << truth);
    CHECK(found >= truth);
    CHECK(found <= truth * (1 + 1.0 / 128));
  }
  CHECK(latencies.quantile(1) == 100ms);
}

TEST_CASE("a histogram takes what is out of its range, and merges") {
  histogram first;
  histogram second;
  CHECK(first.quantile(0.5) == 0ns);
  first.add(-5ns);
  first.add(3h);
  second.add(200ns);
  first.merge(second);
  CHECK(first.count() == 3);
  CHECK(first.quantile(0.1) == 0ns);
  CHECK(first.quantile(0.5) == 200ns);
  CHECK(first.quantile(1) == 3h);
}
