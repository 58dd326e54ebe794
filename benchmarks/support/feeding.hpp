#pragma once

#include "actors/gateway.hpp"

#include <cstdint>
#include <functional>

namespace croupier::bench {

/// How movements are sent to a gateway as fast as it takes them.
struct feeding {
  std::uint64_t first = 0; ///< number of the first movement
  std::uint64_t count = 0;
  std::uint64_t threads = 2;
  std::uint64_t window = 512; ///< movements sent together
  std::uint64_t windows_on_their_way = 3;
};

using movement_maker = std::function<actors::movement_request(std::uint64_t number)>;
/// Called for every movement with what became of it, from several threads at once.
using outcome_listener = std::function<void(std::uint64_t number, const actors::outcome& what)>;

/// Sends every movement and waits for every answer; gives the seconds it took. Makers and listeners are called from
/// several threads at once; the movements of one window are sent in order, windows in no order.
double feed(actors::gateway& ledger, const feeding& plan, const movement_maker& make, const outcome_listener& tell);
/// The same for movements that must all be accepted; otherwise it ends the program with a message.
double feed(actors::gateway& ledger, const feeding& plan, const movement_maker& make);

} // namespace croupier::bench
