#include "http/billing/calls.hpp"
#include "http/billing/parts.hpp"

#include "engine/check.hpp"

#include <algorithm>

namespace croupier::http::billing {

namespace {

using trackdesk::grpc_code;
using trackdesk::to_response;

/// A settlement as its entry has it.
struct stored_settlement {
  persistence::stored_entry entry;
  const settlement_made& made() const { return std::get<settlement_recorded>(entry.entry.what).what; }
};

std::string_view status_of(const desk& with, const account_key& account, settlement_id id) {
  std::string_view text = "DELETED";
  with.books.look(account, [&](const affiliate_account& it) {
    if (const auto* found = it.find(id)) text = text_of(found->status);
  });
  return text;
}

void write_head(json::writer& out, const desk& with, const stored_settlement& one) {
  const auto& made = one.made();
  out.key("id").string(settlement_text(with.ledger.view().key(), one.entry.entry.at));
  out.key("createdAt").string(one.entry.entry.time.text());
  out.key("requestId").string(made.request_id);
  if (!made.note.empty()) out.key("note").string(made.note);
  if (made.terms.up_to) out.key("upTo").string(made.terms.up_to->text());
  out.key("minimum").string(made.terms.minimum.text());
  out.key("accountSettlementCount").unsigned_integer(made.parts.size());
  out.key("skippedCount").unsigned_integer(made.skipped.size());
}

void write_parts(json::writer& out, const desk& with, const workspace& ws, const stored_settlement& one) {
  const auto& parts = one.made().parts;
  out.key("accountSettlements").begin_array();
  for (std::uint32_t i = 0; i < parts.size(); ++i) {
    const settlement_id id{one.entry.entry.at, i};
    out.begin_object();
    out.key("id").string(account_settlement_text(with.ledger.view().key(), id));
    write_part(out, ws, parts[i], status_of(with, parts[i].account, id));
    out.end_object();
  }
  out.end_array();
}

asked<stored_settlement> find_settlement(const desk& with, const request& req) {
  const auto entry = read_settlement(with.ledger.view().key(), req.path_parameter("settlementId"));
  const auto all = with.books.settlements();
  if (!entry || !std::binary_search(all.begin(), all.end(), *entry))
    return api_error{404, grpc_code::not_found, "settlement not found"};
  return stored_settlement{with.ledger.view().entry_at(*entry)};
}

/// A cell that no spreadsheet runs as a formula (RFC 4180 otherwise).
std::string cell(std::string_view text) {
  std::string out = "\"";
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) out += '\'';
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

template<class Answer>
response answered(const desk& with, const request& req, Answer answer) {
  if (const auto no = refuse_limited_key(req)) return to_response(*no);
  if (const auto behind = with.books.catch_up()) return to_response(describe(*behind));
  return answer();
}

} // namespace

response list_settlements(const desk& with, const request& req) {
  return answered(with, req, [&] {
    const auto which = read_page(req);
    if (!which) return to_response(which.error());
    auto all = with.books.settlements();
    std::reverse(all.begin(), all.end());
    return paged(all, *which, [&](json::writer& out, sequence at) {
      out.begin_object();
      write_head(out, with, {with.ledger.view().entry_at(at)});
      out.end_object();
    });
  });
}

response show_settlement(const desk& with, const request& req) {
  return answered(with, req, [&] {
    const auto found = find_settlement(with, req);
    if (!found) return to_response(found.error());
    const auto ws = with.ledger.view().current_workspace();
    response answer;
    json::writer out(answer.body);
    out.begin_object();
    write_head(out, with, *found);
    write_parts(out, with, *ws, *found);
    out.key("skipped").begin_array();
    for (const auto& one : found->made().skipped) {
      out.begin_object();
      write_account(out, *ws, one.account);
      out.key("reason").string(text_of(one.reason)).key("openBalance").string(one.open.text());
      out.end_object();
    }
    out.end_array().end_object();
    return answer;
  });
}

response settlement_csv(const desk& with, const request& req) {
  return answered(with, req, [&] {
    const auto found = find_settlement(with, req);
    if (!found) return to_response(found.error());
    const auto ws = with.ledger.view().current_workspace();
    response answer;
    answer.content_type = "text/csv; charset=utf-8";
    answer.body = "account_settlement_id,affiliate_id,affiliate_name,payment_details,currency,amount,status\r\n";
    const auto& parts = found->made().parts;
    for (std::uint32_t i = 0; i < parts.size(); ++i) {
      const settlement_id id{found->entry.entry.at, i};
      const auto* owner = ws->find(parts[i].account.affiliate);
      const auto status = status_of(with, parts[i].account, id);
      if (status == "DELETED") continue;
      answer.body += account_settlement_text(with.ledger.view().key(), id) + ',' + owner->id.text() + ',' +
                     cell(owner->name) + ',' + cell(owner->payment_details) + ',' +
                     std::string(parts[i].account.currency.text()) + ',' + parts[i].payable.text() + ',';
      answer.body.append(status).append("\r\n");
    }
    return answer;
  });
}

response show_account_settlement(const desk& with, const request& req) {
  return answered(with, req, [&] {
    const auto& view = with.ledger.view();
    const auto id = read_account_settlement(view.key(), req.path_parameter("accountSettlementId"));
    const auto all = with.books.settlements();
    const api_error unknown{404, grpc_code::not_found, "account settlement not found"};
    if (!id || !std::binary_search(all.begin(), all.end(), id->entry)) return to_response(unknown);
    const stored_settlement batch{view.entry_at(id->entry)};
    if (id->index >= batch.made().parts.size()) return to_response(unknown);
    const auto& part = batch.made().parts[id->index];
    const auto ws = view.current_workspace();
    response answer;
    json::writer out(answer.body);
    out.begin_object();
    out.key("id").string(account_settlement_text(view.key(), *id));
    out.key("settlementId").string(settlement_text(view.key(), id->entry));
    out.key("createdAt").string(batch.entry.entry.time.text());
    write_part(out, *ws, part, status_of(with, part.account, *id));
    out.key("days").begin_array();
    for (const auto& run : part.runs) {
      out.begin_object().key("day").string(begin_of(run.day).text().substr(0, 10));
      out.key("movements").unsigned_integer(run.entries).key("amount").string(run.sum.text()).end_object();
    }
    out.end_array().end_object();
    return answer;
  });
}

} // namespace croupier::http::billing
