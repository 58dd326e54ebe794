#include "http/ascii.hpp"
#include "http/billing/calls.hpp"
#include "http/billing/parts.hpp"

#include <algorithm>
#include <limits>
#include <set>

namespace croupier::http::billing {

namespace {

using trackdesk::grpc_code;
using trackdesk::to_response;

/// What one affiliate is owed in one currency.
struct balance_row {
  account_key account;
  account_buckets buckets;
  std::uint64_t entries = 0; ///< open movements and adjustments
};

std::vector<balance_row> balance_rows(const desk& with, const request& req, const workspace& ws,
                                      const affiliate* only) {
  const auto visible = std::find_if(ws.brands().begin(), ws.brands().end(),
                                    [&](const brand& each) { return sees_currency(req, ws, each.currency); });
  std::vector<balance_row> rows;
  std::set<affiliate_number> listed;
  for (const auto& key : with.books.keys()) {
    if (!sees_currency(req, ws, key.currency.text())) continue;
    listed.insert(key.affiliate);
    if (only != nullptr && key.affiliate != only->number) continue;
    with.books.look(key, [&](const affiliate_account& account) {
      std::uint64_t entries = account.open_adjustments().size();
      for (const auto& run : account.open_runs()) entries += run.entries;
      rows.push_back({key, account.buckets(), entries});
    });
  }
  if (visible != ws.brands().end())
    for (const auto& each : ws.affiliates())
      if (!listed.contains(each.number) && (only == nullptr || only->number == each.number))
        rows.push_back({{each.number, *currency_code::parse(visible->currency)}, {}, 0});
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.account < b.account; });
  return rows;
}

void write_movement(json::writer& out, const workspace& ws, const folder_key& key, const committed_entry& entry,
                    const movement_recorded& what) {
  out.key("movementId").string(make_id(key, id_kind::movement, entry.at.value).text());
  out.key("clientId").string(make_id(key, id_kind::player, what.player.value).text());
  if (const auto* home = ws.find(what.brand)) out.key("revenueOriginId").string(home->id.text());
  if (!what.revshare) return;
  const auto& terms = *what.revshare;
  if (const auto* measured = ws.find(terms.metric)) out.key("metric").string(measured->code);
  for (const auto& change : what.changes)
    if (change.metric == terms.metric) out.key("gross").string(change.delta.text());
  const auto* plan = ws.plans().find(terms.plan);
  if (plan != nullptr && plan->revshare) {
    out.key("planId").string(plan->id.text());
    out.key("adminFee").string(plan->revshare->deductions.admin_fee.text());
    out.key("tax").string(plan->revshare->deductions.tax.text());
  }
  if (const auto* from = ws.find(terms.offer)) out.key("offerId").string(from->id.text());
  out.key("rate").string(terms.rate.text()).key("revshare").string(terms.earned.text());
}

std::string_view kind_of(const entry& what) {
  if (std::holds_alternative<movement_recorded>(what)) return "movement";
  if (std::holds_alternative<account_adjusted>(what)) return "adjustment";
  if (std::holds_alternative<account_closed>(what)) return "period close";
  if (std::holds_alternative<settlement_recorded>(what)) return "settlement";
  if (std::holds_alternative<settlement_status_recorded>(what)) return "settlement status";
  return "settlement deletion";
}

void write_settlements(json::writer& out, const folder_key& key, const actors::statement_line& line) {
  out.key("accountSettlementIds").begin_array();
  std::set<settlement_id> told;
  for (const auto& id : line.settlements)
    if (id && told.insert(*id).second) out.string(account_settlement_text(key, *id));
  out.end_array();
}

void write_line(json::writer& out, const workspace& ws, const folder_key& key, const actors::statement_line& line,
                const commission_sum& earned_after) {
  const auto& entry = line.entry.entry;
  out.begin_object();
  out.key("sequence").unsigned_integer(entry.at.value).key("time").string(entry.time.text());
  out.key("kind").string(kind_of(entry.what));
  if (const auto* movement = std::get_if<movement_recorded>(&entry.what))
    write_movement(out, ws, key, entry, *movement);
  for (const auto& fact : line.facts) {
    if (const auto* qualified = std::get_if<cpa_qualified>(&fact))
      out.key("cpaFee").string(qualified->claim.fee.text());
    if (const auto* adjusted = std::get_if<account_adjustment>(&fact))
      write_adjustment(out.key("adjustment"), ws, key, *adjusted);
    if (const auto* settled = std::get_if<account_settled>(&fact)) {
      out.key("settled").string(settled->part.exact.text()).key("amount").string(settled->part.payable.text());
      out.key("accountSettlementId").string(account_settlement_text(key, {entry.at, settled->index}));
    }
    if (const auto* status = std::get_if<settlement_status_set>(&fact))
      out.key("accountSettlementId")
          .string(account_settlement_text(key, status->settlement))
          .key("status")
          .string(text_of(status->status));
    if (const auto* gone = std::get_if<settlement_deleted>(&fact))
      out.key("accountSettlementId").string(account_settlement_text(key, gone->settlement));
    if (const auto* month = std::get_if<month_closed>(&fact)) {
      out.key("month").string(month->month.text()).key("adjustments").begin_array();
      for (const auto& each : month->adjustments) write_adjustment(out, ws, key, each);
      out.end_array();
    }
  }
  write_settlements(out, key, line);
  out.key("earned").string(line.earned.text()).key("earnedAfter").string(earned_after.text());
  out.end_object();
}

/// A place in a statement: below which entry, and what the account had earned by then.
struct place_in_statement {
  sequence before;
  commission_sum earned;
};

std::string cursor_of(const folder_key& key, const place_in_statement& at) {
  return make_id(key, id_kind::movement, at.before.value).text() + '.' + std::to_string(at.earned.fraction()) + '.' +
         commission_sum::from_parts(at.earned.whole(), 0).text();
}

std::optional<place_in_statement> read_cursor(const folder_key& key, std::string_view text) {
  const auto first = text.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = text.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto id = uuid::parse(text.substr(0, first));
  const auto number = id ? number_of_id(key, id_kind::movement, *id) : std::nullopt;
  const auto fraction = trackdesk::parse_whole(text.substr(first + 1, second - first - 1));
  const auto whole = commission::parse(text.substr(second + 1));
  if (!number || !fraction || *fraction >= 1'000'000'000'000'000'000U || !whole) return std::nullopt;
  auto earned = commission_sum(*whole);
  earned += commission_sum::from_parts(0, static_cast<std::int64_t>(*fraction));
  return place_in_statement{{*number}, earned};
}

std::string_view name_of(cpa_claim::state state) {
  switch (state) {
  case cpa_claim::state::held: return "HELD";
  case cpa_claim::state::released: return "RELEASED";
  case cpa_claim::state::reversed: return "REVERSED";
  }
  return {};
}

} // namespace

response open_balances(const desk& with, const request& req) {
  const auto which = read_page(req);
  if (!which) return to_response(which.error());
  const affiliate* only = nullptr;
  bool nobody = false;
  if (const auto text = req.query("affiliateId")) {
    const auto id = uuid::parse(*text);
    if (!id) return to_response(field_error("affiliateId", "must be a UUID"));
    only = req.ws->find_affiliate(*id);
    nobody = only == nullptr;
  }
  if (const auto behind = with.books.catch_up()) return to_response(describe(*behind));
  const auto ws = with.ledger.view().current_workspace();
  auto rows = nobody ? std::vector<balance_row>{} : balance_rows(with, req, *ws, only);
  if (const auto currency = req.query("currency"))
    std::erase_if(rows, [&](const balance_row& row) { return row.account.currency.text() != *currency; });
  if (const auto part = req.query("affiliateName"); part && !part->empty())
    std::erase_if(rows, [&](const balance_row& row) {
      const auto& name = ws->find(row.account.affiliate)->name;
      return std::search(name.begin(), name.end(), part->begin(), part->end(),
                         [](char a, char b) { return ascii::lower(a) == ascii::lower(b); }) == name.end();
    });
  return paged(rows, *which, [&](json::writer& out, const balance_row& row) {
    out.begin_object();
    write_account(out, *ws, row.account);
    out.key("openBalance").string(row.buckets.open.text());
    out.key("entries").unsigned_integer(row.entries);
    write_buckets(out.key("buckets"), row.buckets);
    out.end_object();
  });
}

response statement(const desk& with, const request& req) {
  const auto which = read_page(req);
  if (!which) return to_response(which.error());
  if (which->offset != 0) return to_response(field_error("offset", "is not for statements: use cursor"));
  const auto account = find_account(with.books, req);
  if (!account) return to_response(account.error());
  if (!sees_currency(req, *req.ws, account->currency.text()))
    return to_response({403, grpc_code::permission_denied, "permission denied"});
  const auto& key = with.ledger.view().key();
  std::optional<place_in_statement> from;
  if (const auto text = req.query("cursor")) {
    from = read_cursor(key, *text);
    if (!from) return to_response(field_error("cursor", "must be the nextCursor of an earlier page"));
  }
  if (const auto behind = with.books.catch_up()) return to_response(describe(*behind));
  const auto page = with.books.statement(*account, from ? std::optional(from->before) : std::nullopt, which->limit);
  const auto ws = with.ledger.view().current_workspace();
  response answer;
  json::writer out(answer.body);
  out.begin_object();
  write_account(out, *ws, *account);
  write_buckets(out.key("buckets"), page.buckets);
  auto earned = from ? from->earned : page.buckets.earned;
  out.key("lines").begin_array();
  for (const auto& line : page.lines) {
    write_line(out, *ws, key, line, earned);
    earned -= line.earned;
  }
  out.end_array();
  // The lines add up to what was earned when nothing is left below the oldest one.
  out.key("earnedBefore").string(earned.text());
  if (!page.has_more) out.key("sumHolds").boolean(earned.is_zero());
  out.key("pagination").begin_object().key("hasMore").boolean(page.has_more);
  if (page.has_more) out.key("nextCursor").string(cursor_of(key, {page.lines.back().entry.entry.at, earned}));
  out.end_object().end_object();
  return answer;
}

response list_claims(const desk& with, const request& req) {
  if (const auto no = refuse_limited_key(req)) return to_response(*no);
  const auto which = read_page(req);
  if (!which) return to_response(which.error());
  if (const auto behind = with.books.catch_up()) return to_response(describe(*behind));
  const auto ws = with.ledger.view().current_workspace();
  const auto& key = with.ledger.view().key();
  return paged(with.books.claims(), *which, [&](json::writer& out, const actors::claim_row& row) {
    out.begin_object();
    out.key("clientId").string(make_id(key, id_kind::player, row.claim.player.value).text());
    write_account(out, *ws, row.account);
    if (const auto* plan = ws->plans().find(row.claim.plan)) out.key("planId").string(plan->id.text());
    out.key("status").string(name_of(row.claim.now)).key("fee").string(row.claim.fee.text());
    out.key("qualifiedAt").string(row.claim.qualified_at.text());
    out.key("holdUntil").string(row.claim.hold_until.text());
    out.key("reversibleUntil").string(row.claim.reversible_until.text());
    if (row.claim.charged_back_at) out.key("chargedBackAt").string(row.claim.charged_back_at->text());
    out.key("advance").boolean(row.claim.advance);
    out.end_object();
  });
}

} // namespace croupier::http::billing
