#include "http/ops/calls.hpp"

#include "engine/check.hpp"
#include "http/json.hpp"
#include "http/prometheus.hpp"

#include <array>
#include <utility>

namespace croupier::http::ops {

namespace {

std::string_view name_of(persistence::durability mode) {
  switch (mode) {
  case persistence::durability::sync: return "sync";
  case persistence::durability::async: return "async";
  }
  ::croupier::detail::invariant_failed("mode in durability", __FILE__, __LINE__, "a durability is none of its names");
}

/// Repeated request ids have a counter of their own.
constexpr std::array rejections{
    std::pair{rejection::brand_unknown, "brand_unknown"},
    std::pair{rejection::click_unknown, "click_unknown"},
    std::pair{rejection::player_unknown, "player_unknown"},
    std::pair{rejection::player_duplicate, "player_duplicate"},
    std::pair{rejection::metric_unknown, "metric_unknown"},
    std::pair{rejection::integer_value_invalid, "integer_value_invalid"},
    std::pair{rejection::decimal_value_invalid, "decimal_value_invalid"},
    std::pair{rejection::value_out_of_range, "value_out_of_range"},
};

constexpr std::array failures{
    std::pair{actors::failure::overloaded, "overloaded"},
    std::pair{actors::failure::journal_unavailable, "journal_unavailable"},
    std::pair{actors::failure::deadline_passed, "deadline_passed"},
    std::pair{actors::failure::stopping, "stopping"},
};

void write_calls(prometheus_writer& out, const actors::ledger_figures& figures) {
  out.counter("croupier_movements_accepted_total", "Movements recorded, in every dialect.")
      .sample(figures.movements_accepted);
  out.counter("croupier_movements_duplicate_total", "Movements refused because their request id was known.")
      .sample(figures.movements_duplicate);
  out.counter("croupier_rejections_total", "Calls that were understood and refused, by reason.");
  for (const auto& [why, name] : rejections)
    out.sample(figures.movements_rejected[static_cast<std::size_t>(why)], {{"reason", name}});
  out.counter("croupier_failures_total", "Calls that machinery or a limit failed, by reason.");
  for (const auto& [why, name] : failures)
    out.sample(figures.failures[static_cast<std::size_t>(why)], {{"reason", name}});
  out.counter("croupier_registrations_total", "Players registered or attributed.").sample(figures.registrations);
  out.counter("croupier_clicks_total", "Clicks tracked.").sample(figures.clicks);
  out.gauge("croupier_in_flight", "Calls accepted and not yet answered.").sample(figures.in_flight);
}

void write_players(prometheus_writer& out, const actors::ledger_figures& figures) {
  out.gauge("croupier_players", "Players registered.").sample(figures.player_count);
  out.gauge("croupier_players_awake", "Players that have an actor.").sample(figures.awake_players);
  out.counter("croupier_players_woken_total", "Times that a player got an actor.").sample(figures.players_woken);
  out.counter("croupier_players_passivated_total", "Times that an idle player gave up its actor.")
      .sample(figures.players_passivated);
}

void write_journal(prometheus_writer& out, const actors::ledger_figures& figures) {
  out.counter("croupier_commits_total", "Groups of entries made durable; entries per sync is the ratio to the next.")
      .sample(figures.commits);
  out.counter("croupier_entries_committed_total", "Entries made durable.").sample(figures.entries_committed);
  out.histogram("croupier_sync_duration_seconds", "Writing and syncing one group.")
      .buckets(actors::latency_figures::bounds_us, figures.sync_latency.counts, figures.sync_latency.sum_us);
  out.counter("croupier_journal_errors_total", "Writes or syncs of the journal that failed.")
      .sample(figures.journal_errors);
  out.counter("croupier_read_errors_total", "Reads of what is stored that failed.").sample(figures.read_errors);
  out.gauge("croupier_journal_sequence", "The newest durable entry.").sample(figures.journal_sequence);
  out.gauge("croupier_checkpoint_sequence", "The entry up to which the checkpoint holds everything.")
      .sample(figures.checkpoint_sequence);
  out.gauge("croupier_tail_entries", "Entries after the checkpoint, held in memory.").sample(figures.tail_entries);
  out.counter("croupier_checkpoints_total", "Checkpoints written.").sample(figures.checkpoints_written);
  out.counter("croupier_checkpoint_errors_total", "Checkpoints that failed.").sample(figures.checkpoint_errors);
}

void write_books(prometheus_writer& out, const persistence::projector_figures& books) {
  out.gauge("croupier_books_lag_entries", "Entries that the slowest books have not taken in yet.").sample(books.lag());
  out.gauge("croupier_books_sequence", "The entry up to which books hold everything.");
  for (const auto& each : books.books) out.sample(each.applied.value, {{"books", each.name}});
  out.gauge("croupier_books_saved_sequence", "The entry after which books are read anew at the next start.");
  for (const auto& each : books.books) out.sample(each.saved.value, {{"books", each.name}});
  out.counter("croupier_books_saves_total", "Times that books were saved.");
  for (const auto& each : books.books) out.sample(each.saves, {{"books", each.name}});
  out.counter("croupier_books_save_errors_total", "Saves of books that failed.");
  for (const auto& each : books.books) out.sample(each.save_errors, {{"books", each.name}});
}

} // namespace

response healthz() {
  response answer;
  answer.body = R"({"status":"ok"})";
  answer.headers.emplace_back("Cache-Control", "no-store");
  return answer;
}

response readyz(const actors::gateway& ledger, const persistence::projector_figures& books) {
  const actors::readiness ready = ledger.ready();
  response answer;
  answer.status = ready.writable ? 200 : 503;
  answer.headers.emplace_back("Cache-Control", "no-store");
  json::writer out(answer.body);
  out.begin_object();
  out.key("status").string(ready.writable ? "ready" : "not ready");
  if (!ready.writable) out.key("reason").string(ready.reason);
  out.key("durability").string(name_of(ledger.durability()));
  out.key("sequence").unsigned_integer(ledger.view().durable().value);
  out.key("checkpointSequence").unsigned_integer(ledger.view().checkpoint_sequence().value);
  out.key("booksLag").unsigned_integer(books.lag());
  if (!books.error.empty()) out.key("booksError").string(books.error);
  out.end_object();
  return answer;
}

response metrics(const actors::gateway& ledger, const persistence::projector_figures& books,
                 const metrics_source& server) {
  response answer;
  answer.content_type = std::string(prometheus_writer::content_type);
  answer.headers.emplace_back("Cache-Control", "no-store");
  prometheus_writer out(answer.body);
  const actors::ledger_figures figures = ledger.figures();
  write_calls(out, figures);
  write_players(out, figures);
  write_journal(out, figures);
  write_books(out, books);
  const persistence::store_figures disk = ledger.disk_figures();
  out.gauge("croupier_disk_bytes", "Size of the data folder.").sample(disk.disk_bytes);
  out.gauge("croupier_storage_memory_bytes", "Memory of the storage engine: block cache, memtables, filters.")
      .sample(disk.memory_bytes);
  out.gauge("croupier_ready", "1 when the ledger takes writes.").sample(ledger.ready().writable ? 1 : 0);
  out.gauge("croupier_durability_info", "When a write is answered: after the sync, or before it.")
      .sample(1, {{"mode", name_of(ledger.durability())}});
  server(answer.body);
  return answer;
}

} // namespace croupier::http::ops
