#include "http/json.hpp"
#include "http/json_texts.hpp"
#include "http/utf8.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace croupier::http;

namespace {

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

std::string object_of(std::size_t members) {
  std::string text = "{";
  for (std::size_t i = 0; i < members; ++i) text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":1";
  return text + "}";
}

} // namespace

TEST_CASE("what is not JSON to the letter is refused") {
  struct row {
    std::string what;
    std::string text;
  };
  const std::vector<row> rows{
      {"nothing", ""},
      {"only space", "  \n"},
      {"truncated object", R"({"a": 1)"},
      {"truncated string", R"({"a": "b)"},
      {"truncated escape", R"("\u00)"},
      {"trailing comma", "[1,]"},
      {"trailing garbage", "{} x"},
      {"two values", "1 2"},
      {"comment", "/* x */ 1"},
      {"single quotes", "{'a': 1}"},
      {"bare word", "{a: 1}"},
      {"NaN", "[NaN]"},
      {"Infinity", "[-Infinity]"},
      {"plus sign", "[+1]"},
      {"leading zero", "[01]"},
      {"no digit before the point", "[.5]"},
      {"no digit behind the point", "[1.]"},
      {"hex", "[0x1]"},
      {"byte order mark", "\xef\xbb\xbf{}"},
      {"raw control character in a string", "\"a\nb\""},
      {"raw NUL in a string", std::string("\"a\0b\"", 5)},
      {"raw NUL outside", std::string("{}\0", 3)},
      {"unknown escape", R"("\x41")"},
      {"lone high surrogate", R"("\ud800")"},
      {"lone low surrogate", R"("\udc00")"},
      {"invalid UTF-8 byte", "\"\xff\""},
      {"overlong UTF-8", "\"\xc0\xaf\""},
      {"UTF-8 of a surrogate", "\"\xed\xa0\x80\""},
      {"UTF-8 cut short", "\"\xe2\x82\""},
      {"33 levels deep", nested(33)},
      {"a million levels deep", nested(1'000'000)},
      {"duplicate key", R"({"a": 1, "a": 1})"},
      {"duplicate key, written differently", R"({"a": 1, "\u0061": 2})"},
      {"duplicate key below", R"({"x": [{"y": {"a": 1, "b": 2, "a": 3}}]})"},
      {"duplicate key among many", R"({"k7": 0, )" + object_of(40).substr(1)},
      {"duplicate empty key", R"({"": 1, "": 1})"},
  };
  for (const auto& [what, text] : rows) {
    INFO(what);
    json::document document;
    CHECK(document.parse(text).has_value());
  }
}

TEST_CASE("a duplicate key is named, cut between characters when it is long") {
  json::document document;
  CHECK(document.parse(R"({"value": "1", "value": "2"})")->what == "duplicate key \"value\"");
  const std::string name(59, 'x');
  const auto error = document.parse("{\"" + name + "\xc3\xa9y\":1,\"" + name + "\xc3\xa9y\":1}");
  REQUIRE(error.has_value());
  CHECK(error->what == "duplicate key \"" + name + "\"");
}

TEST_CASE("a text with too many values is refused however small they are") {
  std::string text = "[0";
  for (std::size_t i = 0; i < json::values_max; ++i) text += ",0";
  json::document document;
  const auto error = document.parse(text + "]");
  REQUIRE(error.has_value());
  CHECK(error->what == "more than 1000000 values");
}

TEST_CASE("numbers keep their digits") {
  const std::vector<std::string> numbers{"0",
                                         "-0",
                                         "1.50",
                                         "1e3",
                                         "1E+3",
                                         "-12.340e-5",
                                         "123456789012345678901234567890.000000001",
                                         "1e400",
                                         "18446744073709551616",
                                         "0.10000000000000000000000000000000000001"};
  for (const auto& number : numbers) {
    INFO(number);
    json::document document;
    REQUIRE_FALSE(document.parse(number).has_value());
    CHECK(document.root().is_number());
    CHECK(document.root().text() == number);
    const std::string list = "[" + number + " ,\n" + number + "]";
    REQUIRE_FALSE(document.parse(list).has_value());
    CHECK(document.root().items()[0].text() == number);
    CHECK(document.root().items()[1].text() == number);
  }
}

TEST_CASE("values are found, decoded, in order") {
  json::document document;
  const std::string text = R"( {"a": "x\u00e9\n\"", "b": [true, null, {}, []], "\u0000": "\ud83d\ude00"} )";
  REQUIRE_FALSE(document.parse(text).has_value());
  const auto& root = document.root();
  CHECK(root.find("a")->text() == "x\xc3\xa9\n\"");
  CHECK(root.find("c") == nullptr);
  CHECK(root.find("b")->items().size() == 4);
  CHECK(root.find("b")->items()[0].truth());
  CHECK(root.find("b")->items()[1].type() == json::kind::null);
  CHECK(root.find("b")->items()[2].is_object());
  CHECK(root.find("b")->items()[3].is_array());
  CHECK(root.find(std::string_view("\0", 1))->text() == "\xf0\x9f\x98\x80");
  CHECK(root.members()[1].name == "b");
  SECTION("a document may be used again") {
    REQUIRE_FALSE(document.parse("[1]").has_value());
    CHECK(document.root().items().size() == 1);
  }
  SECTION("32 levels are not too deep") {
    CHECK_FALSE(document.parse(nested(32)).has_value());
  }
}

TEST_CASE("children of a container are its very bytes") {
  using list = std::vector<std::string_view>;
  CHECK(json::children("[]").empty());
  CHECK(json::children(" { } ").empty());
  CHECK(json::children(R"([ 1 ,"a,]\"[" , {"x": [1, 2]},[ ] ])") ==
        list{"1", R"("a,]\"[")", R"({"x": [1, 2]})", "[ ]"});
  CHECK(json::children(R"({"a:,": 1.0, "\"b" : {"c": ":"} })") == list{"1.0", R"({"c": ":"})"});
  CHECK(json::children(R"(["\\", "\\\"]", "", "\\\\"])") == list{R"("\\")", R"("\\\"]")", R"("")", R"("\\\\")"});
}

TEST_CASE("items of a member are found by its name, whatever stands before and behind it") {
  using list = std::vector<std::string_view>;
  const auto items = [](std::string_view text, std::string_view name) {
    json::document document;
    REQUIRE_FALSE(document.parse(text).has_value());
    return json::item_texts(text, document.root(), name);
  };
  CHECK(items(R"({"list": [1, {"a": 2} ]})", "list") == list{"1", R"({"a": 2})"});
  CHECK(items(R"( {"x:": {"list": [9]}, "y": [[":"], "}:"], "\u006cist" : [ "a", [3] ], "z": [4]} )", "list") ==
        list{R"("a")", "[3]"});
  CHECK(items(R"({"list": [], "z": [4]})", "list").empty());
  CHECK(items(R"({"z": [4]})", "list").empty());
}

TEST_CASE("differences of meaning are named, the order of members is none") {
  const auto differ = [](std::string_view left, std::string_view right) {
    json::document a;
    json::document b;
    REQUIRE_FALSE(a.parse(left).has_value());
    REQUIRE_FALSE(b.parse(right).has_value());
    return json::differences(a.root(), b.root(), 3);
  };
  using paths = std::vector<std::string>;
  CHECK(differ(R"({"a": 1, "b": "\u0061"})", R"({ "b":"a","a":1 })").empty());
  CHECK(differ(R"({"a": 1})", R"({"a": 1.0})") == paths{"a"});
  CHECK(differ(R"({"m": [{"v": "1"}, {"v": "2"}]})", R"({"m": [{"v": "1"}, {"v": "3"}]})") == paths{"m[1].v"});
  CHECK(differ(R"({"m": [1]})", R"({"m": [1, 2]})") == paths{"m"});
  CHECK(differ(R"({"a": 1, "c": 1})", R"({"b": 1, "c": "1"})") == paths{"a", "b", "c"});
  CHECK(differ("[1, 2, 3, 4]", "[2, 3, 4, 5]").size() == 3);
  CHECK(differ("1", "2") == paths{"body"});
}

TEST_CASE("the writer writes JSON whatever the bytes") {
  std::string out;
  json::writer writer(out);
  writer.begin_object();
  writer.key("a").begin_array().integer(-1).unsigned_integer(18446744073709551615U).boolean(true).end_array();
  writer.key("b").string(std::string("\"\\\n\r\t\x01\0\x7f\xc3\xa9", 10));
  writer.key("c").string("a\xff\xe2\x82z").key("d").begin_object().end_object();
  writer.end_object();
  CHECK(out == "{\"a\":[-1,18446744073709551615,true],\"b\":\"\\\"\\\\\\n\\r\\t\\u0001\\u0000\x7f\xc3\xa9\","
               "\"c\":\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\",\"d\":{}}");
  json::document document;
  REQUIRE_FALSE(document.parse(out).has_value());
  std::string again;
  json::writer copy(again);
  json::write(copy, document.root());
  CHECK(again == out);
}

TEST_CASE("characters are counted, not bytes") {
  CHECK(utf8_length("") == 0);
  CHECK(utf8_length("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80") == 4);
  CHECK_FALSE(utf8_length("\x80").has_value());
  CHECK_FALSE(utf8_length("\xf4\x90\x80\x80").has_value());
  CHECK_FALSE(utf8_length("\xf0\x80\x80\x80").has_value());
  CHECK_FALSE(utf8_length("\xe0\x9f\xbf").has_value());
}
