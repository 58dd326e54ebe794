#pragma once

#include "actors/countdown.hpp"
#include "actors/interfaces.hpp"
#include "engine/affiliate_account.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace croupier::actors {

/// An account with the newest of the sequences that concern it: those that are not in a saved, full block yet.
struct kept_account {
  affiliate_account account;
  std::vector<std::uint64_t> newest; ///< ascending
};

/// Facts of one account, in order: a portion that its actor takes in at once. Nearly all are movements that accrued
/// revshare and nothing else, so these need no list.
struct account_portion {
  struct item {
    sequence at;
    timestamp time;
    std::variant<revshare_accrued, std::vector<account_fact>> facts;
  };
  std::vector<item> items;
  std::shared_ptr<countdown> taken; ///< arrives when all are in
};

/// A look at an account. `look` runs in the actor: it must be quick and must not throw.
struct account_question {
  std::function<void(const kept_account&)> look;
  std::size_t forget = 0; ///< so many of the oldest of `newest` were saved and are forgotten first
  countdown answered;
};

struct account_core {
  std::optional<kept_account> kept;
};

/// See interfaces.hpp.
account_actor::behavior_type account(account_actor::stateful_pointer<account_core> self, kept_account start);

} // namespace croupier::actors
