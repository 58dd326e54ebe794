#include "cli/log.hpp"

#include "support/catch.hpp"

#include <boost/json/parse.hpp>

using namespace croupier::cli;

TEST_CASE("logfmt text becomes the members of a JSON object, whatever is in it") {
  struct row {
    const char* logfmt;
    const char* expected;
  };
  const std::vector<row> table{
      {"", R"("text":"")"},
      {"a=1", R"("a":1)"},
      {"a=0 b=00 c=-1 d=1.5", R"("a":0,"b":"00","c":"-1","d":"1.5")"},
      {"id=1234567890123456 n=123456789012345", R"("id":"1234567890123456","n":123456789012345)"},
      {R"(msg="two words" b=x)", R"("msg":"two words","b":"x")"},
      {R"(msg="a \"quoted\" word" b=x)", R"("msg":"a \"quoted\" word","b":"x")"},
      {R"(msg="back\\slash" b=x)", R"("msg":"back\\slash","b":"x")"},
      {R"(msg="line\x0abreak" b=x)", R"("msg":"line\\x0abreak","b":"x")"},
      {R"(msg="ends in \\" b=x)", R"("msg":"ends in \\","b":"x")"},
      {R"(msg="a=b c=d" e=)", R"("msg":"a=b c=d","e":"")"},
      {"plain words", R"("text":"plain","text":"words")"},
      {"  a=1   b=2 ", R"("a":1,"b":2)"},
  };
  for (const row& one : table) {
    CAPTURE(one.logfmt);
    CHECK(json_members(one.logfmt) == one.expected);
    CHECK_NOTHROW(boost::json::parse("{" + json_members(one.logfmt) + "}"));
  }
}
