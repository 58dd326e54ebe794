#include "config/import_mapping.hpp"

#include "support/catch.hpp"

using namespace croupier;
using namespace croupier::config;

namespace {

std::vector<std::string> problems_of(std::string_view toml) {
  std::vector<std::string> lines;
  const auto read = parse_import_mapping(toml, "m.toml");
  if (!read)
    for (const problem& one : read.error()) lines.push_back(one.text());
  return lines;
}

using term = column_sum::term;

} // namespace

TEST_CASE("sums of columns") {
  struct row {
    const char* text;
    std::vector<term> expected; ///< empty: refused
  };
  const std::vector<row> table{
      {"bet", {{false, true, "bet"}}},
      {"-bet", {{true, true, "bet"}}},
      {" - bet ", {{true, true, "bet"}}},
      {"bet+profit", {{false, true, "bet"}, {false, true, "profit"}}},
      {"bet + profit - 0.5", {{false, true, "bet"}, {false, true, "profit"}, {true, false, "0.5"}}},
      {"1", {{false, false, "1"}}},
      {"-1.25", {{true, false, "1.25"}}},
      {"{stake amount} - {x-y}", {{false, true, "stake amount"}, {true, true, "x-y"}}},
      {"_a1", {{false, true, "_a1"}}},
      {"", {}},
      {" ", {}},
      {"+bet", {}},
      {"bet profit", {}},
      {"bet +", {}},
      {"bet - - profit", {}},
      {"bet * 2", {}},
      {"(bet)", {}},
      {"1.", {}},
      {".5", {}},
      {"01", {}},
      {"1e3", {}},
      {"0.123456789", {}},
      {"{}", {}},
      {"{bet", {}},
      {"{a{b}", {}},
      {"bet}", {}},
  };
  for (const row& one : table) {
    CAPTURE(one.text);
    const auto parsed = column_sum::parse(one.text);
    CHECK((parsed ? parsed->terms : std::vector<term>{}) == one.expected);
  }
}

TEST_CASE("templates") {
  using part = text_template::part;
  CHECK(text_template::parse("{id}")->parts == std::vector<part>{{true, "id"}});
  CHECK(text_template::parse("bet-{id}/{round no}")->parts ==
        std::vector<part>{{false, "bet-"}, {true, "id"}, {false, "/"}, {true, "round no"}});
  for (const char* text : {"", "id", "{}", "{id", "id}", "{a{b}}", "x}{id}"}) {
    CAPTURE(text);
    CHECK_FALSE(text_template::parse(text).has_value());
  }
}

TEST_CASE("the mapping of the crash game's file") {
  const auto mapping = load_import_mapping(SOURCE_DIR "/config/crash-game-mapping.toml");
  REQUIRE(mapping);
  CHECK(mapping->brand.text() == "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11");
  REQUIRE(mapping->rules.size() == 5);
  CHECK(mapping->rules[3].metric == "ngr");
  CHECK(mapping->rules[3].when_present == std::vector<std::string>{"profit"});
  CHECK(mapping->rules[3].value.terms == std::vector<term>{{true, true, "profit"}});
}

TEST_CASE("everything that is wrong with a mapping is reported at once, with its line") {
  CHECK(problems_of("brand = \"x\"\n"
                    "player = \"player\"\n"
                    "requestid = \"{bet_id}\"\n"
                    "[[rules]]\n"
                    "metric = \"Bets\"\n"
                    "value = \"1 1\"\n"
                    "[[rules]]\n"
                    "metric = \"won\"\n"
                    "value = \"bet\"\n"
                    "type = \"sum\"\n"
                    "when_present = \"profit\"\n"
                    "when_missing = [\"profit\"]\n") ==
        std::vector<std::string>{
            "m.toml:1: brand: 'x' is not a UUID",
            "m.toml:2: player: must name a column in braces, such as \"{bet_id}\"",
            "m.toml:1: request_id: is required",
            "m.toml:5: rule for 'Bets': metric: is not a metric code",
            "m.toml:6: rule for 'Bets': value: must be a sum of columns and numbers, such as \"bet + profit\" or "
            "\"-profit\"",
            "m.toml:10: rule for 'won': type: must be \"relative\" or \"absolute\"",
            "m.toml:11: rule for 'won': when_present: must be a list of texts in quotes",
            "m.toml:12: rule for 'won': when_missing: unknown field",
            "m.toml:3: requestid: unknown field",
        });
  const std::string head = "brand = \"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11\"\nplayer = \"{p}\"\nrequest_id = \"{r}\"\n";
  CHECK(problems_of(head) == std::vector<std::string>{"m.toml:1: rules: there must be at least one [[rules]]"});
  std::string rules = head;
  for (int i = 0; i < 1'001; ++i) rules += "[[rules]]\nmetric = \"won\"\nvalue = \"bet\"\n";
  const auto too_many = problems_of(rules);
  REQUIRE(too_many.size() == 1);
  CHECK(too_many.front().ends_with("rules: there must be at most 1000"));
}
