#pragma once

#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "persistence/flat_index.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::actors {

/// One brand's players that are awake.
///
/// A player that is not here is asleep: the posting is answered `player_asleep` with the shard's *generation*, the
/// calling thread reads the durable state and sends the posting again with it. Each passivation makes a new generation,
/// so a state that was read before a player went to sleep again, and is therefore old, is not taken; the thread reads
/// anew.
class brand_core {
public:
  static constexpr const char* name = "brand shard";

  explicit brand_core(brand_actor::pointer self) : self_(self) {}

  void start(ledger_context& context, journal_actor journal, brand_number number);
  void route(const batch_ptr& batch);
  void sweep();
  void retired(std::uint64_t player_hash, const std::string& external_id, std::uint64_t mark);
  void drop(std::uint64_t epoch);

private:
  struct awake {
    std::uint64_t player_hash = 0; ///< keyed hash of the brand and the external id
    std::string external_id;
    player_actor actor;        ///< none: the place is free
    std::uint64_t used_at = 0; ///< the round of sweeping in which it last got a posting
    bool retiring = false;
  };

  void fetch(std::span<const std::size_t> chosen, const posting_batch& batch) const;
  void hand_on(const posting_ptr& asked);
  awake* find(std::uint64_t player_hash, std::string_view external_id);
  awake* wake(const posting_ptr& asked);
  awake& add(awake woken);
  void schedule_sweep();
  void retire_if_idle(awake& player);

  brand_actor::pointer self_;
  ledger_context* context_ = nullptr;
  journal_actor journal_;
  brand_number number_;
  std::uint64_t epoch_ = 0;
  std::uint64_t generation_ = 1;
  std::uint64_t round_ = 0; ///< of sweeping: all players are looked at once per round
  std::size_t next_place_ = 0;
  persistence::flat_index places_; ///< of the players, by player hash
  std::vector<awake> players_;
  std::vector<std::uint32_t> free_places_;
};

brand_actor::behavior_type brand_shard(brand_actor::stateful_pointer<brand_core> self, ledger_context* context,
                                       journal_actor journal, brand_number number);

} // namespace croupier::actors
