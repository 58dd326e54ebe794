#pragma once

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message_id.hpp>
#include <caf/resumable.hpp>

#include <cstddef>
#include <deque>
#include <utility>

namespace croupier::actors {

/// A thread outside the actor system that runs actors itself: what it sends, it carries out.
///
/// Purpose: a request costs no context switch on its way in. With CAF's own workers each request would wake a worker,
///   which costs more than all of the decision.
/// Operation: a message to an idle actor makes the actor runnable *here*; `run` resumes it, and whatever it made
///   runnable in turn. A message to an actor that is running elsewhere is left to the thread that runs it.
/// Concurrency: one lane belongs to one thread, and to one call: it is made on the stack.
/// Limitations: after `resumes_max` resumptions the rest goes to CAF's workers, so that no caller serves others for
/// ever.
class lane final : public caf::execution_unit {
public:
  /// `stepped`: runs nothing here but leaves every actor to the system's scheduler, so that a simulation chooses who
  /// goes next.
  explicit lane(caf::actor_system& system, bool stepped = false) : caf::execution_unit(&system), stepped_(stepped) {}
  ~lane() override { run(); }
  lane(const lane&) = delete;
  lane& operator=(const lane&) = delete;

  /// Sends a message and runs what that made runnable.
  template<class Handle, class... Values>
  void send(const Handle& to, Values&&... values) {
    auto target = caf::actor_cast<caf::strong_actor_ptr>(to);
    target->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::forward<Values>(values)...),
                    this);
  }

  /// Resumes actors until none is runnable here.
  void run();

  void exec_later(caf::resumable* actor) override;

private:
  static constexpr std::size_t resumes_max = 1024;
  static constexpr std::size_t messages_per_resume = 64;

  bool stepped_;
  std::deque<caf::resumable*> runnable_;
};

} // namespace croupier::actors
