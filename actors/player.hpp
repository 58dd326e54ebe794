#pragma once

#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "engine/player_ledger.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace croupier::actors {

/// What a player is spawned with.
struct player_origin {
  player_state restored;   ///< durable state; of a player that is about to register: its profile only
  sequence read_at;        ///< the state is whole up to here
  bool registered = false; ///< false: its first entry will bring it into being
  std::uint64_t epoch = 0; ///< of the brand shard; the journal refuses records of an older one
};

/// One player's state and what it does with each message.
class player_core {
public:
  static constexpr const char* name = "player";

  explicit player_core(player_actor::pointer self) : self_(self) {}
  ~player_core();
  player_core(const player_core&) = delete;
  player_core& operator=(const player_core&) = delete;

  void start(ledger_context& context, journal_actor journal, player_origin origin);
  void decide(const posting_ptr& asked);
  void retire(const caf::actor& shard, std::uint64_t player_hash, std::uint64_t mark);

private:
  void decide_movement(const posting_ptr& asked, const movement_request& request);
  void decide_registration(const posting_ptr& asked, const registration& asked_for);
  void accept(const posting_ptr& asked, const movement_request& request, const movement_command& command,
              const movement_effect& effect);
  /// The profile that an event gives its player, if it attributes it.
  std::optional<player_profile> attribution(const posting_ptr& asked, const movement_request& request) const;
  /// Makes the player that an event names, and attributes it if the event does.
  profile_change join(const movement_command& command);
  void record(const posting_ptr& asked, const movement_request& request, const movement_effect& effect,
              movement_recorded& fact);
  void append(const posting_ptr& asked);
  void answer_in_order(const posting_ptr& asked, rejection why);

  player_actor::pointer self_;
  ledger_context* context_ = nullptr;
  journal_actor journal_;
  std::uint64_t epoch_ = 0;
  std::uint64_t newest_place_ = 0; ///< of its postings in the line to the journal
  bool registered_ = false;
  std::optional<player_ledger> ledger_;
};

player_actor::behavior_type player(player_actor::stateful_pointer<player_core> self, ledger_context* context,
                                   journal_actor journal, std::shared_ptr<player_origin> origin);

} // namespace croupier::actors
