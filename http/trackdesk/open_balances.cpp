#include "http/json.hpp"
#include "http/trackdesk/calls.hpp"
#include "http/trackdesk/fields.hpp"
#include "http/trackdesk/movement_call.hpp"
#include "http/trackdesk/requests.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace croupier::http::trackdesk {

namespace {

/// What one affiliate is owed in one currency.
struct open_balance {
  const affiliate* owner = nullptr;
  std::string currency;
  commission_sum open;
  std::uint64_t entries = 0;
};

struct asked_page {
  const affiliate* only = nullptr; ///< nullptr with `nobody` false: all affiliates
  bool nobody = false;             ///< an affiliate that does not exist was asked for
  std::uint64_t limit = page_limit_max;
  std::uint64_t offset = 0;
};

result<asked_page, api_error> read_query(const request& req) {
  asked_page page;
  if (const auto text = req.query("affiliateId")) {
    const auto id = uuid::parse(*text);
    if (!id) return field_error("affiliateId", "must be a UUID");
    page.only = req.ws->find_affiliate(*id);
    page.nobody = page.only == nullptr;
  }
  if (const auto text = req.query("limit")) {
    const auto limit = parse_whole(*text);
    if (!limit || *limit == 0 || *limit > page_limit_max)
      return field_error("limit", "must be a whole number from 1 to " + std::to_string(page_limit_max));
    page.limit = *limit;
  }
  if (const auto text = req.query("offset")) {
    const auto offset = parse_whole(*text);
    if (!offset || *offset > page_offset_max)
      return field_error("offset", "must be a whole number from 0 to " + std::to_string(page_offset_max));
    page.offset = *offset;
  }
  return page;
}

/// All rows that the key may see, by affiliate in order of creation, then by currency. An affiliate that has earned
/// nothing yet has one row, in the currency of the first brand that the key sees.
std::vector<open_balance> open_balances(const persistence::committed_view& view, const workspace& ws,
                                        const request& req) {
  std::vector<open_balance> rows;
  const auto row_of = [&](const affiliate& owner, const std::string& currency) -> open_balance& {
    for (open_balance& row : rows)
      if (row.owner == &owner && row.currency == currency) return row;
    return rows.emplace_back(open_balance{&owner, currency, {}, 0});
  };
  const auto visible =
      std::find_if(ws.brands().begin(), ws.brands().end(), [&](const brand& each) { return sees(req, each.number); });
  if (visible == ws.brands().end()) return rows;
  for (const auto& [account, totals] : view.affiliates()) {
    if (!sees(req, account.brand)) continue;
    open_balance& row = row_of(*ws.find(account.affiliate), ws.find(account.brand)->currency);
    row.open += totals.earned;
    row.entries += totals.entries;
  }
  for (const affiliate& each : ws.affiliates()) {
    const bool listed =
        std::any_of(rows.begin(), rows.end(), [&](const open_balance& row) { return row.owner == &each; });
    if (!listed) row_of(each, visible->currency);
  }
  std::sort(rows.begin(), rows.end(), [](const open_balance& a, const open_balance& b) {
    return std::tie(a.owner->number, a.currency) < std::tie(b.owner->number, b.currency);
  });
  return rows;
}

} // namespace

response list_open_balances(const actors::gateway& ledger, const request& req) {
  const auto page = read_query(req);
  if (!page) return to_response(page.error());
  const auto ws = ledger.view().current_workspace();
  auto rows = open_balances(ledger.view(), *ws, req);
  std::erase_if(rows, [&](const open_balance& row) {
    return page->nobody || (page->only != nullptr && row.owner->number != page->only->number);
  });
  const std::uint64_t begin = std::min<std::uint64_t>(page->offset, rows.size());
  const std::uint64_t end = std::min<std::uint64_t>(begin + page->limit, rows.size());
  response answer;
  json::writer out(answer.body);
  out.begin_object().key("rows").begin_array();
  for (std::uint64_t i = begin; i < end; ++i) {
    const open_balance& row = rows[i];
    out.begin_object();
    out.key("affiliateId").string(row.owner->id.text());
    out.key("affiliateName").string(row.owner->name);
    out.key("currency").string(row.currency);
    out.key("openBalance").string(row.open.text());
    out.key("entries").unsigned_integer(row.entries);
    out.end_object();
  }
  out.end_array().key("pagination").begin_object();
  out.key("totalCount").unsigned_integer(rows.size());
  out.key("hasMore").boolean(end < rows.size());
  out.end_object().end_object();
  return answer;
}

} // namespace croupier::http::trackdesk
