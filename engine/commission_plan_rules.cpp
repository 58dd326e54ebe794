/// What may be put into a plan book.

#include "engine/commission_plan.hpp"
#include "engine/workspace.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace croupier {
namespace {

using problem = std::optional<std::string>;

constexpr std::size_t name_length_max = 255;
constexpr std::size_t tiers_max = 20;
constexpr std::uint16_t days_max = 3660; // ten years

problem at(std::string_view field, std::string_view what) {
  return std::string(field).append(": ").append(what);
}

problem first_of(std::initializer_list<problem> problems) {
  for (const auto& one : problems)
    if (one) return one;
  return std::nullopt;
}

problem place_problem(const commission_plan& plan, std::size_t book_size) {
  if (plan.number.value == 0) return at("number", "there is no room for another one");
  if (plan.number.value > book_size + 1)
    return at("number", "must be the next free one, " + std::to_string(book_size + 1));
  return std::nullopt;
}

problem name_problem(std::string_view name) {
  if (name.empty()) return at("name", "must not be empty");
  if (name.size() > name_length_max) return at("name", "must not be longer than 255 bytes");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(name.begin(), name.end(), is_control)) return at("name", "must not contain control characters");
  return std::nullopt;
}

problem reference_problem(const commission_plan& plan, const workspace& ws) {
  if (ws.find(plan.offer) == nullptr) return at("offer", "does not exist");
  if (plan.brand != brand_number{} && ws.find(plan.brand) == nullptr) return at("brand", "does not exist");
  if (plan.affiliate != affiliate_number{} && ws.find(plan.affiliate) == nullptr)
    return at("affiliate", "does not exist");
  return std::nullopt;
}

problem metric_problem(const std::string& field, metric_number number, const workspace& ws) {
  const auto* metric = ws.find(number);
  if (metric == nullptr) return at(field, "does not exist");
  if (metric->type != metric_type::decimal) return at(field, "must be a decimal metric");
  return metric->archived ? at(field, "is archived") : std::nullopt;
}

bool is_share(percentage value) noexcept {
  return !value.is_negative() && value <= percentage::from_integer(100);
}

problem deduction_problem(std::string_view field, percentage value) {
  if (!is_share(value)) return at(field, "must be 0 to 100");
  if (value.units() % 100 != 0) return at(field, "must not have more than 2 fraction digits");
  return std::nullopt;
}

problem deductions_problem(const base_deductions& taken) {
  if (auto wrong = first_of({deduction_problem("revshare.admin_fee_percent", taken.admin_fee),
                             deduction_problem("revshare.tax_percent", taken.tax)}))
    return wrong;
  if (!is_share(percentage::from_units(taken.admin_fee.units() + taken.tax.units())))
    return at("revshare.tax_percent", "must not be more than 100 together with the admin fee");
  return std::nullopt;
}

problem bound_problem(const std::string& field, const revshare_leg& leg, std::size_t index) {
  const auto& bound = leg.tiers[index].up_to;
  const bool is_last = index + 1 == leg.tiers.size();
  if (is_last) return bound ? at(field, "the last tier has no bound") : std::nullopt;
  if (!bound) return at(field, "only the last tier is without a bound");
  if (*bound <= amount{}) return at(field, "must be more than 0");
  if (!in_decimal_range(*bound)) return at(field, "must not have more than 18 digits before the point");
  if (leg.measure != tier_measure::period_base && !in_integer_range(*bound))
    return at(field, "must be whole: it is a number of players");
  if (index > 0 && *bound <= *leg.tiers[index - 1].up_to)
    return at(field, "overlaps the tier before it: bounds must ascend");
  return std::nullopt;
}

problem tiers_problem(const revshare_leg& leg) {
  if (leg.tiers.empty()) return at("revshare.tiers", "must not be empty");
  if (leg.tiers.size() > tiers_max) return at("revshare.tiers", "must not be more than 20");
  for (std::size_t i = 0; i < leg.tiers.size(); ++i) {
    const auto field = "revshare.tiers[" + std::to_string(i) + "]";
    if (auto wrong = bound_problem(field + ".up_to", leg, i)) return wrong;
    if (!is_share(leg.tiers[i].rate)) return at(field + ".rate_percent", "must be 0 to 100");
  }
  return std::nullopt;
}

problem revshare_problem(const commission_plan& plan, const workspace& ws) {
  if (!plan.revshare) return std::nullopt;
  return first_of({metric_problem("revshare.metric", plan.revshare->metric, ws), tiers_problem(*plan.revshare),
                   deductions_problem(plan.revshare->deductions)});
}

problem condition_problem(const std::string& field, const std::optional<cpa_condition>& condition,
                          const workspace& ws) {
  if (!condition) return std::nullopt;
  if (auto wrong = metric_problem(field + ".metric", condition->metric, ws)) return wrong;
  if (condition->at_least <= amount{} || !in_decimal_range(condition->at_least))
    return at(field + ".at_least", "must be more than 0, with at most 18 digits before the point");
  return std::nullopt;
}

problem days_problem(std::string_view field, std::uint16_t days) {
  return days > days_max ? at(field, "must not be more than 3660") : std::nullopt;
}

problem cpa_problem(const commission_plan& plan, const workspace& ws) {
  if (!plan.cpa) return std::nullopt;
  const auto& cpa = *plan.cpa;
  if (cpa.fee <= amount{} || !in_decimal_range(cpa.fee))
    return at("cpa.fee", "must be more than 0, with at most 18 digits before the point");
  if (!cpa.deposits && !cpa.wagering) return at("cpa.deposits", "a player must have something to qualify by");
  if (auto wrong = first_of(
          {condition_problem("cpa.deposits", cpa.deposits, ws), condition_problem("cpa.wagering", cpa.wagering, ws),
           days_problem("cpa.window_days", cpa.window_days), days_problem("cpa.hold_days", cpa.hold_days),
           days_problem("cpa.reversal_days", cpa.reversal_days)}))
    return wrong;
  if (cpa.advance && !plan.revshare) return at("cpa.advance", "there is no revshare that could make up for it");
  return std::nullopt;
}

problem legs_problem(const commission_plan& plan) {
  return plan.revshare || plan.cpa ? std::nullopt : at("revshare", "a plan pays revshare, CPA or both");
}

problem order_problem(const commission_plan& plan) {
  if (plan.valid_until && *plan.valid_until <= plan.valid_from) return at("valid_until", "must be after valid_from");
  return std::nullopt;
}

problem new_plan_problem(const commission_plan& plan, const std::vector<commission_plan>& plans, timestamp now) {
  if (plan.valid_from < now) return at("valid_from", "is past: a plan works forward only");
  for (const auto& other : plans)
    if (other.offer == plan.offer && other.brand == plan.brand && other.affiliate == plan.affiliate &&
        other.valid_from == plan.valid_from)
      return at("valid_from", "conflicts with plan '" + other.name + "', which starts then for the same offer, brand " +
                                  "and affiliate");
  return std::nullopt;
}

problem changed_plan_problem(const commission_plan& plan, const commission_plan& before, timestamp now) {
  auto unchanged = plan;
  unchanged.name = before.name;
  unchanged.valid_until = before.valid_until;
  if (unchanged != before) return at("plan", "only name and valid_until can change; another plan takes its place");
  if (plan.valid_until == before.valid_until) return std::nullopt;
  if (before.valid_until && *before.valid_until <= now) return at("valid_until", "the plan is over");
  if (plan.valid_until && *plan.valid_until < now) return at("valid_until", "is past: a plan works forward only");
  return std::nullopt;
}

} // namespace

problem plan_book::problem_with(const commission_plan& plan, const workspace& ws, timestamp now) const {
  if (auto wrong = first_of({place_problem(plan, plans_.size()), name_problem(plan.name), order_problem(plan)}))
    return wrong;
  if (const auto* before = find(plan.number)) return changed_plan_problem(plan, *before, now);
  return first_of({reference_problem(plan, ws), legs_problem(plan), revshare_problem(plan, ws), cpa_problem(plan, ws),
                   new_plan_problem(plan, plans_, now)});
}

} // namespace croupier
