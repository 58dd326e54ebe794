#include "cli/csv.hpp"

#include "support/catch.hpp"

#include <sstream>

using namespace croupier::cli;

namespace {

using rows = std::vector<std::vector<std::string>>;

struct outcome {
  rows records;
  std::vector<std::uint64_t> lines;
  std::string error; ///< with its line, when broken
  std::uint64_t bytes = 0;
};

outcome read(const std::string& text) {
  std::istringstream stream(text);
  csv_reader reader(stream);
  outcome result;
  csv_record record;
  csv_reader::step step{};
  while ((step = reader.next(record)) == csv_reader::step::record) {
    result.records.push_back(record.fields);
    result.lines.push_back(record.line);
  }
  if (step == csv_reader::step::broken) {
    result.error = std::to_string(reader.error_line()) + ": " + reader.error();
    CHECK(reader.next(record) == csv_reader::step::broken);
  }
  result.bytes = reader.bytes_read();
  return result;
}

} // namespace

TEST_CASE("records, quotes and line ends as RFC 4180 has them") {
  struct row {
    const char* what;
    std::string text;
    rows expected;
  };
  const std::vector<row> table{
      {"nothing", "", {}},
      {"one line without an end", "a,b", {{"a", "b"}}},
      {"LF", "a,b\nc,d\n", {{"a", "b"}, {"c", "d"}}},
      {"CRLF", "a,b\r\nc,d\r\n", {{"a", "b"}, {"c", "d"}}},
      {"empty fields", ",\n,,\n", {{"", ""}, {"", "", ""}}},
      {"a comma at the end of the file", "a,", {{"a", ""}}},
      {"quotes", "\"a\",\"b\"\n", {{"a", "b"}}},
      {"a comma in quotes", "\"a,b\",c\n", {{"a,b", "c"}}},
      {"doubled quotes", "\"a\"\"b\",\"\"\"\"\n", {{"a\"b", "\""}}},
      {"breaks in quotes", "\"a\r\nb\nc\",d\n", {{"a\r\nb\nc", "d"}}},
      {"an empty quoted field", "\"\"\n", {{""}}},
      {"a quoted field at the end of the file", "a,\"b\"", {{"a", "b"}}},
      {"spaces belong to fields", " a , b \n", {{" a ", " b "}}},
      {"empty lines are skipped", "\n\r\na\n\n\nb\n\n", {{"a"}, {"b"}}},
      {"a byte order mark is skipped", "\xef\xbb\xbfid,x\n", {{"id", "x"}}},
      {"half a byte order mark is text", "\xef\xbbz\n", {{"\xef\xbbz"}}},
      {"a carriage return alone is text", "a\rb,c\r\n", {{"a\rb", "c"}}},
      {"a carriage return at the end of the file is text", "a\r", {{"a\r"}}},
      {"NUL is text", std::string("a\0b,c\n", 6), {{std::string("a\0b", 3), "c"}}},
  };
  for (const row& one : table) {
    CAPTURE(one.what);
    const outcome result = read(one.text);
    CHECK(result.records == one.expected);
    CHECK(result.error.empty());
    CHECK(result.bytes == one.text.size());
  }
}

TEST_CASE("each record has the line that it starts on") {
  CHECK(read("a\n\"b\nb\nb\"\n\nc\r\nd").lines == std::vector<std::uint64_t>{1, 2, 6, 7});
}

TEST_CASE("what is not CSV is refused with the line of its record, and what came before is given") {
  struct row {
    std::string text;
    std::string error;
    std::size_t records;
  };
  const std::vector<row> table{
      {"a\n\"b", "2: the file ends inside a quoted field", 1},
      {"a\n\"b\nc\nd", "2: the file ends inside a quoted field", 1},
      {"a\"b\n", "1: a quote inside a field that does not start with one", 0},
      {"a\nb,\"c\"d\n", "2: text behind the closing quote of a field", 1},
      {"\"a\" ,b\n", "1: text behind the closing quote of a field", 0},
      {"\"a\"\r", "1: text behind the closing quote of a field", 0},
      {std::string(csv_reader::record_bytes_max + 2, 'x'), "1: a record of more than 1 MiB", 0},
      {"\"" + std::string(csv_reader::record_bytes_max + 2, '\n'),
       "1: a record of more than 1 MiB: is a closing quote missing?", 0},
      {std::string(csv_reader::record_fields_max, ','), "1: a record of more than 4096 fields", 0},
  };
  for (const row& one : table) {
    CAPTURE(one.error);
    const outcome result = read(one.text);
    CHECK(result.error == one.error);
    CHECK(result.records.size() == one.records);
  }
}

TEST_CASE("records that cross the reader's blocks come whole") {
  std::string text;
  rows expected;
  for (int i = 0; i < 20'000; ++i) {
    const std::string number = std::to_string(i);
    text += number + ",\"" + number + "\"\"\r\n" + number + "\"\r\n";
    expected.push_back({number, number + "\"\r\n" + number});
  }
  REQUIRE(text.size() > (1U << 18));
  CHECK(read(text).records == expected);
}
