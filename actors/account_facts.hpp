#pragma once

#include "engine/affiliate_account.hpp"
#include "engine/entry.hpp"
#include "persistence/committed_view.hpp"

#include <utility>
#include <vector>

namespace croupier::actors {

/// What an entry says about one account.
using facts_of_account = std::pair<account_key, std::vector<account_fact>>;

/// The account of what an affiliate earns by players of that brand, which the workspace has. It never changes.
account_key account_of(affiliate_number affiliate, brand_number brand, const workspace& ws);

/// What an entry says about accounts: of a settlement about several, of a movement about at most one. The entry is one
/// of the view's, so what it names is in the view's workspace. Reads the disk for chargebacks, CPA claims and what
/// happens to settlements: throws storage_failure. Pure otherwise.
std::vector<facts_of_account> account_facts_of(const committed_entry& entry, const persistence::committed_view& view);

} // namespace croupier::actors
