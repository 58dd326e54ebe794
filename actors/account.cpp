#include "actors/account.hpp"

#include <algorithm>
#include <utility>

namespace croupier::actors {

account_actor::behavior_type account(account_actor::stateful_pointer<account_core> self, kept_account start) {
  self->state.kept.emplace(std::move(start));
  return {
      [self](apply_atom, const portion_ptr& portion) {
        auto& kept = *self->state.kept;
        for (const auto& [at, time, facts] : portion->items) {
          if (at <= kept.account.applied_up_to()) continue;
          kept.account.apply(at, time, facts);
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
