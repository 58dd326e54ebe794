#include "engine/movement.hpp"

#include "sample_workspace.hpp"
#include "support/catch.hpp"

namespace croupier::testing {

TEST_CASE("an update is looked up and parsed by its metric's type") {
  const auto ws = sample_workspace();
  const auto decimal = resolve_update(ws, "ngr", value_type::absolute, "-12.50");
  CHECK(decimal.metric == ngr);
  CHECK(decimal.type == metric_type::decimal);
  CHECK(decimal.how == value_type::absolute);
  CHECK_FALSE(decimal.malformed.has_value());
  CHECK(amount::from_units(decimal.value.units).text() == "-12.50");

  const auto integer = resolve_update(ws, "bets", value_type::relative, "9223372036854775807");
  CHECK(integer.metric == bets);
  CHECK(integer.type == metric_type::integer);
  CHECK_FALSE(integer.malformed.has_value());
  CHECK(amount::from_units(integer.value.units) == amount::from_integer(9223372036854775807));
  CHECK(resolve_update(ws, "bets", value_type::relative, "5.0").malformed == number_error::malformed);
}

TEST_CASE("an unknown or archived code has no number, whatever the value") {
  const auto ws = sample_workspace();
  for (const auto* code : {"", "nonsense", "NGR", "ngr ", "old-score"}) {
    INFO(code);
    CHECK(resolve_update(ws, code, value_type::relative, "1").metric == metric_number{});
    CHECK(resolve_update(ws, code, value_type::relative, "x").metric == metric_number{});
  }
}

TEST_CASE("a change gives back the very text that was sent") {
  const auto ws = sample_workspace();
  for (const auto* text : {"0", "-0", "-0.00", "250.00", "12.5", "-0.10000000", "999999999999999999.99999999"}) {
    const auto update = resolve_update(ws, "ngr", value_type::relative, text);
    REQUIRE_FALSE(update.malformed.has_value());
    metric_change change;
    change.fraction_digits = update.value.fraction_digits;
    change.negative_zero = update.value.negative_zero;
    change.value = amount::from_units(update.value.units);
    CHECK(change.value_text() == text);
  }
}

} // namespace croupier::testing
