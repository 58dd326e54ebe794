#include "engine/player_ledger.hpp"

#include "ledger_script.hpp"
#include "sample_workspace.hpp"
#include "support/catch.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace croupier::testing {
namespace {

/// The process around one player, without the threads: requests are looked up in what is durable, wait in a mailbox in
/// any order, are decided later, and become durable later still. Syncs fail and the player is put to sleep at any time.
class process {
public:
  explicit process(std::size_t in_flight_max) : in_flight_max_(in_flight_max), ledger_(awake()) {}

  /// A client sends a request: a new one.
  void send() { admit(next_id_++); }

  /// A client repeats one of its last requests.
  void repeat(std::size_t which) { admit(next_id_ - 1 - which % (2 * in_flight_max_)); }

  /// The player takes the newest message of its mailbox, as if the others were still on their way.
  void deliver_newest() {
    if (!mailbox_.empty()) deliver(mailbox_.size() - 1);
  }

  /// The player takes any message of its mailbox.
  void deliver(std::size_t which) {
    if (mailbox_.empty()) return;
    const auto at = mailbox_.begin() + static_cast<std::ptrdiff_t>(which % mailbox_.size());
    const auto waiting = *at;
    mailbox_.erase(at);
    auto command = command_;
    command.request_hash = waiting.id;
    command.absent_up_to = waiting.absent_up_to;
    const auto decided = ledger_.decide(command, ws_);
    if (std::holds_alternative<lookup_stale>(decided)) {
      RC_ASSERT(waiting.absent_up_to < durable_); // or it would be stale for ever
      look_up(waiting.id);
    } else if (const auto* effect = std::get_if<movement_effect>(&decided)) {
      RC_ASSERT(std::find(journal_.begin(), journal_.end(), waiting.id) == journal_.end());
      ledger_.accept(command, *effect, durable_);
      journal_.push_back(waiting.id);
    } else {
      RC_ASSERT(std::holds_alternative<repeated_request>(decided));
      RC_ASSERT(std::find(journal_.begin(), journal_.end(), waiting.id) != journal_.end());
    }
  }

  /// A sync makes some of the journal durable.
  void sync(std::size_t entries) { durable_.value += std::min(entries, undurable()); }

  /// A sync fails, or the idle player goes to sleep: what is not durable never was.
  void forget_all() {
    journal_.resize(durable_.value);
    ledger_ = awake();
  }

  std::size_t accepted() const { return journal_.size(); }

private:
  struct waiting_request {
    std::uint64_t id;
    sequence absent_up_to;
  };

  std::size_t undurable() const { return journal_.size() - durable_.value; }

  void admit(std::uint64_t id) {
    if (mailbox_.size() + undurable() < in_flight_max_) look_up(id);
  }

  void look_up(std::uint64_t id) {
    const auto durable_end = journal_.begin() + static_cast<std::ptrdiff_t>(durable_.value);
    if (std::find(journal_.begin(), durable_end, id) == durable_end) mailbox_.push_back({id, durable_});
  }

  player_ledger awake() const { return {new_player(without_revshare), durable_, in_flight_max_}; }

  const workspace ws_ = sample_workspace();
  const movement_command command_ = command_of(ws_, "-", "bets += 1");
  std::size_t in_flight_max_;
  std::vector<std::uint64_t> journal_; ///< request ids; the entry at index i has sequence i + 1
  sequence durable_;
  player_ledger ledger_;
  std::vector<waiting_request> mailbox_;
  std::uint64_t next_id_ = 1'000;
};

enum class step : std::uint8_t { send, repeat, deliver_newest, deliver, sync, forget_all };

/// A step and which of its choices. Busy: most of the time as much is in flight as may be.
std::vector<std::pair<step, std::uint32_t>> any_steps(std::size_t count) {
  const auto kind = rc::gen::weightedElement<step>({{16, step::send},
                                                    {4, step::repeat},
                                                    {12, step::deliver_newest},
                                                    {3, step::deliver},
                                                    {14, step::sync},
                                                    {*rc::gen::element(0, 0, 1), step::forget_all}});
  const auto one = rc::gen::pair(kind, rc::gen::resize(100, rc::gen::inRange<std::uint32_t>(0, 1'000)));
  return *rc::gen::container<std::vector<std::pair<step, std::uint32_t>>>(count, one);
}

void take(process& world, step kind, std::uint32_t choice) {
  switch (kind) {
  case step::send: return world.send();
  case step::repeat: return world.repeat(choice);
  case step::deliver_newest: return world.deliver_newest();
  case step::deliver: return world.deliver(choice);
  case step::sync: return world.sync(1 + choice % 2);
  case step::forget_all: return world.forget_all();
  }
}

} // namespace

TEST_CASE("property: a request id is applied once, whatever is in flight, repeated, lost or asleep") {
  std::size_t accepted = 0;
  REQUIRE(rc::check([&] {
    process world(*rc::gen::inRange<std::size_t>(1, 24));
    for (const auto& [kind, choice] : any_steps(1000)) take(world, kind, choice);
    accepted += world.accepted();
  }));
  // The runs did go far enough to forget ids.
  CHECK(accepted > 10'000);
}

TEST_CASE("with as much in flight as can be, no look-up that missed an id gets it past the ledger") {
  const auto ws = sample_workspace();
  auto command = command_of(ws, "-", "bets += 1");
  for (std::uint64_t in_flight = 1; in_flight <= 24; ++in_flight) {
    player_ledger ledger(new_player(without_revshare), sequence{}, in_flight);
    for (std::uint64_t newest = 1; newest <= 100; ++newest) {
      // Entry n carries request id n. The newest makes the last of `in_flight`: what is before them is durable.
      const sequence durable{newest > in_flight ? newest - in_flight : 0};
      command.request_hash = newest;
      command.absent_up_to = durable;
      ledger.accept(command, std::get<movement_effect>(ledger.decide(command, ws)), durable);
      for (std::uint64_t again = 1; again <= newest; ++again) {
        command.request_hash = again;
        command.absent_up_to = sequence{again - 1};
        REQUIRE(verdict_of(ledger.decide(command, ws)) != "ok");
      }
    }
  }
}

TEST_CASE("a full memory raises its mark once in a while and not with every movement") {
  const auto ws = sample_workspace();
  constexpr std::uint64_t remembered = 100;
  player_ledger ledger(new_player(without_revshare), sequence{}, remembered);
  auto command = command_of(ws, "-", "bets += 1");
  int stale = 0;
  constexpr std::uint64_t movements = 10'000;
  for (std::uint64_t i = 1; i <= movements; ++i) {
    command.request_hash = i;
    // Looked up three movements ago; two more have become durable since.
    command.absent_up_to = sequence{i < 3 ? 0 : i - 3};
    auto decided = ledger.decide(command, ws);
    if (std::holds_alternative<lookup_stale>(decided)) {
      ++stale;
      command.absent_up_to = sequence{i - 1};
      decided = ledger.decide(command, ws);
    }
    ledger.accept(command, std::get<movement_effect>(decided), sequence{i - 1});
  }
  CHECK(stale > 0);
  CHECK(stale <= static_cast<int>(movements / (remembered / 4)));
}

} // namespace croupier::testing
