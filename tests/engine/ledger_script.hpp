#pragma once

#include "sample_workspace.hpp"

#include <string_view>

namespace croupier::testing {

/// Plays a table of movements on one player and checks each row. The columns:
///
///   request | updates                            | verdict      | earned | balances after
///   r1      | ngr += 250.00, bets := 3           | ok           | 62.50  | ngr 250.00, bets 3; revshare 62.50
///
/// `+=` is RELATIVE, `:=` ABSOLUTE, the value is the text that the client sent. A request of `-` has no id. `earned` is
/// the movement's revshare, `-` when it has none. After a verdict other than "ok" the ledger must be what it was.
void play(const workspace& ws, player_state from, std::string_view table);

/// One command of such a table.
movement_command command_of(const workspace& ws, std::string_view request, std::string_view updates);

/// "ok", "repeated", "stale" or the rejection's words.
std::string_view verdict_of(const decision& decided);

} // namespace croupier::testing
