#pragma once

#include "engine/account_entry.hpp"
#include "engine/result.hpp"

#include <cstdint>
#include <optional>

namespace croupier {

/// The life of a CPA. Pending: no claim yet. Held: the player qualified, the fee is on hold. Released: the fee is in
/// the open balance, and is paid when a settlement that covers it is. Reversed: the fee was taken back.
///
///   pending ──qualify──► held ──release──► released
///                         └──────reverse──────┴────────► reversed
///
/// A claim never comes back: a player earns one fee, once.

/// What is known about a player after one of its movements.
struct cpa_evidence {
  player_number player;
  brand_number brand;
  timestamp registered_at;
  amount deposited; ///< balance of the metric that the plan's deposit condition names; 0 when it names none
  amount wagered;   ///< the same of the wagering condition
  timestamp at;     ///< of the movement
};

/// The claim of a player that qualifies now, by the plan in force when it registered: a later plan does not change what
/// a player is worth. Nothing when the plan pays no CPA, a condition is not met, or the window is over. The caller asks
/// only for players that have no claim yet. The fee must fit a commission, which 18 integer digits do.
std::optional<cpa_claim> claim_of(const commission_plan& plan, const cpa_evidence& evidence) noexcept;

/// What may be booked about a claim.
enum class cpa_booking : std::uint8_t { release, reversal };

/// What a sweep or a close at `now` books about a claim; nothing when nothing is due. A chargeback before `now` and
/// inside the reversal window takes the fee back, held or released; it goes before a release that is due at the same
/// time. A chargeback outside of the window changes nothing.
std::optional<cpa_booking> due_booking(const cpa_claim& claim, timestamp now) noexcept;

/// Why a booking by hand is refused. Frozen numbers: they appear in clients' logs.
enum class cpa_refusal : std::uint8_t {
  already_released = 1,
  already_reversed = 2,
  reversal_window_over = 3 ///< a released fee is final when its window is over
};

/// Whether somebody may book this by hand at `now`: a release while it is held, even before the hold has passed; a
/// reversal while it is held, or inside the reversal window.
std::optional<cpa_refusal> refusal_of(const cpa_claim& claim, cpa_booking booking, timestamp now) noexcept;

/// The account's line for a booking. The claim is in a state that allows it (CROUPIER_ASSERT).
account_adjustment adjustment_for(const cpa_claim& claim, cpa_booking booking, timestamp effective_at);

} // namespace croupier
