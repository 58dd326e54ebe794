#include "engine/period_close.hpp"

#include "engine/check.hpp"
#include "engine/cpa.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>
#include <utility>

namespace croupier {
namespace {

/// A line on its way through the rules.
struct open_line {
  const revshare_line* line = nullptr;
  const commission_plan* plan = nullptr;
  base_amount base;   ///< after deductions and fence
  base_amount offset; ///< taken off by the fence
  commission_sum offset_commission;
};

class month_closer {
public:
  explicit month_closer(const close_input& input) : in_(input), carried_(*input.carried) {
    out_.entry.month = input.month;
  }

  result<close_outcome, close_refusal> run() {
    book_claims();
    for (auto& [brand, lines] : groups_of_lines()) close_group(brand, lines);
    if (!fits_) return close_refusal::out_of_range;
    prove();
    return std::move(out_);
  }

private:
  using line_list = std::vector<open_line>;

  /// The value, or a zero that makes the whole close fail.
  template<class Value>
  Value held(std::optional<Value> value) {
    if (!value) fits_ = false;
    return std::move(value).value_or(Value{});
  }

  commission held(const commission_sum& sum) { return held(sum.exact()); }

  account_adjustment line_of(adjustment_reason reason, brand_number brand) const {
    account_adjustment line;
    line.reason = reason;
    line.brand = brand;
    line.effective_at = in_.month.last_moment();
    return line;
  }

  void book(account_adjustment line) {
    // What did not fit is not booked: the close fails anyway, and the fold may rely on whole figures.
    if (!fits_) return;
    carried_.apply(line);
    out_.entry.adjustments.push_back(std::move(line));
  }

  bool is_bundled() const noexcept { return in_.deal.scope == netting_scope::affiliate; }
  bool belongs(brand_number pool, brand_number group) const noexcept {
    return is_bundled() || pool == group || pool == brand_number{};
  }

  void book_claims() {
    for (const auto& claim : in_.claims) {
      const auto due = due_booking(claim, in_.month.ends_at());
      if (!due) continue;
      auto line = adjustment_for(claim, *due, in_.month.last_moment());
      if (*due == cpa_booking::release) out_.cpa_released += line.change.open;
      if (*due == cpa_booking::reversal) out_.cpa_reversed += line.change.open;
      book(std::move(line));
    }
  }

  open_line opened(const revshare_line& line) {
    const auto* plan = in_.plans->find(line.plan);
    CROUPIER_ASSERT(plan != nullptr && plan->revshare, "a line of a plan that pays no revshare");
    return {.line = &line,
            .plan = plan,
            .base = held(net_of(line.base, plan->revshare->deductions)),
            .offset = {},
            .offset_commission = {}};
  }

  /// A brand whose advance was taken back too often is settled even when it has no lines.
  std::map<brand_number, line_list> groups_of_lines() {
    const auto key = [](const revshare_line& line) { return std::pair(line.player, line.plan); };
    std::map<brand_number, line_list> groups;
    for (const auto& sums : carried_.sums) groups[is_bundled() ? brand_number{} : sums.brand];
    for (std::size_t i = 0; i < in_.lines.size(); ++i) {
      const auto& line = in_.lines[i];
      CROUPIER_ASSERT(i == 0 || key(in_.lines[i - 1]) < key(line), "lines out of order, or twice");
      groups[is_bundled() ? brand_number{} : line.brand].push_back(opened(line));
    }
    return groups;
  }

  void close_group(brand_number brand, line_list& group) {
    group_figures figures;
    figures.brand = brand;
    set_off_fences(group);
    const auto advance_earned = earn(group, figures);
    if (figures.earned.is_negative()) {
      carry_deficit(group, figures);
    } else {
      make_up_for_deficits(figures);
    }
    recoup_advances(figures, advance_earned);
    figures.payable = figures.earned + figures.forgiven + figures.carried + figures.offset + figures.recouped;
    out_.payable += figures.payable;
    out_.groups.push_back(std::move(figures));
  }

  /// The lines of one player stand together.
  template<class Each>
  void for_each_player(line_list& group, Each each) {
    for (auto begin = group.begin(); begin != group.end();) {
      const auto player = begin->line->player;
      const auto end =
          std::find_if(begin, group.end(), [&](const open_line& one) { return one.line->player != player; });
      base_amount base;
      for (auto one = begin; one != end; ++one) base = held(base.plus(one->base));
      each(player, base, begin, end);
      begin = end;
    }
  }

  void set_off_fences(line_list& group) {
    if (carried_.fences.empty()) return;
    for_each_player(group, [&](player_number player, base_amount base, auto begin, auto end) {
      auto left = std::min(base, carried_.carried_for(player));
      for (auto one = begin; one != end && left > base_amount{}; ++one) {
        const auto taken = std::min(left, one->base);
        if (taken > base_amount{}) set_off_fence(*one, taken);
        if (taken > base_amount{}) left = held(left.minus(taken));
      }
    });
  }

  void set_off_fence(open_line& one, base_amount taken) {
    const auto rate = one.plan->revshare->rate_at_write();
    const auto cost = held(share_of(taken, rate)).negated();
    auto line = line_of(adjustment_reason::fence_offset, one.line->brand);
    line.plan = one.plan->number;
    line.player = one.line->player;
    line.base = taken.negated();
    line.rate = rate;
    line.before = one.line->accrued;
    line.after = held(one.line->accrued.plus(cost));
    line.change.open = cost;
    book(std::move(line));
    one.base = held(one.base.minus(taken));
    one.offset = taken;
    one.offset_commission = cost;
  }

  void add_to(plan_figures& figures, const open_line& one) {
    const auto& deductions = one.plan->revshare->deductions;
    figures.plan = one.plan->number;
    figures.gross = held(figures.gross.plus(one.line->base));
    figures.admin_fee = held(figures.admin_fee.plus(held(part_of(one.line->base, deductions.admin_fee))));
    figures.tax = held(figures.tax.plus(held(part_of(one.line->base, deductions.tax))));
    figures.fence_offset = held(figures.fence_offset.plus(one.offset));
    figures.base = held(figures.base.plus(one.base));
    figures.counts.first_deposits += one.line->first_deposit ? 1 : 0;
    figures.counts.active_players += one.line->active ? 1 : 0;
    figures.accrued += one.line->accrued;
    figures.offsets += one.offset_commission;
  }

  /// Fills in what each plan earned. Gives back what those earned together whose CPA is an advance.
  commission_sum earn(const line_list& group, group_figures& figures) {
    std::map<plan_number, plan_figures> plans;
    for (const auto& one : group) add_to(plans[one.plan->number], one);
    commission_sum advance_earned;
    for (auto& [number, plan] : plans) {
      const auto& terms = *in_.plans->find(number);
      true_up(*terms.revshare, figures.brand, plan);
      plan.earned = plan.accrued + plan.offsets + plan.true_up;
      figures.earned += plan.earned;
      if (terms.cpa && terms.cpa->advance) advance_earned += plan.earned;
      figures.plans.push_back(plan);
    }
    return advance_earned;
  }

  void true_up(const revshare_leg& leg, brand_number brand, plan_figures& plan) {
    const auto outcome = held(earned_in_period(leg, plan.base, plan.counts));
    plan.measured = outcome.measured;
    plan.rate = outcome.rate;
    if (leg.is_flat()) return;
    const auto before = plan.accrued + plan.offsets;
    plan.true_up = commission_sum(outcome.earned) - before;
    if (plan.true_up.is_zero()) return;
    auto line = line_of(adjustment_reason::tier_true_up, brand);
    line.plan = plan.plan;
    line.base = plan.base;
    line.measured = plan.measured;
    line.rate = plan.rate;
    line.before = held(before);
    line.after = outcome.earned;
    line.change.open = held(plan.true_up);
    book(std::move(line));
  }

  void carry_deficit(line_list& group, group_figures& figures) {
    if (in_.deal.fence) raise_fences(group, figures.brand);
    commission_sum carried_before;
    for (const auto& sums : carried_.sums)
      if (belongs(sums.brand, figures.brand)) carried_before -= sums.deficit;
    const auto [forgiven, carried] = cut_deficit(in_.deal, commission_sum{} - figures.earned, carried_before);
    figures.forgiven = forgiven;
    figures.carried = carried;
    book_step(adjustment_reason::deficit_forgiven, figures.brand, figures.earned, forgiven);
    book_step(adjustment_reason::deficit_carried, figures.brand, figures.earned + forgiven, carried);
  }

  void raise_fences(line_list& group, brand_number brand) {
    std::vector<player_result> results;
    base_amount aggregate;
    for_each_player(group, [&](player_number player, base_amount base, auto, auto) {
      results.push_back({.player = player, .base = base});
      aggregate = held(aggregate.plus(base));
    });
    const auto digits = minor_digits(in_.account.currency);
    for (const auto& caught : held(fence_of(*in_.deal.fence, results, aggregate, digits))) {
      const auto result = std::lower_bound(results.begin(), results.end(), caught.player,
                                           [](const auto& one, player_number player) { return one.player < player; });
      auto line = line_of(adjustment_reason::fence_carried, brand);
      line.player = caught.player;
      line.base = caught.carried;
      line.measured = result->base;
      book(std::move(line));
    }
  }

  void make_up_for_deficits(group_figures& figures) {
    auto left = figures.earned;
    const auto pools = carried_.sums; // booking changes them
    for (const auto& pool : pools) {
      if (!belongs(pool.brand, figures.brand)) continue;
      const auto used = std::min(left, commission_sum{} - pool.deficit);
      book_step(adjustment_reason::deficit_offset, pool.brand, left, commission_sum{} - used);
      left -= used;
    }
    figures.offset = left - figures.earned;
  }

  void recoup_advances(group_figures& figures, const commission_sum& advance_earned) {
    const auto left = std::max(commission_sum{}, figures.earned + figures.offset);
    auto available = std::clamp(advance_earned, commission_sum{}, left);
    const auto pools = carried_.sums;
    for (const auto& pool : pools) {
      if (!belongs(pool.brand, figures.brand)) continue;
      // Below zero: a fee was recouped and then reversed, so it was taken twice.
      const auto taken = std::min(available, pool.advance);
      const auto before = left + figures.recouped;
      book_step(adjustment_reason::advance_recouped, pool.brand, before, commission_sum{} - taken);
      if (!taken.is_negative()) available -= taken;
      figures.recouped -= taken;
    }
  }

  /// A line that takes a figure of the group from `before` to before + value.
  void book_step(adjustment_reason reason, brand_number brand, const commission_sum& before,
                 const commission_sum& value) {
    if (value.is_zero()) return;
    auto line = line_of(reason, brand);
    line.before = held(before);
    line.after = held(before + value);
    line.change.open = held(value);
    const bool moves_carried =
        reason == adjustment_reason::deficit_carried || reason == adjustment_reason::deficit_offset;
    if (moves_carried) line.change.carried = line.change.open.negated();
    line.advance = reason == adjustment_reason::advance_recouped;
    book(std::move(line));
  }

  /// What was accrued and what the entry adds is what the figures say is payable.
  void prove() {
    out_.payable += out_.cpa_released + out_.cpa_reversed;
    commission_sum proof;
    for (const auto& line : in_.lines) proof += line.accrued;
    for (const auto& line : out_.entry.adjustments) proof += line.change.open;
    CROUPIER_ASSERT(proof == out_.payable, "the lines of a close do not add up to its figures");
  }

  const close_input& in_;
  carry_state carried_; ///< as the lines so far leave it
  close_outcome out_;
  bool fits_ = true;
};

} // namespace

result<close_outcome, close_refusal> close_month(const close_input& input) {
  CROUPIER_ASSERT(input.plans != nullptr && input.carried != nullptr, "a month without plans or carried state");
  return month_closer(input).run();
}

} // namespace croupier
