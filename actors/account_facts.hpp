#pragma once

#include "engine/affiliate_account.hpp"
#include "engine/entry.hpp"
#include "persistence/committed_view.hpp"

#include <utility>
#include <vector>

namespace croupier::actors {

/// What an entry says about one account.
using facts_of_account = std::pair<account_key, std::vector<account_fact>>;

/// What an entry says about accounts: of a settlement about several, of a movement about at most one. The entry is one
/// of the view's, so what it names is in the view's workspace. Reads the disk for chargebacks, CPA claims and what
/// happens to settlements: throws storage_failure. Pure otherwise.
std::vector<facts_of_account> account_facts_of(const committed_entry& entry, const persistence::committed_view& view);

} // namespace croupier::actors
