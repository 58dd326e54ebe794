#include "actors/posting.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace croupier::actors {

namespace {

// std::atomic::wait spins and yields before it sleeps, which steals time from the very threads that are to answer;
// with a sleep per request and few cores that is measurable. So the system call itself, which also knows deadlines.
void futex_wake_one(std::atomic<std::uint32_t>& word) noexcept {
  ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t seen, std::chrono::nanoseconds timeout) noexcept {
  timespec relative{};
  relative.tv_sec = static_cast<time_t>(timeout.count() / 1'000'000'000);
  relative.tv_nsec = static_cast<long>(timeout.count() % 1'000'000'000);
  ::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, seen, &relative, nullptr, 0);
}

static_assert(sizeof(std::atomic<std::uint32_t>) == 4, "a futex is four bytes");

} // namespace

brand_number posting::brand() const noexcept {
  if (const auto* movement = std::get_if<movement_request>(&ask)) return movement->brand;
  if (const auto* sign_up = std::get_if<registration>(&ask)) return sign_up->request.brand;
  return {};
}

const std::string& posting::external_id() const noexcept {
  if (const auto* movement = std::get_if<movement_request>(&ask)) return movement->external_id;
  const auto* sign_up = std::get_if<registration>(&ask);
  CROUPIER_ASSERT(sign_up != nullptr, "direct records belong to no player");
  return sign_up->request.external_id;
}

std::size_t posting::entry_count() const noexcept {
  if (record.empty()) return 0;
  const auto* direct = std::get_if<direct_records>(&ask);
  return 1 + (direct != nullptr ? direct->further.size() : 0);
}

namespace {

bool sleep_until_zero(std::atomic<std::uint32_t>& word, posting_batch::deadline until) noexcept {
  for (;;) {
    const auto seen = word.load(std::memory_order_acquire);
    if (seen == 0) return true;
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= std::chrono::nanoseconds::zero()) return false;
    futex_wait(word, seen, std::chrono::duration_cast<std::chrono::nanoseconds>(left));
  }
}

} // namespace

void posting_batch::expect(std::uint32_t answers, std::uint32_t routings) noexcept {
  unanswered_.fetch_add(answers, std::memory_order_acq_rel);
  unrouted_.fetch_add(routings, std::memory_order_acq_rel);
}

void posting_batch::deliver(posting& to, answer reply) noexcept {
  // The caller may free the batch as soon as it sees zero, so the batch is held until the wake-up is done.
  const auto self = shared_from_this();
  const bool unfinished = is_unfinished(reply);
  figures_.count(to, reply);
  to.reply = std::move(reply);
  auto seen = posting_state::open;
  if (!to.state.compare_exchange_strong(seen, posting_state::replied, std::memory_order_acq_rel) && unfinished)
    figures_.take_out_of_flight();
  if (unanswered_.fetch_sub(1, std::memory_order_acq_rel) == 1) futex_wake_one(unanswered_);
}

bool posting_batch::settle(posting& each) noexcept {
  auto seen = posting_state::open;
  if (each.state.compare_exchange_strong(seen, posting_state::abandoned, std::memory_order_acq_rel)) return false;
  if (!is_unfinished(each.reply)) return true;
  figures_.take_out_of_flight();
  return false;
}

void posting_batch::routed() noexcept {
  const auto self = shared_from_this();
  if (unrouted_.fetch_sub(1, std::memory_order_acq_rel) == 1) futex_wake_one(unrouted_);
}

bool posting_batch::wait_answered(deadline until) noexcept {
  return sleep_until_zero(unanswered_, until);
}

bool posting_batch::wait_routed(deadline until) noexcept {
  return sleep_until_zero(unrouted_, until);
}

void deliver(posting& to, answer reply) noexcept {
  to.batch->deliver(to, std::move(reply));
}

} // namespace croupier::actors
