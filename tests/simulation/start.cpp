#include "tests/simulation/start.hpp"

#include "engine/check.hpp"
#include "persistence/record_codec.hpp"

namespace croupier::test {

namespace {

commission_plan the_plan() {
  commission_plan plan;
  plan.number = {1};
  plan.id = uuid::from_halves(2, 1);
  plan.name = "hybrid";
  plan.offer = {2};
  auto& leg = plan.revshare.emplace();
  leg.metric = {1};
  leg.tiers = {{std::nullopt, *percentage::parse("10")}};
  leg.deductions = {*percentage::parse("3"), *percentage::parse("20.5")};
  auto& fee = plan.cpa.emplace();
  fee.fee = *amount::parse("20");
  fee.deposits = cpa_condition{{3}, *amount::parse("50")};
  fee.hold_days = 2;
  fee.reversal_days = 9;
  return plan;
}

} // namespace

std::vector<std::string> first_records() {
  std::uint64_t named = 0;
  const auto id = [&] { return uuid::from_halves(1, ++named); };
  std::vector<workspace_changed::object> all;
  all.emplace_back(brand{{1}, id(), "Brand", "EUR", {}, true});
  all.emplace_back(metric{{1}, id(), "ngr", "NGR", metric_type::decimal, true, true, false});
  all.emplace_back(metric{{2}, id(), "bets", "Bets", metric_type::integer, false, true, false});
  all.emplace_back(
      metric{{3}, id(), "deposits", "Deposits", metric_type::decimal, true, true, false, metric_meaning::deposits});
  all.emplace_back(metric{
      {4}, id(), "chargebacks", "Chargebacks", metric_type::decimal, true, true, false, metric_meaning::chargebacks});
  deal_terms forgiven;
  forgiven.rule = carryover_rule::reset;
  all.emplace_back(affiliate{{1}, id(), "First", "IBAN 1"});
  all.emplace_back(affiliate{{2}, id(), "Second", "IBAN 2", forgiven});
  all.emplace_back(affiliate{{3}, id(), "Third"});
  all.emplace_back(offer{{1}, id(), "Flat", revshare_terms{{1}, *percentage::parse("12.5")}});
  all.emplace_back(offer{{2}, id(), "Hybrid", std::nullopt});
  all.emplace_back(the_plan());
  for (std::uint32_t i = 1; i <= clicks; ++i)
    all.emplace_back(tracking_link{{i}, id(), "Link", {i == 1 ? 1U : 2U}, {i}, "https://example.com/", true});
  std::vector<std::string> records;
  for (const auto& each : all)
    persistence::encode(entry{workspace_changed{"start-up", {}, each}}, records.emplace_back());
  CROUPIER_ASSERT(records.size() + 1 == first_click.value, "the first click is another entry");
  for (std::uint32_t i = 1; i <= clicks; ++i)
    persistence::encode(entry{click_tracked{{i}, {i == 1 ? 1U : 2U}, {i}, "192.0.2.1", "simulation", {}}},
                        records.emplace_back());
  return records;
}

} // namespace croupier::test
