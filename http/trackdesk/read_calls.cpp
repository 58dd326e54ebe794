#include "http/billing/parts.hpp"
#include "http/trackdesk/calls.hpp"
#include "http/trackdesk/fields.hpp"
#include "http/trackdesk/movement_call.hpp"
#include "http/trackdesk/requests.hpp"
#include "http/trackdesk/rows.hpp"
#include "http/trackdesk/selection.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>

namespace croupier::http::trackdesk {

namespace {

struct page_foot {
  bool has_more = false;
  std::optional<std::uint64_t> total_count;
  std::optional<std::string> next_cursor;
};

void write_foot(json::writer& out, const page_foot& foot) {
  out.key("pagination").begin_object();
  if (foot.total_count) out.key("totalCount").unsigned_integer(*foot.total_count);
  out.key("hasMore").boolean(foot.has_more);
  if (foot.next_cursor) out.key("nextCursor").string(*foot.next_cursor);
  out.end_object();
}

/// Profiles of the players of one page, each read once.
class profile_cache {
public:
  explicit profile_cache(const persistence::committed_view& view) noexcept : view_(view) {}

  const player_profile& of(player_number number) {
    const auto found = profiles_.find(number);
    if (found != profiles_.end()) return found->second;
    auto player = view_.player(number);
    CROUPIER_ASSERT(player.has_value(), "a stored movement has a stored player");
    return profiles_.emplace(number, std::move(player->profile)).first->second;
  }

private:
  const persistence::committed_view& view_;
  std::unordered_map<player_number, player_profile> profiles_;
};

/// Rows are fetched this many at a time, and a page ends early behind this many bytes: payloads may have 1 MiB each,
/// and no page may take the memory of 500 of them.
constexpr std::uint32_t rows_at_once = 50;
constexpr std::size_t page_bytes_max = 32U << 20U;

/// The account settlement that covers a movement; empty while it is open, and when there is nothing to settle; nothing
/// while the accounts are being made, which may not have come to the settlement yet, or to its deletion. O(log of the
/// account's settlements).
std::optional<std::string> settlement_of(const actors::billing& books, bool known, const row_context& context,
                                         sequence at, const movement_recorded& movement) {
  if (!movement.revshare) return std::string();
  if (!known) return std::nullopt;
  const auto currency = currency_code::parse(context.ws.find(movement.brand)->currency);
  std::optional<settlement_id> found;
  books.look({movement.revshare->affiliate, *currency},
             [&](const affiliate_account& account) { found = account.settlement_of(at); });
  return found ? billing::account_settlement_text(context.key, *found) : std::string();
}

std::string render_movements(const persistence::committed_view& view, const actors::billing& books,
                             persistence::movement_query query) {
  profile_cache profiles(view);
  page_foot foot;
  std::string body;
  json::writer out(body);
  out.begin_object().key("rows").begin_array();
  const bool known = books.made_since_start();
  const std::uint32_t asked = query.limit;
  for (std::uint32_t left = asked; left > 0;) {
    query.limit = std::min(left, rows_at_once);
    const auto page = view.list_movements(query);
    // The workspace of this moment: the rows may be newer than the one that the request came in with.
    const auto ws = view.current_workspace();
    for (const auto& row : page.rows) {
      const auto* movement = std::get_if<movement_recorded>(&row.entry.what);
      CROUPIER_ASSERT(movement != nullptr, "a list of movements holds movements");
      const row_context context{*ws, view.key()};
      write_movement(out, context, client_of(profiles.of(movement->player)), row.entry, *movement,
                     settlement_of(books, known, context, row.entry.at, *movement));
    }
    if (left == asked) foot.total_count = page.total_count;
    foot.has_more = page.has_more;
    foot.next_cursor.reset();
    if (page.next) foot.next_cursor = make_cursor(view.key(), id_kind::movement, page.next->value);
    left -= static_cast<std::uint32_t>(page.rows.size());
    if (!page.next || page.rows.size() < query.limit || body.size() > page_bytes_max) break;
    query.before = page.next;
    query.offset = 0;
  }
  out.end_array();
  write_foot(out, foot);
  out.end_object();
  return body;
}

std::string empty_page() {
  std::string body = "{\"rows\":[],";
  json::writer out(body);
  write_foot(out, {false, 0, std::nullopt});
  return body + "}";
}

std::string render_players(const persistence::committed_view& view, const actors::billing& books,
                           const persistence::player_page& page) {
  const auto ws = view.current_workspace();
  const row_context context{*ws, view.key()};
  std::string body;
  json::writer out(body);
  out.begin_object().key("rows").begin_array();
  for (const auto& row : page.rows) write_player(out, context, row, books.open_revshare(row));
  out.end_array();
  page_foot foot{page.has_more, page.total_count, std::nullopt};
  if (page.next) foot.next_cursor = make_cursor(view.key(), id_kind::player, page.next->value);
  write_foot(out, foot);
  out.end_object();
  return body;
}

response with_body(std::string body) {
  response answer;
  answer.body = std::move(body);
  return answer;
}

/// Which player a query names, by `clientId` or by `revenueOriginId` and `externalId`.
result<player_number, api_error> named_player(const persistence::committed_view& view, const request& req) {
  const auto client_id = req.query("clientId");
  const auto brand_id = req.query("revenueOriginId");
  const auto external_id = req.query("externalId");
  if (client_id) {
    if (brand_id || external_id) return field_error("clientId", "takes the place of revenueOriginId and externalId");
    const auto id = uuid::parse(*client_id);
    if (!id) return field_error("clientId", "must be a UUID");
    const auto number = number_of_id(view.key(), id_kind::player, *id);
    return number ? result<player_number, api_error>(player_number{*number}) : describe(rejection::player_unknown);
  }
  if (!external_id) return field_error("externalId", "is required");
  if (const std::string wrong = text_problem(*external_id, external_id_length_max); !wrong.empty())
    return field_error("externalId", wrong);
  if (!brand_id) return field_error("revenueOriginId", "is required");
  const auto id = uuid::parse(*brand_id);
  if (!id) return field_error("revenueOriginId", "must be a UUID");
  const brand_number brand = visible_brand(req, *id);
  const auto number = brand.value == 0 ? std::nullopt : view.find_player(brand, *external_id);
  if (!number) return describe(rejection::player_unknown);
  return *number;
}

/// The past sequence that a query asks for; nothing: now.
result<std::optional<sequence>, api_error> asked_moment(const persistence::committed_view& view, const request& req) {
  const auto at = req.query("at");
  const auto at_sequence = req.query("atSequence");
  if (at && at_sequence) return field_error("atSequence", "takes the place of at: send one of them");
  if (at) {
    const auto time = timestamp::parse(*at);
    if (!time) return field_error("at", "must be an RFC 3339 time");
    return std::optional(view.sequence_at(*time));
  }
  if (!at_sequence) return std::optional<sequence>{};
  const auto number = parse_whole(*at_sequence);
  const sequence newest = view.durable();
  if (!number || *number > newest.value)
    return field_error("atSequence",
                       "must be a whole number from 0 to " + std::to_string(newest.value) + ", the newest sequence");
  return std::optional(sequence{*number});
}

} // namespace

response list_metrics(const request& req) {
  const auto archived = req.query("archived");
  if (archived && *archived != "true" && *archived != "false")
    return to_response(field_error("archived", "must be true or false"));
  return with_body(metric_definitions(*req.ws, archived == "true"));
}

response list_movements(const actors::gateway& ledger, const actors::billing& books, const request& req) {
  const auto& view = ledger.view();
  json::document document;
  if (const auto error = parse_object(req.body, document)) return to_response(*error);
  const auto body = read_movement_list(document.root(), view.key());
  if (!body) return to_response(body.error());
  const auto query = select_movements(view, req, *body);
  return with_body(query ? render_movements(view, books, *query) : empty_page());
}

response list_players(const actors::gateway& ledger, const actors::billing& books, const request& req) {
  const auto& view = ledger.view();
  json::document document;
  if (const auto error = parse_object(req.body, document)) return to_response(*error);
  const auto body = read_player_list(document.root(), view.key());
  if (!body) return to_response(body.error());
  const auto query = select_players(view, req, *body);
  return with_body(query ? render_players(view, books, view.list_players(*query)) : empty_page());
}

response show_balances(const actors::gateway& ledger, const actors::billing& books, const request& req) {
  const auto& view = ledger.view();
  const auto number = named_player(view, req);
  if (!number) return to_response(number.error());
  const auto moment = asked_moment(view, req);
  if (!moment) return to_response(moment.error());
  const auto player = *moment ? view.player_at(*number, **moment) : view.player(*number);
  if (!player || !sees(req, player->profile.brand)) return to_response(describe(rejection::player_unknown));
  const auto ws = view.current_workspace();
  response answer = with_body({});
  json::writer out(answer.body);
  write_balances(out, row_context{*ws, view.key()}, *player, books.open_revshare(*player, *moment));
  return answer;
}

} // namespace croupier::http::trackdesk
