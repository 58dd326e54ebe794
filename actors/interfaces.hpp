#pragma once

#include "actors/atoms.hpp"
#include "actors/messages.hpp"

#include <caf/replies_to.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <string>

/// All actors of the ledger and all messages between them. Arrows point one way: gateway -> brand shard -> player ->
/// journal writer -> checkpointer, so no cycle of handles keeps an actor alive.
namespace croupier::actors {

/// The CHECKPOINTER: one, detached. Writes what the journal writer has frozen; the only actor that writes checkpoints.
using checkpointer_actor = caf::typed_actor<
    // Writes the frozen tail, if there is one.
    caf::reacts_to<write_atom>,
    // The same, and answers whether that succeeded.
    caf::replies_to<finish_atom>::with<bool>>;

/// The JOURNAL WRITER: one, detached. Group commit; the only actor that writes the journal. What it is to write comes
/// through the journal_inbox.
using journal_actor = caf::typed_actor<
    // Something has come into the empty inbox: makes the records of everything in it durable and answers it, in order.
    caf::reacts_to<commit_atom>,
    // Answers once everything put into the inbox before is durable or refused.
    caf::replies_to<barrier_atom>::with<bool>,
    // INTERNAL: tries to open the journal anew after a failure.
    caf::reacts_to<repair_atom>,
    // INTERNAL: the regular look at the age of the tail and, with durability "async", the sync.
    caf::reacts_to<beat_atom>,
    // A brand shard joins those that are told to drop their players after a failed commit.
    caf::reacts_to<join_atom, caf::actor>,
    // Commits what is there, writes a last checkpoint and ends; answers whether all of it succeeded.
    caf::replies_to<finish_atom>::with<bool>>;

/// A PLAYER: the only owner of one player's accepted balances and request ids.
using player_actor = caf::typed_actor<
    // Decides a movement or registration: a no is answered at once, a yes goes to the journal writer.
    caf::reacts_to<decide_atom, posting_ptr>,
    // Tells the brand shard `retired`, with this player hash and mark, once nothing of the player is in flight.
    caf::reacts_to<retire_atom, caf::actor, std::uint64_t, std::uint64_t>>;

/// A BRAND SHARD: one per brand; finds, wakes and passivates its players. Answers only what needs no player.
using brand_actor = caf::typed_actor<
    // Hands each posting of this brand in the batch to its player, or answers it player_asleep. Answers the batch's
    // routing once (see posting_batch).
    caf::reacts_to<route_atom, batch_ptr>,
    // INTERNAL: looks at some players' idle times.
    caf::reacts_to<sweep_atom>,
    // From a player: nothing of it is in flight; its hash, its external id and the mark that it was asked with.
    caf::reacts_to<retired_atom, std::uint64_t, std::string, std::uint64_t>,
    // From the journal writer: a commit failed; forget all players, their states are of an older epoch than this.
    caf::reacts_to<drop_atom, std::uint64_t>>;

/// An ACCOUNT: the only owner of one affiliate's account in one currency. No other actor talks to it: the projector
/// feeds it, and whoever wants to know something asks it.
using account_actor = caf::typed_actor<
    // Takes in the facts of a portion, in order, and says so.
    caf::reacts_to<apply_atom, portion_ptr>,
    // Lets the question look at the account, and says so.
    caf::reacts_to<look_atom, question_ptr>>;

} // namespace croupier::actors
