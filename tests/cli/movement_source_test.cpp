#include "cli/movement_source.hpp"

#include "engine/plain_number.hpp"
#include "support/catch.hpp"

#include <sstream>

using namespace croupier;
using namespace croupier::cli;

namespace {

struct given {
  std::vector<std::string> lines; ///< "<line>: <body or problem>"
  std::string broken;
};

given drain(movement_source& source) {
  given result;
  import_item item;
  while (source.next(item))
    result.lines.push_back(std::to_string(item.line) + ": " + (item.problem.empty() ? item.body : item.problem));
  result.broken = source.broken();
  return result;
}

given from_csv(const std::string& csv, const std::string& rules) {
  const auto mapping = config::parse_import_mapping(
      "brand = \"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11\"\nplayer = \"{who}\"\nrequest_id = \"r-{id}\"\n" + rules,
      "m.toml");
  REQUIRE(mapping);
  std::istringstream stream(csv);
  const auto source = read_csv(stream, *mapping);
  if (!source) return {{}, source.error()};
  return drain(**source);
}

/// The body that a row of player "p" and id "1" gives, with these metrics.
std::string body(const std::string& metrics) {
  return R"({"externalClientId":"p","revenueOriginId":"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11","requestId":"r-1","metrics":[)" +
         metrics + "]}";
}

std::string update(const std::string& code, const std::string& value, const std::string& type = "RELATIVE") {
  return R"({"code":")" + code + R"(","valueType":"CLIENT_METRIC_VALUE_TYPE_)" + type + R"(","value":")" + value +
         "\"}";
}

constexpr const char* bet_rules = "[[rules]]\nmetric = \"bets\"\nvalue = \"1\"\n"
                                  "[[rules]]\nmetric = \"won\"\nvalue = \"bet + profit\"\nwhen_present = [\"profit\"]\n"
                                  "[[rules]]\nmetric = \"ngr\"\nvalue = \"-profit\"\nwhen_present = [\"profit\"]\n"
                                  "[[rules]]\nmetric = \"ngr\"\nvalue = \"bet\"\nwhen_absent = [\"profit\"]\n";

} // namespace

TEST_CASE("numbers as spreadsheets write them become plain digits of the same value") {
  struct row {
    const char* text;
    std::optional<std::string> expected;
  };
  const std::vector<row> table{
      {"0", "0"},
      {"12.50", "12.50"},
      {"-5", "-5"},
      {"-0.00", "-0.00"},
      {"2.00E+03", "2000"},
      {"1.80E+04", "18000"},
      {"1.234e2", "123.4"},
      {"1e0", "1"},
      {"12.5E+0", "12.5"},
      {"1.50E-05", "0.0000150"},
      {"5e-1", "0.5"},
      {"-1.5E+01", "-15"},
      {"0.05E+02", "5"},
      {"0.00E+00", "0.00"},
      {"0E+5", "0"},
      {"1e40", "1" + std::string(40, '0')},
      {"", std::nullopt},
      {"-", std::nullopt},
      {".5", std::nullopt},
      {"5.", std::nullopt},
      {"+5", std::nullopt},
      {"05", std::nullopt},
      {"1,000", std::nullopt},
      {" 5", std::nullopt},
      {"1e", std::nullopt},
      {"e5", std::nullopt},
      {"1e41", std::nullopt},
      {"1e-41", std::nullopt},
      {"1e+-5", std::nullopt},
      {"1e5.0", std::nullopt},
      {"NaN", std::nullopt},
      {"0x10", std::nullopt},
      {"--5", std::nullopt},
      {"1.2.3", std::nullopt},
      {"1e99999999999", std::nullopt},
  };
  for (const row& one : table) {
    CAPTURE(one.text);
    CHECK(plain_number(one.text) == one.expected);
  }
}

TEST_CASE("a row becomes the movement of the rules that apply to it") {
  CHECK(from_csv("id,who,bet,profit\n1,p,100,\n", bet_rules).lines ==
        std::vector<std::string>{"2: " + body(update("bets", "1") + "," + update("ngr", "100"))});
  CHECK(from_csv("id,who,bet,profit\n1,p,100,25.50\n", bet_rules).lines ==
        std::vector<std::string>{
            "2: " + body(update("bets", "1") + "," + update("won", "125.50") + "," + update("ngr", "-25.50"))});
  // Sums are exact where binary fractions are not, and keep the digits that their terms have.
  CHECK(from_csv("id,who,bet,profit\n1,p,0.1,0.2\n", bet_rules).lines ==
        std::vector<std::string>{"2: " +
                                 body(update("bets", "1") + "," + update("won", "0.3") + "," + update("ngr", "-0.2"))});
  CHECK(from_csv("id,who,bet,profit\n1,p,999999999999999999,0.00000001\n", bet_rules).lines ==
        std::vector<std::string>{"2: " + body(update("bets", "1") + "," + update("won", "999999999999999999.00000001") +
                                              "," + update("ngr", "-0.00000001"))});
}

TEST_CASE("rules are added up where they add, and may not contradict each other") {
  const auto rule = [](const std::string& value, const std::string& type) {
    return "[[rules]]\nmetric = \"ngr\"\nvalue = \"" + value + "\"\ntype = \"" + type + "\"\n";
  };
  const std::string row = "id,who,bet,profit\n1,p,5,0.50\n";
  CHECK(from_csv(row, rule("bet", "relative") + rule("-profit", "relative")).lines ==
        std::vector<std::string>{"2: " + body(update("ngr", "4.50"))});
  CHECK(from_csv(row, rule("bet - profit - 1", "absolute")).lines ==
        std::vector<std::string>{"2: " + body(update("ngr", "3.50", "ABSOLUTE"))});
  CHECK(from_csv(row, rule("bet", "absolute") + rule("profit", "relative")).lines ==
        std::vector<std::string>{"2: ngr: more than one mapping says what 'ngr' is to be"});
  const std::string most = "id,who,bet,profit\n1,p,999999999999999999,1\n";
  CHECK(from_csv(most, rule("bet + profit", "absolute")).lines ==
        std::vector<std::string>{"2: ngr: the sum for 'ngr' is more than it can hold"});
  CHECK(from_csv(most, rule("bet + profit - 1", "absolute")).lines ==
        std::vector<std::string>{"2: " + body(update("ngr", "999999999999999999", "ABSOLUTE"))});
  CHECK(from_csv("id,who,bet,profit\n1,p,,1\n", rule("bet + profit", "relative")).lines ==
        std::vector<std::string>{"2: ngr: 'bet' is required"});
  // Payloads are told apart by their bytes: what was imported before must be made again as it was.
  CHECK(from_csv("id,who,bet,profit\n1,p,-0.00,\n", rule("bet", "relative")).lines ==
        std::vector<std::string>{"2: " + body(update("ngr", "0.00"))});
}

TEST_CASE("columns may stand in any order, be quoted and be called anything") {
  CHECK(from_csv("\"the, bet\",x,who,id\r\n\"5\",,p,1\r\n",
                 "[[rules]]\nmetric = \"ngr\"\nvalue = \"{the, bet}\"\ntype = \"absolute\"\n")
            .lines == std::vector<std::string>{"2: " + body(update("ngr", "5", "ABSOLUTE"))});
  CHECK(from_csv("id,who,bet\n1,\"p\"\"\\\",5\n", "[[rules]]\nmetric = \"ngr\"\nvalue = \"bet\"\n")
            .lines.at(0)
            .find(R"("externalClientId":"p\"\\")") != std::string::npos);
}

TEST_CASE("rows that give no movement are problems of their line, and the others go on") {
  const auto result = from_csv("id,who,bet,profit\n"
                               "1,,5,\n"
                               "2,p,5\n"
                               "3,p,x,\n"
                               "4,p,5,0.123456789\n"
                               "1,p,5,\n",
                               bet_rules);
  CHECK(result.broken.empty());
  CHECK(result.lines ==
        std::vector<std::string>{
            "2: the player's id is empty", "3: the row has 3 fields, the first row 4",
            "4: ngr: 'bet' must be a number of at most 18 digits before the point and 8 behind it, not 'x'",
            "5: won: 'profit' must be a number of at most 18 digits before the point and 8 behind it, "
            "not '0.123456789'",

            "6: " + body(update("bets", "1") + "," + update("ngr", "5"))});
  CHECK(from_csv("id,who,bet,profit\n1,p,5,\n",
                 "[[rules]]\nmetric = \"won\"\nvalue = \"bet\"\nwhen_present = [\"profit\"]\n")
            .lines == std::vector<std::string>{"2: no rule of the mapping applies to the row"});
}

TEST_CASE("a file that does not fit the mapping is refused before anything is sent") {
  CHECK(from_csv("", bet_rules).broken == "the file is empty: its first row names the columns");
  CHECK(from_csv("id,who,stake\n", bet_rules).broken ==
        "the mapping names columns that the file does not have: 'bet', 'profit'");
  CHECK(from_csv("id,who,id\n", bet_rules).broken == "two columns are called 'id'");
  CHECK(from_csv("id,\"who\n", bet_rules).broken == "line 1: the file ends inside a quoted field");
  CHECK(from_csv("id,who,bet,profit\n1,p,5,\n2,\"p\n", bet_rules).broken ==
        "line 3: the file ends inside a quoted field");
}

TEST_CASE("lines of movements are passed on as they are") {
  const std::string line = R"({ "externalClientId":"p", "revenueOriginId":"b", "requestId":"1", "metrics":[] })";
  std::istringstream stream(line + "\r\n\n   \n" + line + "\n[]\n{\"requestId\":5}\n{\"a\n" + line);
  const auto source = read_ndjson(stream);
  const auto result = drain(*source);
  CHECK(result.lines == std::vector<std::string>{"1: " + line, "4: " + line, "5: not a JSON object",
                                                 "6: no requestId: importing the file again would apply it again",
                                                 "7: not a JSON object", "8: " + line});
  CHECK(result.broken.empty());
}

TEST_CASE("a line that is too long for a movement is a problem of its own") {
  std::istringstream stream("{\"requestId\":\"" + std::string(3U << 20, 'x') + "\"}\n{\"requestId\":\"1\"}");
  const auto source = read_ndjson(stream);
  CHECK(drain(*source).lines == std::vector<std::string>{"1: longer than 1 MiB", "2: {\"requestId\":\"1\"}"});
}
