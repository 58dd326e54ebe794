#include "benchmarks/support/croupier_calls.hpp"

#include <charconv>
#include <limits>

namespace croupier::bench {

namespace {

constexpr std::string_view movements_path = "/tracking/clients/v1/metrics/movements";
constexpr std::size_t different_reads = 10'000;
constexpr std::string_view batch_path = "/tracking/clients/v1/metrics/movements/batch";

load::request_head::headers preference(bool want_balances) {
  if (want_balances) return {{"Prefer", "return=representation"}};
  return {};
}

/// The number behind `"name":` in a JSON text of the server's own writing.
std::uint64_t number_after(std::string_view body, std::string_view name) {
  const auto at = body.find(name);
  std::uint64_t value = std::numeric_limits<std::uint64_t>::max();
  if (at != std::string_view::npos) std::from_chars(body.data() + at + name.size(), body.data() + body.size(), value);
  return value;
}

} // namespace

load::request_head movement_head(const croupier_server& server, bool want_balances) {
  return server.head("POST", movements_path, preference(want_balances));
}

bool single_calls::next(load::request& to_fill) {
  draft what;
  if (!feed_.next(what)) return false;
  feed_.make(what, movement_);
  to_fill.tag = tag_of(what);
  head_.render(movement_.payload, to_fill.wire);
  return true;
}

std::size_t single_calls::judge(const load::request& sent, const load::answer& got) {
  auto said = verdict::wrong;
  if (got.status == 200) said = verdict::applied;
  if (got.status == 503) said = verdict::overloaded;
  if (got.status == 409) {
    if (got.body.find(R"("payloadMismatch":false)") != std::string_view::npos) said = verdict::replayed;
    if (got.body.find(R"("payloadMismatch":true)") != std::string_view::npos) said = verdict::conflict;
  }
  return outcome_of(feed_.settle(draft_of(sent.tag), said), feed_, got.status, got.body);
}

void single_calls::lost(const load::request& sent, load::loss why) {
  feed_.remember(load::name_of(why));
  feed_.lost(draft_of(sent.tag));
}

batch_calls::batch_calls(movement_feed& feed, const croupier_server& server, form as, std::size_t movements_per_request)
    : feed_(feed),
      groups_(feed),
      head_(server.head("POST", batch_path, {}, as == form::json ? "application/json" : "application/x-ndjson")),
      form_(as),
      per_request_(movements_per_request) {}

bool batch_calls::next(load::request& to_fill) {
  if (!groups_.take(per_request_, to_fill.tag)) return false;
  body_.assign(form_ == form::json ? R"({"movements":[)" : "");
  bool first = true;
  for (const auto& each : groups_.of(to_fill.tag)) {
    feed_.make(each, movement_);
    if (form_ == form::json && !first) body_ += ',';
    first = false;
    body_ += movement_.payload;
    if (form_ == form::ndjson) body_ += '\n';
  }
  if (form_ == form::json) body_ += "]}";
  head_.render(body_, to_fill.wire);
  return true;
}

std::size_t batch_calls::judge(const load::request& sent, const load::answer& got) {
  const auto all = groups_.of(sent.tag).size();
  const auto fresh = groups_.fresh_in(sent.tag);
  auto said = verdict::wrong;
  if (got.status == 503) said = verdict::overloaded;
  if (got.status == 200 && number_after(got.body, R"("accepted":)") == fresh &&
      number_after(got.body, R"("duplicates":)") == all - fresh)
    said = verdict::applied;
  return outcome_of(groups_.settle(sent.tag, said), feed_, got.status, got.body);
}

void batch_calls::lost(const load::request& sent, load::loss why) {
  feed_.remember(load::name_of(why));
  groups_.lost(sent.tag);
}

no_op_calls::no_op_calls(const workload& work, const croupier_server& server, shape whom)
    : work_(work), whom_(whom), head_(server.head("POST", "/healthz")) {}

bool no_op_calls::next(load::request& to_fill) {
  work_.make(whom_, ++number_, false, movement_);
  head_.render(movement_.payload, to_fill.wire);
  return true;
}

std::size_t no_op_calls::judge(const load::request&, const load::answer& got) {
  return got.status == 405 ? 0 : 1;
}

balance_reads::balance_reads(const workload& work, const croupier_server& server) {
  for (std::size_t i = 0; i < different_reads; ++i) {
    const auto player = work.player_of(shape::uniform, i);
    const auto path = "/api/node/clients/v1/balances?revenueOriginId=" + brand_id(work.brand_of(player)) +
                      "&externalId=" + external_id_of(player);
    server.head("GET", path).render_without_body(wires_.emplace_back());
  }
}

bool balance_reads::next(load::request& to_fill) {
  to_fill.wire = wires_[next_++ % wires_.size()];
  return true;
}

std::size_t balance_reads::judge(const load::request&, const load::answer& got) {
  return got.status == 200 ? 0 : 1;
}

same_gets::same_gets(const croupier_server& server, const std::string& path, int expected_status)
    : expected_(expected_status) {
  server.head("GET", path).render_without_body(wire_);
}

bool same_gets::next(load::request& to_fill) {
  to_fill.wire = wire_;
  return true;
}

std::size_t same_gets::judge(const load::request&, const load::answer& got) {
  return got.status == expected_ ? 0 : 1;
}

} // namespace croupier::bench
