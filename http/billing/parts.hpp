#pragma once

#include "actors/billing.hpp"
#include "http/json.hpp"
#include "http/route.hpp"
#include "http/trackdesk/errors.hpp"
#include "http/trackdesk/fields.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the billing calls share. Their errors are worded as Trackdesk's are.
namespace croupier::http::billing {

using trackdesk::api_error;
using trackdesk::field_error;

template<class T>
using asked = result<T, api_error>;

inline constexpr std::uint64_t page_limit_max = 500;

/// An account holds what all brands of a currency made, so a key that is limited to some brands decides nothing and
/// sees no settlements: 403.
std::optional<api_error> refuse_limited_key(const request& req);
/// It sees the accounts in currencies that no other brand has.
bool sees_currency(const request& req, const workspace& ws, std::string_view currency);

api_error describe(const actors::billing_error& error);

/// `limit` (1 to 500) and `offset` of the query.
struct page {
  std::uint64_t limit = page_limit_max;
  std::uint64_t offset = 0;
};
asked<page> read_page(const request& req);

/// The affiliate of an id in a path or body.
asked<const affiliate*> find_affiliate(const workspace& ws, std::string_view id, std::string_view field);

/// The account of the affiliate in the path and the `currency` of the query, which only an affiliate with several
/// accounts needs.
asked<account_key> find_account(const actors::billing& books, const request& req);
/// The same for a currency given otherwise; empty: none was.
asked<account_key> account_in(const actors::billing& books, const workspace& ws, const affiliate& owner,
                              std::string_view currency);

std::string settlement_text(const folder_key& key, sequence entry);
std::string account_settlement_text(const folder_key& key, settlement_id id);
std::optional<sequence> read_settlement(const folder_key& key, std::string_view text);
std::optional<settlement_id> read_account_settlement(const folder_key& key, std::string_view text);

/// The JSON object that a body is.
std::optional<api_error> parse_body(const request& req, json::document& document);

/// "affiliateId", "affiliateName" and "currency".
void write_account(json::writer& out, const workspace& ws, const account_key& account);
void write_buckets(json::writer& out, const account_buckets& buckets);
void write_adjustment(json::writer& out, const workspace& ws, const folder_key& key, const account_adjustment& line);
/// Its members, into an object that is open. `status` empty: not told.
void write_part(json::writer& out, const workspace& ws, const account_settlement& part, std::string_view status);

template<class Rows, class Write>
response paged(const Rows& rows, const page& which, Write write) {
  response answer;
  json::writer out(answer.body);
  const auto begin = std::min<std::uint64_t>(which.offset, rows.size());
  const auto end = std::min<std::uint64_t>(begin + which.limit, rows.size());
  out.begin_object().key("rows").begin_array();
  for (auto i = begin; i < end; ++i) write(out, rows[i]);
  out.end_array().key("pagination").begin_object();
  out.key("totalCount").unsigned_integer(rows.size()).key("hasMore").boolean(end < rows.size());
  out.end_object().end_object();
  return answer;
}

} // namespace croupier::http::billing
