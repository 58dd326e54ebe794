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
/// any order, are decided later, become durable later still, and leave the line to the journal at last. Syncs fail and
/// the player is put to sleep at any time. The clock goes, stands and is set back.
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
    command.now = now_;
    const auto decided = ledger_.decide(command, ws_);
    if (std::holds_alternative<lookup_stale>(decided)) {
      RC_ASSERT(waiting.absent_up_to < durable_); // or it would be stale for ever
      ++stale_;
      look_up(waiting.id);
    } else if (const auto* effect = std::get_if<movement_effect>(&decided)) {
      RC_ASSERT(std::find(journal_.begin(), journal_.end(), waiting.id) == journal_.end());
      // Others stand in the line, too.
      ledger_.accept(command, *effect, {.durable = durable_, .own_place = newest_place_, .passed = passed_});
      journal_.push_back(waiting.id);
      newest_place_ += 3;
      places_.push_back(newest_place_);
    } else {
      RC_ASSERT(std::holds_alternative<repeated_request>(decided));
      RC_ASSERT(std::find(journal_.begin(), journal_.end(), waiting.id) != journal_.end());
    }
  }

  /// A sync makes some of the journal durable.
  void sync(std::size_t entries) { durable_.value += std::min(entries, undurable()); }

  /// The journal's writer tells what has left the line; often it has not come to that yet.
  void tell() {
    if (durable_.value > 0) passed_ = std::max(passed_, places_[durable_.value - 1]);
  }

  void pass_time(std::int64_t by_us) { now_.unix_us += by_us; }

  /// A sync fails, or the idle player goes to sleep: what is not durable never was.
  void forget_all() {
    journal_.resize(durable_.value);
    places_.resize(durable_.value);
    passed_ = newest_place_;
    ledger_ = awake();
  }

  std::size_t accepted() const { return journal_.size(); }
  std::size_t stale() const { return stale_; }

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

  player_ledger awake() const { return {new_player(without_revshare), durable_}; }

  const workspace ws_ = sample_workspace();
  const movement_command command_ = command_of(ws_, "-", "bets += 1");
  std::size_t in_flight_max_;
  std::vector<std::uint64_t> journal_; ///< request ids; the entry at index i has sequence i + 1
  std::vector<std::uint64_t> places_;  ///< of the journal's entries, in the line
  sequence durable_;
  std::uint64_t newest_place_ = 0;
  std::uint64_t passed_ = 0;
  timestamp now_{1'000'000'000};
  std::size_t stale_ = 0;
  player_ledger ledger_;
  std::vector<waiting_request> mailbox_;
  std::uint64_t next_id_ = 1'000;
};

enum class step : std::uint8_t { send, repeat, deliver_newest, deliver, sync, tell, pass_time, forget_all };

/// A step and which of its choices. Busy: most of the time as much is in flight as may be.
std::vector<std::pair<step, std::uint32_t>> any_steps(std::size_t count) {
  const auto kind = rc::gen::weightedElement<step>({{16, step::send},
                                                    {4, step::repeat},
                                                    {12, step::deliver_newest},
                                                    {3, step::deliver},
                                                    {14, step::sync},
                                                    {8, step::tell},
                                                    {6, step::pass_time},
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
  case step::tell: return world.tell();
  case step::pass_time: return world.pass_time(choice == 0 ? -5'000'000 : choice * 2'000);
  case step::forget_all: return world.forget_all();
  }
}

} // namespace

TEST_CASE("property: a request id is applied once, whatever is in flight, repeated, lost or asleep") {
  std::size_t accepted = 0;
  std::size_t stale = 0;
  REQUIRE(rc::check([&] {
    process world(*rc::gen::inRange<std::size_t>(1, 24));
    for (const auto& [kind, choice] : any_steps(1000)) take(world, kind, choice);
    accepted += world.accepted();
    stale += world.stale();
  }));
  // The runs did go far enough to forget ids, and to meet look-ups that are too old for that.
  CHECK(accepted > 10'000);
  CHECK(stale > 100);
}

TEST_CASE("an id is forgotten when it has been durable for a while, and not before") {
  const auto ws = sample_workspace();
  player_ledger ledger(new_player(without_revshare), sequence{});
  auto command = command_of(ws, "-", "bets += 1");
  const auto verdict = [&](std::uint64_t id, std::uint64_t absent_up_to) {
    command.request_hash = id;
    command.absent_up_to = sequence{absent_up_to};
    return std::string(verdict_of(ledger.decide(command, ws)));
  };
  std::uint64_t place = 0;
  const auto accept_at = [&](std::int64_t second, std::uint64_t id, std::uint64_t durable, std::uint64_t passed) {
    command.now = timestamp{second * 1'000'000};
    REQUIRE(verdict(id, durable) == "ok");
    ledger.accept(command, std::get<movement_effect>(ledger.decide(command, ws)),
                  {.durable = sequence{durable}, .own_place = place, .passed = passed});
    ++place;
  };
  accept_at(10, 1, 0, 0); // at place 1, entry 1
  accept_at(11, 2, 0, 0);
  // It does not matter how long it takes until the first is durable.
  for (std::uint64_t id = 3; id <= 20; ++id) accept_at(static_cast<std::int64_t>(9 + id), id, 0, 0);
  CHECK(verdict(1, 0) == "repeated");
  accept_at(30, 21, 1, 1);
  CHECK(verdict(1, 0) == "repeated");
  CHECK(verdict(99, 0) == "ok");
  accept_at(31, 22, 5, 5);
  // Forgotten; look-ups of before it was durable are made again.
  CHECK(verdict(1, 0) == "stale");
  CHECK(verdict(1, 1) == "ok"); // which no look-up up to entry 1 would say
  CHECK(verdict(2, 0) == "repeated");
  CHECK(verdict(20, 0) == "repeated");
}

TEST_CASE("look-ups of a moment ago are not made again, however fast movements come") {
  const auto ws = sample_workspace();
  player_ledger ledger(new_player(without_revshare), sequence{});
  auto command = command_of(ws, "-", "bets += 1");
  std::size_t largest = 0;
  for (std::uint64_t i = 1; i <= 20'000; ++i) {
    // A thousand a second, each looked up 200 movements ago; all but the last ten are durable.
    command.request_hash = i;
    command.absent_up_to = sequence{i < 200 ? 0 : i - 200};
    command.now = timestamp{static_cast<std::int64_t>(i) * 1'000};
    const auto decided = ledger.decide(command, ws);
    REQUIRE(std::holds_alternative<movement_effect>(decided));
    const auto durable = i < 10 ? 0 : i - 10;
    ledger.accept(command, std::get<movement_effect>(decided),
                  {.durable = sequence{durable}, .own_place = i - 1, .passed = durable});
    largest = std::max(largest, ledger.heap_bytes());
  }
  CHECK(largest < 4'000 * 32); // what came in three to four seconds
}

} // namespace croupier::testing
