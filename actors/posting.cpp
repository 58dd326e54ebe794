#include "actors/posting.hpp"

namespace croupier::actors {

const movement_request* posting::movement() const noexcept {
  const auto* found = std::get_if<const movement_request*>(&ask);
  return found == nullptr ? nullptr : *found;
}

const registration* posting::sign_up() const noexcept {
  const auto* found = std::get_if<std::unique_ptr<const registration>>(&ask);
  return found == nullptr ? nullptr : found->get();
}

const workspace& posting::ws() const noexcept {
  return *batch->ws;
}

brand_number posting::brand() const noexcept {
  if (const auto* asked = movement()) return asked->brand;
  if (const auto* asked = sign_up()) return asked->request.brand;
  return {};
}

const std::string& posting::external_id() const noexcept {
  if (const auto* asked = movement()) return asked->external_id;
  const auto* asked = sign_up();
  CROUPIER_ASSERT(asked != nullptr, "direct records belong to no player");
  return asked->request.external_id;
}

std::size_t posting::entry_count() const noexcept {
  if (record.empty()) return 0;
  const auto* records = direct();
  return 1 + (records != nullptr ? records->further.size() : 0);
}

void posting_batch::deliver(posting& to, answer reply) noexcept {
  const bool unfinished = is_unfinished(reply);
  figures_.count(to, reply);
  to.reply = std::move(reply);
  auto seen = posting_state::open;
  if (!to.state.compare_exchange_strong(seen, posting_state::replied, std::memory_order_acq_rel) && unfinished)
    figures_.take_out_of_flight();
  answers.arrive();
}

bool posting_batch::settle(posting& each) noexcept {
  auto seen = posting_state::open;
  if (each.state.compare_exchange_strong(seen, posting_state::abandoned, std::memory_order_acq_rel)) return false;
  if (seen == posting_state::abandoned) return false;
  if (!is_unfinished(each.reply)) return true;
  each.state.store(posting_state::abandoned, std::memory_order_relaxed);
  figures_.take_out_of_flight();
  return false;
}

void deliver(posting& to, answer reply) noexcept {
  to.batch->deliver(to, std::move(reply));
}

} // namespace croupier::actors
