#include "engine/rounding.hpp"

#include "engine/calendar_month.hpp"
#include "engine/commission_sum.hpp"
#include "engine/currency.hpp"

#include "programme.hpp"
#include "support/catch.hpp"
#include "table_page.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <limits>

namespace croupier::testing {
namespace {

base_amount base_of(std::string_view text) {
  return base_amount::from_units(amount_of(text).units() * 10'000);
}

/// The definition of half to even, on small numbers: the nearest multiple, and of two the even one.
std::int64_t nearest_by_definition(std::int64_t numerator, std::int64_t denominator, std::int64_t step) {
  const auto doubled_distance = [&](std::int64_t steps) {
    return std::abs(2 * (numerator - steps * step * denominator));
  };
  const auto around = numerator / (denominator * step);
  auto best = around - 1;
  for (const auto candidate : {around, around + 1}) {
    const auto one = doubled_distance(candidate);
    const auto other = doubled_distance(best);
    if (one < other || (one == other && candidate % 2 == 0)) best = candidate;
  }
  return best * step;
}

constexpr int128 largest = ((static_cast<int128>(1) << 126) - 1) * 2 + 1;

} // namespace

TEST_CASE("rounding is half to even, and keeps what it takes away") {
  const auto rows = table_in(R"(
    | exact                  | digits | value | residue               |
    |------------------------|--------|-------|-----------------------|
    | 0.005                  | 2      | 0     | 0.005                 |
    | 0.015                  | 2      | 0.02  | -0.005                |
    | -0.005                 | 2      | 0     | -0.005                |
    | -0.015                 | 2      | -0.02 | 0.005                 |
    | 0.005000000000000001   | 2      | 0.01  | -0.004999999999999999 |
    | 2.5                    | 0      | 2     | 0.50                  |
    | 3.5                    | 0      | 4     | -0.50                 |
    | 1.23455                | 4      | 1.2346| -0.00005              |
    | 1.000000000000000001   | 18     | 1.000000000000000001 | 0      |
  )");
  for (const auto& row : rows) {
    INFO(row.whole());
    const auto rounded = round_half_even(commission_of(row.text("exact")), static_cast<int>(row.count("digits")));
    REQUIRE(rounded.has_value());
    CHECK(shown(rounded->value) == row.text("value"));
    CHECK(shown(rounded->residue) == row.text("residue"));
  }
  CHECK_FALSE(round_half_even(commission::from_units(largest), 2));
  CHECK_FALSE(round_half_even(commission::from_units(-largest), 2));
}

TEST_CASE("property: a product over a number is rounded once, by the definition") {
  REQUIRE(rc::check([] {
    const auto a = *rc::gen::inRange<std::int64_t>(-2'000, 2'000);
    const auto b = *rc::gen::inRange<std::int64_t>(-2'000, 2'000);
    const auto c = *rc::gen::inRange<std::int64_t>(1, 60);
    const auto step = *rc::gen::element<std::int64_t>(1, 10, 100);
    const auto computed = product_over(a, b, c, step);
    RC_ASSERT(computed.has_value());
    RC_ASSERT(static_cast<std::int64_t>(*computed) == nearest_by_definition(a * b, c, step));
  }));
}

TEST_CASE("a product may be wider than 128 bits when the quotient is not") {
  CHECK(product_over(largest, largest, largest, 1) == largest);
  CHECK(product_over(-largest, largest, largest, 1) == -largest);
  CHECK(product_over(largest, 3, 6, 1) == (largest - 1) / 2 + 1); // a tie, and the half below is odd
  CHECK_FALSE(product_over(largest, 2, 1, 1));
  CHECK_FALSE(product_over(largest, largest, 1, 1));
  CHECK(product_over(largest, 0, 1, 1) == 0);
}

TEST_CASE("property: a split adds up exactly, nobody gets less than nothing or much more than the share") {
  REQUIRE(rc::check([] {
    const auto weights_in_cents =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(1, 100'000)));
    const auto digits = *rc::gen::inRange(0, 5);
    std::vector<base_amount> weights;
    int128 sum = 0;
    for (const auto one : weights_in_cents) {
      weights.push_back(base_amount::from_units(static_cast<int128>(one) * 10'000'000'000));
      sum += weights.back().units();
    }
    const auto total = base_amount::from_units(sum / *rc::gen::inRange(1, 50));
    const auto shares = split_pro_rata(total, weights, digits);
    RC_ASSERT(shares.size() == weights.size());
    int128 split = 0;
    const auto step = detail::step_of(base_amount::scale, digits);
    for (std::size_t i = 0; i < shares.size(); ++i) {
      split += shares[i].units();
      RC_ASSERT(!shares[i].is_negative());
      const auto fair = *product_over(total.units(), weights[i].units(), sum, 1);
      const auto bound = i + 1 == shares.size() ? step * static_cast<int128>(shares.size()) : step;
      RC_ASSERT(shares[i].units() - fair <= bound);
      if (i + 1 < shares.size() && total.units() != sum && shares[i].units() % step != 0)
        RC_ASSERT(split == total.units()); // all that was left, and less than its share
    }
    RC_ASSERT(split == total.units());
  }));
}

TEST_CASE("a split where rounding up leaves nothing for the last gives it nothing, not less") {
  const std::vector<base_amount> weights(5, base_of("1"));
  const auto shares = split_pro_rata(base_of("0.03"), weights, 2);
  CHECK(shares == std::vector{base_of("0.01"), base_of("0.01"), base_of("0.01"), base_of("0"), base_of("0")});
  CHECK(split_pro_rata(base_of("5"), weights, 2) == weights);
}

TEST_CASE("property: a sum is what plain addition gives, as long as plain addition can") {
  REQUIRE(rc::check([] {
    const auto parts = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::arbitrary<std::int64_t>());
    commission_sum sum;
    int128 plain = 0;
    for (const auto part : parts) {
      const auto units = static_cast<int128>(part) * 3'000'000'007;
      const bool add = *rc::gen::arbitrary<bool>();
      plain += add ? units : -units;
      add ? sum += commission::from_units(units) : sum -= commission::from_units(units);
      RC_ASSERT(sum.exact() == commission::from_units(plain));
      RC_ASSERT(sum.text() == commission::from_units(plain).text());
      RC_ASSERT(sum == commission_sum(commission::from_units(plain)));
      RC_ASSERT(sum.is_negative() == (plain < 0));
      RC_ASSERT(sum == commission_sum::from_parts(sum.whole(), sum.fraction()));
    }
  }));
}

TEST_CASE("a sum goes on where a commission ends") {
  const auto most = commission::from_units(largest);
  commission_sum up;
  commission_sum down;
  for (int i = 0; i < 1000; ++i) {
    up += most;
    down -= most;
  }
  CHECK_FALSE(up.exact());
  CHECK_FALSE(down.exact());
  CHECK(up.text() == "170141183460469231731687.303715884105727");
  CHECK(down.text() == "-170141183460469231731687.303715884105727");
  CHECK(down < up);
  for (int i = 0; i < 999; ++i) {
    up -= most;
    down += most;
  }
  CHECK(up.exact() == most);
  CHECK(down.exact() == most.negated());
  up += down;
  CHECK(up.is_zero());
}

TEST_CASE("currencies have the minor units of ISO 4217") {
  const auto digits = [](std::string_view code) { return minor_digits(*currency_code::parse(code)); };
  for (const auto* code : {"EUR", "USD", "GBP", "BTC", "XTS"}) CHECK(digits(code) == 2);
  for (const auto* code : {"JPY", "KRW", "CLP", "ISK", "VND", "XAF", "XOF", "XPF", "UGX", "PYG"})
    CHECK(digits(code) == 0);
  for (const auto* code : {"KWD", "BHD", "JOD", "OMR", "TND", "IQD", "LYD"}) CHECK(digits(code) == 3);
  for (const auto* code : {"CLF", "UYW"}) CHECK(digits(code) == 4);
  for (const auto* text : {"", "EU", "EURO", "eur", "E1R"}) CHECK_FALSE(currency_code::parse(text));
  CHECK(currency_code::parse("SEK")->text() == "SEK");
}

TEST_CASE("months are calendar months in UTC") {
  const calendar_month february{2028, 2};
  CHECK(february.starts_at() == time_of("2028-02-01"));
  CHECK(february.last_moment() == time_of("2028-02-29T23:59:59.999999Z"));
  CHECK(february.ends_at() == time_of("2028-03-01"));
  CHECK(calendar_month{2026, 12}.next() == calendar_month{2027, 1});
  CHECK(calendar_month::of(time_of("2026-12-31T23:59:59.999999Z")) == calendar_month{2026, 12});
  CHECK(calendar_month::of(time_of("2027-01-01T00:30:00+01:00")) == calendar_month{2026, 12});
  CHECK(calendar_month::of(time_of("1969-12-31T23:59:59Z")) == calendar_month{1969, 12});
  CHECK(february.contains(february.starts_at()));
  CHECK_FALSE(february.contains(february.ends_at()));
  CHECK(february.text() == "2028-02");
  CHECK(calendar_month::parse("2028-02") == february);
  for (const auto* text : {"2028-13", "2028-00", "2028-2", "2028-02-01", "", "2028/02"})
    CHECK_FALSE(calendar_month::parse(text));
  CHECK(begin_of(day_of(time_of("2026-07-03T17:00:00Z"))) == time_of("2026-07-03"));
  CHECK(begin_of(day_of(time_of("1965-07-03T17:00:00Z"))) == time_of("1965-07-03"));
}

} // namespace croupier::testing
