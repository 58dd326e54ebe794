#include "engine/fixed_point.hpp"

#include "support/catch.hpp"

#include <rapidcheck.h>

#include <string>
#include <string_view>

namespace croupier::testing {
namespace {

std::string verdict_of(const std::optional<number_error>& error, const number_text& value) {
  if (!error) return detail::print_fixed_exact(value.units, amount::scale, value.fraction_digits, value.negative_zero);
  switch (*error) {
  case number_error::malformed: return "malformed";
  case number_error::too_many_digits: return "too many";
  }
  return "";
}

std::string as_decimal(std::string_view text) {
  number_text value;
  const auto error = parse_amount(text, value);
  return verdict_of(error, value);
}

std::string as_integer(std::string_view text) {
  number_text value;
  const auto error = parse_integer_amount(text, value);
  return verdict_of(error, value);
}

rc::Gen<std::string> digits_of_length(int from, int to) {
  return rc::gen::mapcat(rc::gen::inRange(from, to + 1), [](int length) {
    return rc::gen::container<std::string>(static_cast<std::size_t>(length), rc::gen::inRange('0', ':'));
  });
}

/// Any text of the grammar with up to 18 integer and `scale` fraction digits.
std::string any_number(int scale) {
  auto integer = *digits_of_length(1, 18);
  integer.erase(0, std::min(integer.find_first_not_of('0'), integer.size() - 1));
  const auto fraction = *digits_of_length(0, scale);
  const std::string sign = *rc::gen::arbitrary<bool>() ? "-" : "";
  return sign + integer + (fraction.empty() ? "" : "." + fraction);
}

/// The same value, found by writing out all the digits and reading them one by one.
int128 units_by_hand(std::string text, int scale) {
  const bool negative = text.front() == '-';
  if (negative) text.erase(0, 1);
  const auto point = text.find('.');
  const auto fraction = point == std::string::npos ? std::string() : text.substr(point + 1);
  auto all = text.substr(0, point) + fraction + std::string(static_cast<std::size_t>(scale) - fraction.size(), '0');
  int128 units = 0;
  for (const char digit : all) units = units * 10 + (digit - '0');
  return negative ? -units : units;
}

} // namespace

TEST_CASE("the texts of numbers, as a decimal and as an integer metric takes them") {
  using namespace std::string_view_literals;
  struct row {
    std::string_view text;
    std::string_view decimal; ///< the text of what was read
    std::string_view integer;
  };
  const row rows[] = {
      {"0", "0", "0"},
      {"5", "5", "5"},
      {"-5", "-5", "-5"},
      {"100", "100", "100"},
      {"-0", "-0", "-0"},
      {"250.00", "250.00", "malformed"},
      {"5.0", "5.0", "malformed"},
      {"-0.00", "-0.00", "malformed"},
      {"0.00000001", "0.00000001", "malformed"},
      {"-0.10000000", "-0.10000000", "malformed"},
      {"999999999999999999.99999999", "999999999999999999.99999999", "malformed"},
      {"-999999999999999999.99999999", "-999999999999999999.99999999", "malformed"},
      {"999999999999999999", "999999999999999999", "999999999999999999"},
      {"1000000000000000000", "too many", "1000000000000000000"},
      {"9223372036854775807", "too many", "9223372036854775807"},
      {"9223372036854775808", "too many", "too many"},
      {"-9223372036854775808", "too many", "-9223372036854775808"},
      {"-9223372036854775809", "too many", "too many"},
      {"9999999999999999999", "too many", "too many"},
      {"18446744073709551616", "too many", "too many"},
      {"1234567890123456789012345678901234567890", "too many", "too many"},
      {"1234567890123456789012345678901234567890.5", "too many", "malformed"},
      {"0.123456789", "too many", "malformed"},
      {"0.100000000", "too many", "malformed"},
      {"1234567890123456789012345678901234567890x", "malformed", "malformed"},
      {"1000000000000000000.", "malformed", "malformed"},
      {"", "malformed", "malformed"},
      {"-", "malformed", "malformed"},
      {"--1", "malformed", "malformed"},
      {"+1", "malformed", "malformed"},
      {"-+1", "malformed", "malformed"},
      {".5", "malformed", "malformed"},
      {"-.5", "malformed", "malformed"},
      {"1.", "malformed", "malformed"},
      {".", "malformed", "malformed"},
      {"1.2.3", "malformed", "malformed"},
      {"1..2", "malformed", "malformed"},
      {"007", "malformed", "malformed"},
      {"00", "malformed", "malformed"},
      {"-00", "malformed", "malformed"},
      {"00.5", "malformed", "malformed"},
      {"1e3", "malformed", "malformed"},
      {"1E3", "malformed", "malformed"},
      {"1e", "malformed", "malformed"},
      {"0x1", "malformed", "malformed"},
      {"0b1", "malformed", "malformed"},
      {"NaN", "malformed", "malformed"},
      {"nan", "malformed", "malformed"},
      {"Infinity", "malformed", "malformed"},
      {"-inf", "malformed", "malformed"},
      {"null", "malformed", "malformed"},
      {"1,5", "malformed", "malformed"},
      {"1,000", "malformed", "malformed"},
      {"1_000", "malformed", "malformed"},
      {"1'000", "malformed", "malformed"},
      {"1 000", "malformed", "malformed"},
      {" 1", "malformed", "malformed"},
      {"1 ", "malformed", "malformed"},
      {"1\n", "malformed", "malformed"},
      {"\t1", "malformed", "malformed"},
      {"- 1", "malformed", "malformed"},
      {"1-", "malformed", "malformed"},
      {"1.-5", "malformed", "malformed"},
      {"1\0"sv, "malformed", "malformed"},
      {"\0"sv, "malformed", "malformed"},
      {"1\0002"sv, "malformed", "malformed"},
      {"\xEF\xBC\x91", "malformed", "malformed"},  // full-width 1
      {"\342\210\2221", "malformed", "malformed"}, // minus sign instead of hyphen
      {"\xD9\xA1", "malformed", "malformed"},      // Arabic-Indic 1
      {"1\xC2\xA0", "malformed", "malformed"},     // no-break space
      {"\xFF", "malformed", "malformed"},
      {"$1", "malformed", "malformed"},
      {"1%", "malformed", "malformed"},
      {"1/2", "malformed", "malformed"},
      {"(1)", "malformed", "malformed"},
  };
  for (const auto& [text, decimal, integer] : rows) {
    INFO("text: '" << text << "'");
    CHECK(as_decimal(text) == decimal);
    CHECK(as_integer(text) == integer);
  }
}

TEST_CASE("what is computed prints with two fraction digits or as many as it has, and zero as 0") {
  struct row {
    std::string_view value;
    std::string_view text;
  };
  const row rows[] = {
      {"0", "0"},
      {"-0", "0"},
      {"-0.000", "0"},
      {"1", "1.00"},
      {"-1", "-1.00"},
      {"12.5", "12.50"},
      {"100.00", "100.00"},
      {"100", "100.00"},
      {"0.00125", "0.00125"},
      {"0.10000000", "0.10"},
      {"-0.00000001", "-0.00000001"},
      {"999999999999999999.99999999", "999999999999999999.99999999"},
      {"-0.5", "-0.50"},
      {"1000000", "1000000.00"},
  };
  for (const auto& [value, text] : rows) {
    INFO(value);
    REQUIRE(amount::parse(value).has_value());
    CHECK(amount::parse(value)->text() == text);
  }
}

TEST_CASE("the ends of 128 bits print") {
  constexpr int128 largest = ~(int128{1} << 126 << 1);
  CHECK(commission::from_units(largest).text() == "170141183460469231731.687303715884105727");
  CHECK(commission::from_units(-largest - 1).text() == "-170141183460469231731.687303715884105728");
  CHECK(percentage::from_units(largest).text() == "17014118346046923173168730371588410.5727");
}

TEST_CASE("a share is exact") {
  struct row {
    std::string_view base;
    std::string_view percent;
    std::string_view share;
  };
  const row rows[] = {
      {"250.00", "5", "12.50"},
      {"250.00", "12.5", "31.25"},
      {"-19.99", "25", "-4.9975"},
      {"100", "0", "0"},
      {"0", "25", "0"},
      {"19.99", "100", "19.99"},
      {"0.00000001", "0.0001", "0.00000000000001"},
      {"-0.00000001", "33.3333", "-0.00000000333333"},
      {"999999999999999999.99999999", "100", "999999999999999999.99999999"},
      {"-999999999999999999.99999999", "99.9999", "-999998999999999999.9999999900000100"},
  };
  for (const auto& [base, percent, share] : rows) {
    INFO(base << " x " << percent << " %");
    const auto found = share_of(*amount::parse(base), *percentage::parse(percent));
    REQUIRE(found.has_value());
    CHECK(found->units() == units_by_hand(std::string(share), commission::scale));
  }
}

TEST_CASE("arithmetic that would leave 128 bits answers nothing") {
  constexpr auto largest = amount::from_units(~(int128{1} << 126 << 1));
  constexpr auto smallest = amount::from_units(-largest.units() - 1);
  constexpr auto step = amount::from_units(1);
  CHECK_FALSE(largest.plus(step).has_value());
  CHECK_FALSE(smallest.minus(step).has_value());
  CHECK_FALSE(amount{}.minus(smallest).has_value());
  CHECK(largest.minus(step)->plus(step) == largest);
  CHECK_FALSE(share_of(largest, percentage::from_units(1)).has_value());
  CHECK_FALSE(share_of(smallest, percentage::from_integer(100)).has_value());
  // 2^127 / 10^4 is where the digits to spare stop fitting, although the product with 0.0001 % still does.
  constexpr auto edge = amount::from_units(largest.units() / 10'000);
  CHECK(share_of(edge, percentage::from_units(1)).has_value());
  CHECK_FALSE(share_of(*edge.plus(step), percentage::from_units(1)).has_value());
}

TEST_CASE("the ranges of balances end where they say") {
  const auto amount_of = [](std::string_view text) { return *amount::parse(text); };
  const auto step = amount::from_units(1);
  const auto most = amount_of("999999999999999999.99999999");
  CHECK(in_decimal_range(most));
  CHECK(in_decimal_range(most.negated()));
  CHECK_FALSE(in_decimal_range(*most.plus(step)));
  CHECK_FALSE(in_decimal_range(*most.negated().minus(step)));

  const auto one = amount::from_integer(1);
  const auto largest = amount::from_integer(std::numeric_limits<std::int64_t>::max());
  const auto smallest = amount::from_integer(std::numeric_limits<std::int64_t>::min());
  CHECK(in_integer_range(largest));
  CHECK(in_integer_range(smallest));
  CHECK_FALSE(in_integer_range(*largest.plus(one)));
  CHECK_FALSE(in_integer_range(*smallest.minus(one)));
  CHECK_FALSE(in_integer_range(step));
  CHECK_FALSE(in_integer_range(amount_of("-1.5")));
  CHECK(in_integer_range(amount{}));
}

TEST_CASE("a rate has four fraction digits at most") {
  CHECK(percentage::parse("12.5")->text() == "12.50");
  CHECK(percentage::parse("0.0001")->units() == 1);
  CHECK_FALSE(percentage::parse("0.00001").has_value());
  CHECK(percentage::from_integer(100) == *percentage::parse("100"));
}

TEST_CASE("property: parsing gives the value that the digits spell") {
  REQUIRE(rc::check("amount", [] {
    const auto text = any_number(amount::scale);
    number_text parsed;
    RC_ASSERT(!parse_amount(text, parsed));
    RC_ASSERT(parsed.units == units_by_hand(text, amount::scale));
  }));
  REQUIRE(rc::check("commission", [] {
    const auto text = any_number(commission::scale);
    RC_ASSERT(commission::parse(text)->units() == units_by_hand(text, commission::scale));
  }));
}

TEST_CASE("property: the text that was sent can be given back") {
  REQUIRE(rc::check([] {
    const auto text = any_number(amount::scale);
    RC_ASSERT(as_decimal(text) == text);
  }));
}

TEST_CASE("property: parse(print(x)) is x") {
  REQUIRE(rc::check("amount", [] {
    const auto value = *amount::parse(any_number(amount::scale));
    RC_ASSERT(amount::parse(value.text()) == value);
  }));
  REQUIRE(rc::check("percentage", [] {
    const auto value = *percentage::parse(any_number(percentage::scale));
    RC_ASSERT(percentage::parse(value.text()) == value);
  }));
  REQUIRE(rc::check("commission", [] {
    const auto value = *commission::parse(any_number(commission::scale));
    RC_ASSERT(commission::parse(value.text()) == value);
  }));
}

TEST_CASE("property: a share distributes over sums") {
  REQUIRE(rc::check([] {
    const auto one = *amount::parse(any_number(amount::scale));
    const auto other = *amount::parse(any_number(amount::scale));
    const auto rate = percentage::from_units(*rc::gen::inRange(0, 1'000'001));
    RC_ASSERT(share_of(*one.plus(other), rate) == share_of(one, rate)->plus(*share_of(other, rate)));
  }));
}

} // namespace croupier::testing
