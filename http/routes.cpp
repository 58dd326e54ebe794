#include "http/routes.hpp"

#include "http/admin/routes.hpp"
#include "http/billing/routes.hpp"
#include "http/dashboard/routes.hpp"
#include "http/errors.hpp"
#include "http/events/try_call.hpp"
#include "http/ops/openapi.hpp"
#include "http/reports/routes.hpp"
#include "http/revvvs/routes.hpp"
#include "http/trackdesk/routes.hpp"
#include "http/wynta/routes.hpp"

#include <memory>
#include <string>
#include <utility>

namespace croupier::http {

namespace {

constexpr std::string_view healthz_schema = R"({"responses": {"200": {"description": "The process answers."}}})";

constexpr std::string_view readyz_schema = R"({"responses": {
  "200": {"description": "Recovered and writable.", "content": {"application/json": {"schema": {"type": "object",
    "required": ["status", "durability", "sequence", "checkpointSequence"], "properties": {
      "status": {"const": "ready"}, "durability": {"enum": ["sync", "async"]},
      "sequence": {"type": "integer"}, "checkpointSequence": {"type": "integer"},
      "booksLag": {"type": "integer", "description": "Entries that accounts and reports have not taken in yet."},
      "booksError": {"type": "string", "description": "Why they stand still."}}}}}},
  "503": {"description": "Not writable; `reason` says why."}}})";

constexpr std::string_view metrics_schema = R"({"responses": {"200": {"description": "Prometheus text format 0.0.4.",
  "content": {"text/plain": {"schema": {"type": "string"}}}}}})";

constexpr std::string_view openapi_schema = R"({"responses": {"200": {"description": "This document.",
  "content": {"application/json": {"schema": {"type": "object"}}}}}})";

using handler = std::function<response(const request&)>;

void add_public(std::vector<route>& table, std::string_view pattern, error_style errors, std::string_view summary,
                std::string_view schema, handler handle) {
  table.push_back({"GET", pattern, std::nullopt, body_policy::none, errors, summary, std::move(handle), schema});
}

/// Answers a failed read of the disk in the words of the call's dialect; what failed is the server's log's business.
template<class Answer>
auto answered_or_unavailable(const actors::gateway& ledger, error_style errors, Answer answer) -> decltype(answer()) {
  try {
    return answer();
  } catch (const persistence::storage_failure& failure) {
    ledger.note_unreadable(failure.error());
    const bool is_damaged = failure.error().code == persistence::storage_errc::corrupt;
    return error_response(errors, error_kind::storage_unavailable,
                          is_damaged ? "the stored data that this needs is damaged; the server's log says where"
                                     : "the stored data could not be read: try again when /readyz says ready");
  }
}

class guarded_answer final : public pending_answer {
public:
  guarded_answer(const actors::gateway& ledger, std::shared_ptr<pending_answer> inner, error_style errors)
      : ledger_(ledger), inner_(std::move(inner)), errors_(errors) {}

  std::optional<response> take(const std::function<void()>& wake) override {
    return answered_or_unavailable(ledger_, errors_, [&] { return inner_->take(wake); });
  }

  response give_up() override {
    return answered_or_unavailable(ledger_, errors_, [&] { return inner_->give_up(); });
  }

private:
  const actors::gateway& ledger_;
  const std::shared_ptr<pending_answer> inner_;
  const error_style errors_;
};

handler guarded(const actors::gateway& ledger, handler inner, error_style errors) {
  return [&ledger, inner = std::move(inner), errors](const request& req) {
    auto answer = answered_or_unavailable(ledger, errors, [&] { return inner(req); });
    if (answer.pending) answer.pending = std::make_shared<guarded_answer>(ledger, std::move(answer.pending), errors);
    return answer;
  };
}

} // namespace

std::vector<route> make_routes(const services& with) {
  auto& ledger = with.ledger;
  auto& books = with.books;
  std::vector<route> table;
  trackdesk::add_routes(table, ledger, with.billing);
  admin::add_routes(table, with);
  dashboard::add_routes(table, with);
  revvvs::add_tracking_routes(table, ledger, with.tracking);
  revvvs::add_routes(table, ledger);
  wynta::add_routes(table, ledger, books);
  add_event_routes(table);
  billing::add_routes(table, {ledger, with.billing});
  add_public(table, "/healthz", error_style::plain, "Say that the process answers.", healthz_schema,
             [](const request&) { return ops::healthz(); });
  add_public(table, "/readyz", error_style::plain, "Say whether the ledger takes writes.", readyz_schema,
             [&ledger, &books](const request&) { return ops::readyz(ledger, books.feed().figures()); });
  const auto more_metrics = [server = with.server_metrics, &streams = with.streams, &deliveries = with.deliveries,
                             &tracking = with.tracking](std::string& out) {
    server(out);
    streams.write_prometheus(out);
    deliveries.write_prometheus(out);
    tracking.impressions.write_prometheus(out);
  };
  add_public(table, "/metrics", error_style::plain, "Give every metric.", metrics_schema,
             [&ledger, &books, more_metrics](const request&) {
               return ops::metrics(ledger, books.feed().figures(), more_metrics);
             });
  ops::add_backup_routes(table, with.backups, with.backup_watcher);
  reports::add_routes(table,
                      [&ledger, &books](const report_query& query, const workspace& ws,
                                        auto deadline) -> result<report_answer, report_refusal> {
                        if (!books.feed().wait_for(ledger.view().durable(), deadline)) return report_refusal::behind;
                        return books.reports().make(query, ws);
                      });
  deliver::add_stream_route(table, with.streams);
  deliver::add_delivery_routes(table, with.deliveries);
  const auto document = std::make_shared<std::string>();
  add_public(table, "/openapi.json", error_style::plain, "Describe every call.", openapi_schema,
             [document](const request&) {
               response answer;
               answer.body = *document;
               return answer;
             });
  *document = ops::openapi_document(table, {trackdesk::components(), billing::components(), admin::components(),
                                            revvvs::components(), wynta::components()});
  for (route& each : table) each.handle = guarded(ledger, std::move(each.handle), each.errors);
  return table;
}

} // namespace croupier::http
