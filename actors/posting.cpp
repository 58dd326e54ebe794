#include "actors/posting.hpp"

namespace croupier::actors {

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

void posting_batch::deliver(posting& to, answer reply) noexcept {
  // The caller may free the batch as soon as it sees zero, so the batch is held until the wake-up is done.
  const auto self = shared_from_this();
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
