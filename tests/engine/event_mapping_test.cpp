#include "engine/event_mapping.hpp"

#include "engine/plain_number.hpp"
#include "sample_workspace.hpp"
#include "support/catch.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

using namespace croupier;
using namespace croupier::testing;

namespace {

/// An event as a flat table of paths: what a row of a CSV file would be.
class table_event final : public event_tree {
public:
  explicit table_event(std::map<std::string, event_value, std::less<>> values) : values_(std::move(values)) {}
  event_value at(std::string_view path) const override {
    const auto found = values_.find(path);
    return found == values_.end() ? event_value{} : found->second;
  }

private:
  std::map<std::string, event_value, std::less<>> values_;
};

event_value text(std::string_view of) {
  return {event_value::kind::text, of};
}
event_value number(std::string_view of) {
  return {event_value::kind::number, of};
}

event_mapping rule(metric_number changed, std::string value_path, std::string constant = {}) {
  event_mapping one;
  one.name = "a rule";
  one.event = "deposit";
  one.metric = changed;
  one.value_path = std::move(value_path);
  one.constant = std::move(constant);
  return one;
}

workspace with(std::vector<event_mapping> rules) {
  auto ws = sample_workspace();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    rules[i].number.value = static_cast<mapping_number::rep>(i + 1);
    rules[i].id = uuid::from_halves(7, i + 1);
    INFO(ws.problem_with(rules[i]).value_or(""));
    REQUIRE_FALSE(ws.problem_with(rules[i]).has_value());
    ws.put(rules[i]);
  }
  return ws;
}

constexpr timestamp in_may{1'779'115'080'000'000};

result<metric_updates, mapping_problem> mapped(const workspace& ws, const table_event& event,
                                               std::string_view name = "deposit", timestamp at = in_may) {
  return map_event(ws, {dialect::revvvs, *ws.find(casino), name, at}, event);
}

/// "deposits +1.50, bets =3", or "field: what".
std::string words(const workspace& ws, const result<metric_updates, mapping_problem>& of) {
  if (!of) return of.error().field + ": " + of.error().what;
  std::string out;
  for (const auto& each : *of) {
    if (!out.empty()) out += ", ";
    out += ws.find(each.metric)->code + (each.how == value_type::absolute ? " =" : " +");
    out += detail::print_fixed_exact(each.value.units, 8, each.value.fraction_digits, each.value.negative_zero);
    if (each.running_total_of) out += " of " + each.running_total_of->text();
  }
  return out;
}

} // namespace

TEST_CASE("numbers are taken by their digits, whatever their form") {
  const auto ws = with({rule(deposits, "amount"), rule(deposits_count, "", "1")});
  const std::string digits = "amount: must be a number of at most 18 digits before the point and 8 behind it";
  struct row {
    event_value amount;
    std::string expected;
  };
  const std::string very_long(100'000, '9');
  for (const auto& [amount, expected] : std::vector<row>{
           {number("100"), "deposits +100, deposits-count +1"},
           {number("320.50"), "deposits +320.50, deposits-count +1"},
           {text("0.10"), "deposits +0.10, deposits-count +1"},
           {number("-5"), "deposits +-5, deposits-count +1"},
           {number("1e3"), "deposits +1000, deposits-count +1"},
           {number("1.5E-7"), "deposits +0.00000015, deposits-count +1"},
           {number("999999999999999999.99999999"), "deposits +999999999999999999.99999999, deposits-count +1"},
           {number("0.1000000000000000055"), digits},
           {number("1000000000000000000"), digits},
           {number("1e30"), digits},
           {number("1e400"), digits},
           {number(very_long), digits},
           {text("12,50"), digits},
           {text(""), digits},
           {text(" 5"), digits},
           {text("NaN"), digits},
           {{event_value::kind::boolean, "true"}, "amount: must be a number"},
           {{event_value::kind::structure, {}}, "amount: must be a number"},
           {{}, "amount: is required"},
       }) {
    CHECK(words(ws, mapped(ws, table_event({{"amount", amount}}))) == expected);
  }
}

TEST_CASE("a whole number is asked of integer metrics") {
  const auto ws = with({rule(bets, "n")});
  const std::string whole = "n: must be a whole number of a signed 64-bit integer";
  CHECK(words(ws, mapped(ws, table_event({{"n", number("9223372036854775807")}}))) == "bets +9223372036854775807");
  CHECK(words(ws, mapped(ws, table_event({{"n", number("2e2")}}))) == "bets +200");
  CHECK(words(ws, mapped(ws, table_event({{"n", number("9223372036854775808")}}))) == whole);
  CHECK(words(ws, mapped(ws, table_event({{"n", number("1.0")}}))) == whole);
}

TEST_CASE("rules apply by dialect, brand, name, switch and conditions") {
  auto one = rule(deposits, "amount");
  const table_event event({{"amount", number("1")},
                           {"status", text("ok")},
                           {"flag", {event_value::kind::boolean, "true"}},
                           {"list", {event_value::kind::structure, {}}}});
  const auto applied = [&](const event_mapping& tried) {
    const auto ws = with({tried});
    return words(ws, mapped(ws, event)) == "deposits +1";
  };
  const auto when = [&](std::string path, mapping_test test, std::string value = {}) {
    auto tried = one;
    tried.conditions.push_back({std::move(path), test, std::move(value)});
    return applied(tried);
  };
  CHECK(applied(one));
  one.source = dialect::revvvs;
  CHECK(applied(one));
  one.source = dialect::wynta;
  CHECK_FALSE(applied(one));
  one.source.reset();
  one.brand = casino;
  CHECK(applied(one));
  one.enabled = false;
  CHECK_FALSE(applied(one));
  one.enabled = true;
  one.event = "Deposit";
  CHECK_FALSE(applied(one));
  one.event = "deposit";
  CHECK(when("status", mapping_test::present));
  CHECK(when("list", mapping_test::present));
  CHECK_FALSE(when("other", mapping_test::present));
  CHECK(when("other", mapping_test::absent));
  CHECK_FALSE(when("status", mapping_test::absent));
  CHECK(when("status", mapping_test::equals, "ok"));
  CHECK(when("flag", mapping_test::equals, "true"));
  CHECK(when("amount", mapping_test::equals, "1"));
  CHECK_FALSE(when("status", mapping_test::equals, "OK"));
  CHECK_FALSE(when("other", mapping_test::equals, ""));
  CHECK_FALSE(when("list", mapping_test::equals, ""));
  CHECK(when("status", mapping_test::differs, "failed"));
  CHECK(when("other", mapping_test::differs, "failed"));
  CHECK_FALSE(when("status", mapping_test::differs, "ok"));
  const auto ws = with({one});
  CHECK(words(ws, mapped(ws, event, "login")).empty());
}

TEST_CASE("what several rules add to one metric is added up, and contradictions are refused") {
  auto taken = rule(deposits, "fee");
  taken.negate = true;
  auto set = rule(deposits, "amount");
  set.how = value_type::absolute;
  const table_event event({{"amount", number("10.5")}, {"fee", number("0.125")}});
  const auto of = [&](std::vector<event_mapping> rules) {
    const auto ws = with(std::move(rules));
    return words(ws, mapped(ws, event));
  };
  CHECK(of({rule(deposits, "amount"), rule(bets, "", "1"), taken}) == "deposits +10.375, bets +1");
  CHECK(of({taken}) == "deposits +-0.125");
  CHECK(of({set}) == "deposits =10.5");
  const std::string contradiction = ": more than one mapping says what 'deposits' is to be";
  CHECK(of({set, set}) == contradiction);
  CHECK(of({set, taken}) == contradiction);
  CHECK(of({taken, set}) == contradiction);
  const table_event large({{"amount", number("999999999999999999")}, {"fee", number("1")}});
  const auto ws = with({rule(deposits, "amount"), rule(deposits, "amount")});
  CHECK(words(ws, mapped(ws, large)) == "amount: the mappings together add more to 'deposits' than it can hold");
}

TEST_CASE("a currency is held against the brand's where the event has one") {
  auto one = rule(deposits, "amount");
  one.currency_path = "currency";
  const auto ws = with({one});
  const auto of = [&](event_value currency) {
    return words(ws, mapped(ws, table_event({{"amount", number("1")}, {"currency", currency}})));
  };
  const auto own = ws.find(casino)->currency;
  CHECK(of(text(own)) == "deposits +1");
  CHECK(of({}) == "deposits +1");
  CHECK(of(text("ZZZ")) == "currency: must be " + own + ", the currency of the brand");
  CHECK(of(number("978")) == "currency: must be a string");
}

TEST_CASE("more metrics than a movement may have are refused, not asserted") {
  auto ws = sample_workspace();
  std::vector<event_mapping> rules;
  for (std::size_t i = 0; i <= metrics_per_movement_max; ++i) {
    metric more = *ws.find(deposits);
    more.number.value = static_cast<metric_number::rep>(ws.metrics().size() + 1);
    more.id = uuid::from_halves(9, i + 1);
    more.code = "more-" + std::to_string(i);
    more.meaning = metric_meaning::none;
    ws.put(more);
    auto one = rule(more.number, "amount");
    one.number.value = static_cast<mapping_number::rep>(i + 1);
    one.id = uuid::from_halves(8, i + 1);
    ws.put(one);
  }
  CHECK(words(ws, mapped(ws, table_event({{"amount", number("1")}}))) == ": the mappings change more than 20 metrics");
}

TEST_CASE("a metric that was archived since refuses the event") {
  auto ws = with({rule(deposits, "amount")});
  metric archived = *ws.find(deposits);
  archived.archived = true;
  ws.put(archived);
  CHECK(words(ws, mapped(ws, table_event({{"amount", number("1")}}))) ==
        ": mapping 'a rule' changes 'deposits', which is archived");
}

TEST_CASE("running totals are of the NGR, of the event that tells them, in brands that say so") {
  auto told = rule(ngr, "amount");
  told.event = "ngr_update";
  auto also = rule(ngr, "amount");
  auto ws = with({told, also});
  const table_event event({{"amount", number("500")}});
  CHECK(words(ws, mapped(ws, event, "ngr_update")) == "ngr +500");
  brand monthly = *ws.find(casino);
  monthly.ngr_updates = ngr_mode::month_to_date;
  ws.put(monthly);
  CHECK(words(ws, mapped(ws, event, "ngr_update")) ==
        ": the brand tells running totals, but no metric of the workspace means the NGR");
  CHECK(words(ws, mapped(ws, event, "deposit")) == "ngr +500");
  metric meant = *ws.find(ngr);
  meant.meaning = metric_meaning::ngr;
  ws.put(meant);
  CHECK(words(ws, mapped(ws, event, "ngr_update")) == "ngr +500 of 2026-05");
  CHECK(words(ws, mapped(ws, event, "deposit")) == "ngr +500");
  CHECK(words(ws, mapped(ws, event, "ngr_update", *timestamp::parse("1999-12-31T23:59:59Z"))) ==
        ": a running total is kept for the years 2000 to 2340");
  CHECK(words(ws, mapped(ws, event, "ngr_update", *timestamp::parse("2341-01-01T00:00:00Z"))) ==
        ": a running total is kept for the years 2000 to 2340");
}
