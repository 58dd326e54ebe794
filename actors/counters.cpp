#include "actors/counters.hpp"

#include "actors/posting.hpp"

namespace croupier::actors {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

template<class Enum>
std::size_t index_of(Enum value) noexcept {
  return static_cast<std::size_t>(value);
}

void count_receipt(counters& figures, const posting& to) noexcept {
  if (to.movement() != nullptr) figures.movements_accepted.fetch_add(1, relaxed);
  if (to.sign_up() != nullptr) figures.registrations.fetch_add(1, relaxed);
  const auto* direct = to.direct();
  if (direct != nullptr && direct->what == direct_records::kind::click) figures.clicks.fetch_add(1, relaxed);
}

void count_refusal(counters& figures, const posting& to, const refusal& no) noexcept {
  if (to.movement() == nullptr) return;
  if (no.why == rejection::request_duplicate)
    figures.movements_duplicate.fetch_add(1, relaxed);
  else
    figures.movements_rejected[index_of(no.why)].fetch_add(1, relaxed);
}

} // namespace

template<>
void counters::count<answer>(const posting& to, const answer& reply) noexcept {
  if (is_unfinished(reply)) return;
  if (std::holds_alternative<receipt>(reply)) count_receipt(*this, to);
  if (const auto* no = std::get_if<refusal>(&reply)) count_refusal(*this, to, *no);
  if (const auto* broken = std::get_if<failure>(&reply)) failures[index_of(*broken)].fetch_add(1, relaxed);
  take_out_of_flight();
}

void counters::count_sync(std::uint64_t latency_us) noexcept {
  std::size_t bucket = 0;
  while (bucket < latency_figures::bounds_us.size() && latency_us > latency_figures::bounds_us[bucket]) ++bucket;
  sync_latency[bucket].fetch_add(1, relaxed);
  sync_latency_sum_us.fetch_add(latency_us, relaxed);
}

void counters::read(ledger_figures& out) const noexcept {
  out.movements_accepted = movements_accepted.load(relaxed);
  out.movements_duplicate = movements_duplicate.load(relaxed);
  for (std::size_t i = 0; i < out.movements_rejected.size(); ++i)
    out.movements_rejected[i] = movements_rejected[i].load(relaxed);
  for (std::size_t i = 0; i < out.failures.size(); ++i) out.failures[i] = failures[i].load(relaxed);
  out.registrations = registrations.load(relaxed);
  out.clicks = clicks.load(relaxed);
  out.in_flight = in_flight.load(relaxed);
  out.awake_players = awake_players.load(relaxed);
  out.players_woken = players_woken.load(relaxed);
  out.players_passivated = players_passivated.load(relaxed);
  out.commits = commits.load(relaxed);
  out.entries_committed = entries_committed.load(relaxed);
  for (std::size_t i = 0; i < sync_latency.size(); ++i) out.sync_latency.counts[i] = sync_latency[i].load(relaxed);
  out.sync_latency.sum_us = sync_latency_sum_us.load(relaxed);
  out.checkpoints_written = checkpoints_written.load(relaxed);
  out.checkpoint_errors = checkpoint_errors.load(relaxed);
  out.journal_errors = journal_errors.load(relaxed);
  out.read_errors = read_errors.load(relaxed);
}

} // namespace croupier::actors
