#include "http/billing/calls.hpp"
#include "http/billing/parts.hpp"

#include "engine/check.hpp"

#include <algorithm>

namespace croupier::http::billing {

namespace {

using trackdesk::complaint;
using trackdesk::grpc_code;
using trackdesk::object_reader;
using trackdesk::to_response;

constexpr std::size_t request_id_length_max = 100;
constexpr std::size_t note_length_max = 1'000;

std::string who(const request& req) {
  return req.key == nullptr ? std::string() : req.key->id.text();
}

api_error invalid(const complaint& problems) {
  return {400, grpc_code::invalid_argument, problems.text()};
}

asked<std::optional<std::vector<affiliate_number>>> read_affiliates(const object_reader& fields, const request& req) {
  const auto ids = fields.optional_ids("affiliateIds");
  std::optional<std::vector<affiliate_number>> out;
  if (!ids) return out;
  out.emplace();
  for (const auto& id : *ids) {
    const auto* found = req.ws->find_affiliate(id);
    if (found == nullptr) return api_error{404, grpc_code::not_found, "affiliate not found"};
    out->push_back(found->number);
  }
  return out;
}

bool read_truth(const json::value& root, std::string_view name, complaint& problems) {
  const auto* found = root.find(name);
  if (found == nullptr) return false;
  if (found->type() == json::kind::boolean) return found->truth();
  problems.about({nullptr, name}, "must be true or false");
  return false;
}

/// A decimal as a string, exact.
commission read_money(const object_reader& fields, std::string_view name, complaint& problems) {
  const auto text = fields.required_string(name);
  if (!problems.empty()) return {};
  const auto value = commission::parse(text);
  if (!value) problems.about({nullptr, name}, "must be a decimal of at most 18.18 digits in a string");
  return value.value_or(commission{});
}

std::optional<settlement_status> read_status(const object_reader& fields) {
  const auto text = fields.required_string("status");
  for (const auto each :
       {settlement_status::created, settlement_status::in_progress, settlement_status::paid, settlement_status::error})
    if (text_of(each) == text) return each;
  fields.complain("status", "must be NEW, IN_PROGRESS, PAID or ERROR");
  return std::nullopt;
}

struct opened_call {
  json::document body;
  complaint problems;
  std::optional<api_error> open(const request& req) {
    if (auto no = refuse_limited_key(req)) return no;
    return parse_body(req, body);
  }
};

std::string_view text_of_refusal(close_refusal why) {
  switch (why) {
  case close_refusal::month_not_over: return "month is not over";
  case close_refusal::not_the_next_month: return "months are closed in order, each once";
  case close_refusal::out_of_range: return "a figure is out of range";
  }
  ::croupier::detail::invariant_failed("why in close_refusal", __FILE__, __LINE__, "a refusal is none of its names");
}

void write_plan(json::writer& out, const workspace& ws, const plan_figures& figures) {
  out.begin_object();
  if (const auto* plan = ws.plans().find(figures.plan)) out.key("planId").string(plan->id.text());
  out.key("gross").string(figures.gross.text()).key("adminFee").string(figures.admin_fee.text());
  out.key("tax").string(figures.tax.text()).key("fenceOffset").string(figures.fence_offset.text());
  out.key("base").string(figures.base.text()).key("rate").string(figures.rate.text());
  out.key("firstDeposits").unsigned_integer(figures.counts.first_deposits);
  out.key("activePlayers").unsigned_integer(figures.counts.active_players);
  out.key("accrued").string(figures.accrued.text()).key("trueUp").string(figures.true_up.text());
  out.key("earned").string(figures.earned.text());
  out.end_object();
}

void write_group(json::writer& out, const workspace& ws, const group_figures& group) {
  out.begin_object();
  if (const auto* home = ws.find(group.brand)) out.key("revenueOriginId").string(home->id.text());
  out.key("plans").begin_array();
  for (const auto& each : group.plans) write_plan(out, ws, each);
  out.end_array();
  for (const auto& [name, sum] : {std::pair{"earned", &group.earned}, std::pair{"forgiven", &group.forgiven},
                                  std::pair{"carried", &group.carried}, std::pair{"offset", &group.offset},
                                  std::pair{"recouped", &group.recouped}, std::pair{"payable", &group.payable}})
    out.key(name).string(sum->text());
  out.end_object();
}

void write_closed(json::writer& out, const workspace& ws, const actors::closed_account& row) {
  out.begin_object();
  write_account(out, ws, row.account);
  out.key("closed").boolean(!row.refused.has_value());
  if (row.refused) {
    out.key("reason").string(text_of_refusal(*row.refused));
  } else {
    out.key("groups").begin_array();
    for (const auto& group : row.figures.groups) write_group(out, ws, group);
    out.end_array();
    out.key("cpaReleased").string(row.figures.cpa_released.text());
    out.key("cpaReversed").string(row.figures.cpa_reversed.text());
    out.key("payable").string(row.figures.payable.text());
  }
  out.end_object();
}

response settled(const desk& with, const actors::settle_outcome& done, bool dry_run) {
  const auto ws = with.ledger.view().current_workspace();
  const auto& key = with.ledger.view().key();
  response answer;
  json::writer out(answer.body);
  out.begin_object();
  if (done.entry.value != 0) {
    out.key("id").string(settlement_text(key, done.entry));
    out.key("createdAt").string(done.time.text());
  }
  out.key("dryRun").boolean(dry_run && !done.replayed).key("replayed").boolean(done.replayed);
  out.key("accountSettlements").begin_array();
  for (std::uint32_t i = 0; i < done.made.parts.size(); ++i) {
    out.begin_object();
    if (done.entry.value != 0) out.key("id").string(account_settlement_text(key, {done.entry, i}));
    write_part(out, *ws, done.made.parts[i], {});
    out.end_object();
  }
  out.end_array().key("skipped").begin_array();
  for (const auto& one : done.made.skipped) {
    out.begin_object();
    write_account(out, *ws, one.account);
    out.key("reason").string(text_of(one.reason)).key("openBalance").string(one.open.text());
    out.end_object();
  }
  out.end_array().end_object();
  return answer;
}

response empty_object() {
  response answer;
  answer.body = "{}";
  return answer;
}

response book_claim(const desk& with, const request& req, cpa_booking booking) {
  if (const auto no = refuse_limited_key(req)) return to_response(*no);
  const auto id = uuid::parse(req.path_parameter("clientId"));
  const auto number = id ? number_of_id(with.ledger.view().key(), id_kind::player, *id) : std::nullopt;
  if (!number) return to_response({404, grpc_code::not_found, "cpa claim not found"});
  const auto done = with.books.book_claim(who(req), {*number}, booking);
  return done ? empty_object() : to_response(describe(done.error()));
}

} // namespace

response settle(const desk& with, const request& req) {
  opened_call call;
  if (const auto no = call.open(req)) return to_response(*no);
  const auto& root = call.body.root();
  const object_reader fields(&root, nullptr, call.problems);
  actors::settle_order order;
  order.who = who(req);
  order.dry_run = read_truth(root, "dryRun", call.problems);
  const bool all = read_truth(root, "all", call.problems);
  order.request_id = order.dry_run ? fields.optional_text("requestId", request_id_length_max)
                                   : fields.required_text("requestId", request_id_length_max);
  order.note = fields.optional_text("note", note_length_max);
  order.terms.up_to = fields.optional_time("upTo");
  if (fields.has("minimum")) order.terms.minimum = read_money(fields, "minimum", call.problems);
  const auto affiliates = read_affiliates(fields, req);
  if (!call.problems.empty()) return to_response(invalid(call.problems));
  if (!affiliates) return to_response(affiliates.error());
  order.affiliates = *affiliates;
  if (all == order.affiliates.has_value())
    return to_response(field_error("affiliateIds", "is required, or all: true in its place"));
  if (order.terms.up_to && begin_of(day_of(*order.terms.up_to)) != *order.terms.up_to)
    return to_response(field_error("upTo", "must be a midnight in UTC"));
  if (order.terms.minimum.is_negative()) return to_response(field_error("minimum", "must be 0 or more"));
  const auto done = with.books.settle(order);
  return done ? settled(with, *done, order.dry_run) : to_response(describe(done.error()));
}

response set_status(const desk& with, const request& req) {
  opened_call call;
  if (const auto no = call.open(req)) return to_response(*no);
  const object_reader fields(&call.body.root(), nullptr, call.problems);
  const auto to = read_status(fields);
  if (!to) return to_response(invalid(call.problems));
  const auto id = read_account_settlement(with.ledger.view().key(), req.path_parameter("accountSettlementId"));
  if (!id) return to_response({404, grpc_code::not_found, "account settlement not found"});
  const auto done = with.books.set_status(who(req), *id, *to);
  return done ? empty_object() : to_response(describe(done.error()));
}

response set_statuses(const desk& with, const request& req) {
  opened_call call;
  if (const auto no = call.open(req)) return to_response(*no);
  const object_reader fields(&call.body.root(), nullptr, call.problems);
  const auto to = read_status(fields);
  const auto ids = fields.optional_ids("accountSettlementIds");
  if (!ids && call.problems.empty()) fields.complain("accountSettlementIds", "is required");
  if (!call.problems.empty()) return to_response(invalid(call.problems));
  std::uint64_t updated = 0;
  std::string skipped;
  json::writer list(skipped);
  list.begin_array();
  for (const auto& each : *ids) {
    const auto id = read_account_settlement(with.ledger.view().key(), each.text());
    const auto done = id ? with.books.set_status(who(req), *id, *to)
                         : actors::billed<sequence>(actors::billing_error{actors::billing_trouble::not_found,
                                                                          "account settlement not found"});
    if (!done && done.error().kind == actors::billing_trouble::unavailable) return to_response(describe(done.error()));
    if (done && done->value != 0) {
      ++updated;
      continue;
    }
    list.begin_object().key("accountSettlementId").string(each.text());
    list.key("reason").string(done ? "has this status already" : done.error().message).end_object();
  }
  list.end_array();
  response answer;
  json::writer out(answer.body);
  out.begin_object().key("updated").unsigned_integer(updated);
  out.key("skipped").unsigned_integer(ids->size() - updated).key("skippedSettlements").raw(skipped).end_object();
  return answer;
}

response remove(const desk& with, const request& req) {
  if (const auto no = refuse_limited_key(req)) return to_response(*no);
  const auto id = read_account_settlement(with.ledger.view().key(), req.path_parameter("accountSettlementId"));
  if (!id) return to_response({404, grpc_code::not_found, "account settlement not found"});
  const auto done = with.books.remove(who(req), *id);
  return done ? empty_object() : to_response(describe(done.error()));
}

response adjust(const desk& with, const request& req) {
  opened_call call;
  if (const auto no = call.open(req)) return to_response(*no);
  const object_reader fields(&call.body.root(), nullptr, call.problems);
  actors::adjust_order order;
  order.who = who(req);
  const auto affiliate_id = fields.required_id("affiliateId");
  order.request_id = fields.required_text("requestId", request_id_length_max);
  order.note = fields.required_text("reason", note_length_max);
  const std::string currency(fields.optional_text("currency", 3));
  order.value = read_money(fields, "amount", call.problems);
  if (!call.problems.empty()) return to_response(invalid(call.problems));
  const auto owner = find_affiliate(*req.ws, affiliate_id.text(), "affiliateId");
  if (!owner) return to_response(owner.error());
  const auto account = account_in(with.books, *req.ws, **owner, currency);
  if (!account) return to_response(account.error());
  order.account = *account;
  const auto done = with.books.adjust(order);
  if (!done) return to_response(describe(done.error()));
  const auto ws = with.ledger.view().current_workspace();
  response answer;
  json::writer out(answer.body);
  out.begin_object();
  out.key("sequence").unsigned_integer(done->entry.value).key("replayed").boolean(done->replayed);
  write_account(out, *ws, order.account);
  write_adjustment(out.key("adjustment"), *ws, with.ledger.view().key(), done->line);
  out.end_object();
  return answer;
}

response approve_claim(const desk& with, const request& req) {
  return book_claim(with, req, cpa_booking::release);
}

response reverse_claim(const desk& with, const request& req) {
  return book_claim(with, req, cpa_booking::reversal);
}

response close_period(const desk& with, const request& req) {
  opened_call call;
  if (const auto no = call.open(req)) return to_response(*no);
  const object_reader fields(&call.body.root(), nullptr, call.problems);
  const auto month = calendar_month::parse(fields.required_string("month"));
  if (!month && call.problems.empty()) fields.complain("month", "must be a month such as 2026-01");
  const bool dry_run = read_truth(call.body.root(), "dryRun", call.problems);
  const auto affiliates = read_affiliates(fields, req);
  if (!call.problems.empty()) return to_response(invalid(call.problems));
  if (!affiliates) return to_response(affiliates.error());
  const auto done = with.books.close_month({who(req), *month, *affiliates, dry_run});
  if (!done) return to_response(describe(done.error()));
  const auto ws = with.ledger.view().current_workspace();
  response answer;
  json::writer out(answer.body);
  out.begin_object().key("month").string(month->text()).key("dryRun").boolean(dry_run).key("accounts").begin_array();
  for (const auto& row : *done) write_closed(out, *ws, row);
  out.end_array().end_object();
  return answer;
}

} // namespace croupier::http::billing
