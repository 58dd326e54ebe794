#pragma once

#include "actors/countdown.hpp"
#include "actors/counters.hpp"
#include "actors/gateway.hpp"
#include "engine/player_ledger.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace croupier::actors {

// Two replies are not answers but requests to the calling thread, which may read the disk where actors may not.

/// The player is not awake: bring its durable state.
struct player_asleep {
  std::uint64_t generation = 0; ///< the shard's, see brand_shard.hpp
};
/// The look-up of the request id is older than what the player has forgotten: look again.
struct look_again {};

using answer = std::variant<std::monostate, receipt, refusal, failure, player_asleep, look_again>;

/// Whether the posting has to be sent again.
inline bool is_unfinished(const answer& reply) noexcept {
  return std::holds_alternative<player_asleep>(reply) || std::holds_alternative<look_again>(reply);
}

/// A player's durable state, brought by the calling thread for the brand to wake it with.
struct wake_state {
  std::optional<player_state> player; ///< none: there is no such player
  sequence read_at;                   ///< the state is whole up to here
  std::uint64_t generation = 0;       ///< the brand's, when it said that the player was asleep
};

/// A click of ours, looked up by the calling thread.
struct found_click {
  sequence at;
  timestamp time;
  link_number link;
  offer_number offer;
  affiliate_number affiliate;
};

/// What a registration means, looked up by the calling thread.
struct registration {
  registration_request request;
  player_profile attributed; ///< number drawn, click, link, offer and affiliate found
};

/// Records that are complete as they are and need no player: clicks and workspace changes.
struct direct_records {
  enum class kind : std::uint8_t { click, workspace, other };
  kind what = kind::click;
  std::vector<std::string> further; ///< records after the first, in the same group
};

class posting_batch;

enum class posting_state : std::uint8_t {
  open,     ///< no reply yet
  replied,  ///< `reply` is there
  abandoned ///< the caller has left before there was one
};

/// One request on its way through the actors: an envelope with one owner at a time, first the calling thread, then the
/// brand, the player, the journal writer, and at the end the calling thread again. It travels as a shared pointer
/// because a caller whose deadline has passed leaves, and the request goes on without it.
struct posting {
  /// Movements are the batch's, because they are large, and because many that are looked at one after the other are
  /// better kept out of the way; what is rare is on the heap for the same reason.
  std::variant<const movement_request*, std::unique_ptr<const registration>, direct_records> ask;

  // From the calling thread.
  std::uint64_t player_hash = 0;
  std::optional<std::uint64_t> request_hash;
  sequence absent_up_to;
  std::unique_ptr<wake_state> wake;
  std::shared_ptr<const found_click> click; ///< of an event that may attribute its player
  std::optional<rejection> objection;       ///< the calling thread knows already that it will be refused

  // From the player (or, for direct records, from the calling thread).
  std::string record;                  ///< empty: nothing to write, only to be answered in order
  std::optional<std::uint64_t> epoch;  ///< of the player's state; none: depends on no player
  std::optional<refusal> after_commit; ///< answered instead of a receipt, once everything before it is durable

  bool to_route = false; ///< to be handed on by the brand's shard in this round
  answer reply;          ///< the calling thread's to read once `state` is replied
  std::atomic<posting_state> state{posting_state::open};
  posting_batch* batch = nullptr;

  /// What is asked; nullptr when it is something else.
  const movement_request* movement() const noexcept;
  const registration* sign_up() const noexcept;
  const direct_records* direct() const noexcept { return std::get_if<direct_records>(&ask); }

  const workspace& ws() const noexcept; ///< the batch's
  brand_number brand() const noexcept;
  const std::string& external_id() const noexcept;
  std::size_t entry_count() const noexcept;
};

using posting_ptr = std::shared_ptr<posting>;

/// The postings of one call, answered one by one; the calling thread sleeps until none is left.
class posting_batch : public std::enable_shared_from_this<posting_batch> {
public:
  /// Postings whose `ask` is the caller's to set.
  posting_batch(std::size_t size, std::shared_ptr<const workspace> current, counters& figures)
      : postings(size), ws(std::move(current)), figures_(figures) {
    for (auto& each : postings) each.batch = this;
  }

  /// One posting for each of the movements.
  posting_batch(std::vector<movement_request> asked, std::shared_ptr<const workspace> current, counters& figures)
      : posting_batch(asked.size(), std::move(current), figures) {
    movements_ = std::move(asked);
    for (std::size_t i = 0; i < postings.size(); ++i) postings[i].ask = &movements_[i];
  }

  /// A pointer to one posting that keeps the whole batch.
  posting_ptr share(std::size_t index) { return {shared_from_this(), &postings[index]}; }

  /// Puts one posting's reply, counts it, and takes it off `answers`. From any thread, which holds the batch meanwhile:
  /// the caller may let go of it as soon as it sees zero.
  void deliver(posting& to, answer reply) noexcept;

  /// By the calling thread, when it waits no longer: whether the posting has its final answer. Otherwise it is left to
  /// itself, and taken out of flight when it comes back unfinished.
  bool settle(posting& each) noexcept;

  std::vector<posting> postings;
  const std::shared_ptr<const workspace> ws; ///< of the moment when the call came

  countdown answers;  ///< postings without a reply
  countdown routings; ///< brand shards that have not handed on their part of the batch

private:
  std::vector<movement_request> movements_;
  counters& figures_;
};

using batch_ptr = std::shared_ptr<posting_batch>;

/// `to.batch->deliver(to, reply)`.
void deliver(posting& to, answer reply) noexcept;

} // namespace croupier::actors
