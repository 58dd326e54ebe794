#include "actors/account.hpp"

#include <algorithm>
#include <utility>

namespace croupier::actors {

account_actor::behavior_type account(account_actor::stateful_pointer<account_core> self, kept_account start) {
  self->state.kept.emplace(std::move(start));
  return {
      [self](apply_atom, const portion_ptr& portion) {
        auto& kept = *self->state.kept;
        account_fact accrued;
        for (const auto& [at, time, facts] : portion->items) {
          if (at <= kept.account.applied_up_to()) continue;
          if (const auto* only = std::get_if<revshare_accrued>(&facts)) {
            accrued = *only;
            kept.account.apply(at, time, {&accrued, 1});
          } else {
            kept.account.apply(at, time, std::get<std::vector<account_fact>>(facts));
          }
          kept.newest.push_back(at.value);
        }
        portion->taken->arrive();
      },
      [self](look_atom, const question_ptr& question) {
        auto& newest = self->state.kept->newest;
        const auto gone = std::min(question->forget, newest.size());
        newest.erase(newest.begin(), newest.begin() + static_cast<std::ptrdiff_t>(gone));
        question->look(*self->state.kept);
        question->answered.arrive();
      },
  };
}

} // namespace croupier::actors
