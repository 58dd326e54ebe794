#include "http/json.hpp"
#include "http/trackdesk/batch_report.hpp"
#include "http/trackdesk/line_splitter.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace croupier;
using namespace croupier::http;
using namespace croupier::http::trackdesk;

namespace {

/// The lines of a text that comes in pieces of `piece_bytes`, as "index:text"; "!" for one that is too long.
std::vector<std::string> lines_of(std::string_view text, std::size_t piece_bytes, std::size_t line_bytes_max) {
  std::vector<std::string> lines;
  line_splitter splitter(line_bytes_max);
  const auto take = [&lines](const line_splitter::line& line) {
    lines.push_back(std::to_string(line.index) + ":" + (line.too_long ? "!" : std::string(line.text)));
  };
  for (; !text.empty(); text.remove_prefix(std::min(piece_bytes, text.size())))
    splitter.feed(text.substr(0, piece_bytes), take);
  splitter.finish(take);
  return lines;
}

} // namespace

TEST_CASE("lines are the same however the stream is cut into pieces") {
  using list = std::vector<std::string>;
  for (std::size_t piece = 1; piece <= 20; ++piece) {
    INFO(piece);
    CHECK(lines_of("", piece, 5).empty());
    CHECK(lines_of("a", piece, 5) == list{"0:a"});
    CHECK(lines_of("a\n", piece, 5) == list{"0:a"});
    CHECK(lines_of("a\r\n\n\r\nbc\n\nd", piece, 5) == list{"0:a", "1:", "2:", "3:bc", "4:", "5:d"});
    CHECK(lines_of("12345\n123456\n12345\r\n123456\r\n1\n", piece, 5) ==
          list{"0:12345", "1:!", "2:12345", "3:!", "4:1"});
    CHECK(lines_of("1234567890123456789\nx", piece, 5) == list{"0:!", "1:x"});
    CHECK(lines_of("x\n1234567890123456789", piece, 5) == list{"0:x", "1:!"});
    CHECK(lines_of("a\rb\n", piece, 5) == list{"0:a\rb"});
  }
}

TEST_CASE("a report counts everything and lists what was not accepted") {
  const folder_key key{{4}};
  const auto told = [&](bool all) {
    batch_report report(key, all);
    report.accepted(0, {9});
    report.duplicate(1, describe(rejection::request_duplicate));
    report.refused(3, field_error("metrics", "is required"));
    CHECK(report.total() == 3);
    return report.finish();
  };
  const std::string rest =
      R"({"index":1,"status":"duplicate","error":{"code":6,"message":"duplicate metric movement request","details":[]}},)"
      R"({"index":3,"status":"error","error":{"code":3,"message":"metrics: is required","details":[]}}]})";
  const std::string summary = R"({"summary":{"total":3,"accepted":1,"duplicates":1,"errors":1},"results":[)";
  CHECK(told(false) == summary + rest);
  CHECK(told(true) == summary + R"({"index":0,"status":"accepted","movementId":")" +
                          make_id(key, id_kind::movement, 9).text() + "\"}," + rest);
}

TEST_CASE("a report lists 10,000 results at most and says so") {
  const auto listed = [](std::uint64_t count) {
    batch_report report({}, false);
    for (std::uint64_t i = 0; i < count; ++i) report.refused(i, field_error("x", "y"));
    json::document document;
    const std::string body = report.finish();
    REQUIRE_FALSE(document.parse(body).has_value());
    CHECK(document.root().find("summary")->find("errors")->text() == std::to_string(count));
    CHECK((document.root().find("resultsTruncated") != nullptr) == (count > 10'000));
    return document.root().find("results")->items().size();
  };
  CHECK(listed(10'000) == 10'000);
  CHECK(listed(10'001) == 10'000);
  CHECK(listed(12'000) == 10'000);
}
