#include "http/billing/parts.hpp"

#include "engine/check.hpp"

#include <algorithm>
#include <tuple>

namespace croupier::http::billing {

namespace {

using trackdesk::grpc_code;

constexpr int index_bits = 20;
constexpr std::uint64_t index_mask = (1ULL << index_bits) - 1;

} // namespace

std::optional<api_error> refuse_limited_key(const request& req) {
  if (req.key == nullptr || req.key->brands.empty()) return std::nullopt;
  return api_error{403, grpc_code::permission_denied, "permission denied"};
}

bool sees_currency(const request& req, const workspace& ws, std::string_view currency) {
  return std::all_of(ws.brands().begin(), ws.brands().end(), [&](const brand& each) {
    return each.currency != currency || req.key == nullptr || req.key->sees(each.number);
  });
}

api_error describe(const actors::billing_error& error) {
  switch (error.kind) {
  case actors::billing_trouble::invalid: return {400, grpc_code::invalid_argument, error.message};
  case actors::billing_trouble::not_found: return {404, grpc_code::not_found, error.message};
  case actors::billing_trouble::conflict: return {409, grpc_code::already_exists, error.message};
  case actors::billing_trouble::unavailable: return {503, grpc_code::unavailable, error.message};
  }
  ::croupier::detail::invariant_failed("kind in billing_trouble", __FILE__, __LINE__, "a trouble is none of its names");
}

asked<page> read_page(const request& req) {
  page which;
  if (const auto text = req.query("limit")) {
    const auto limit = trackdesk::parse_whole(*text);
    if (!limit || *limit == 0 || *limit > page_limit_max)
      return field_error("limit", "must be a whole number from 1 to " + std::to_string(page_limit_max));
    which.limit = *limit;
  }
  if (const auto text = req.query("offset")) {
    const auto offset = trackdesk::parse_whole(*text);
    if (!offset || *offset > 1'000'000'000'000)
      return field_error("offset", "must be a whole number from 0 to 1000000000000");
    which.offset = *offset;
  }
  return which;
}

asked<const affiliate*> find_affiliate(const workspace& ws, std::string_view id, std::string_view field) {
  const auto parsed = uuid::parse(id);
  if (!parsed) return field_error(field, "must be a UUID");
  const auto* found = ws.find_affiliate(*parsed);
  if (found == nullptr) return api_error{404, grpc_code::not_found, "affiliate not found"};
  return found;
}

asked<account_key> account_in(const actors::billing& books, const workspace& ws, const affiliate& owner,
                              std::string_view currency) {
  if (!currency.empty()) {
    const auto code = currency_code::parse(currency);
    const bool is_kept = std::any_of(ws.brands().begin(), ws.brands().end(),
                                     [&](const brand& each) { return each.currency == currency; });
    if (!code || !is_kept) return field_error("currency", "must be the currency of a brand");
    return account_key{owner.number, *code};
  }
  std::vector<account_key> own;
  for (const auto& key : books.keys())
    if (key.affiliate == owner.number) own.push_back(key);
  if (own.size() == 1) return own.front();
  if (own.size() > 1) return field_error("currency", "is required: the affiliate has accounts in several");
  if (ws.brands().empty()) return field_error("currency", "is required: there is no brand yet");
  return account_key{owner.number, *currency_code::parse(ws.brands().front().currency)};
}

asked<account_key> find_account(const actors::billing& books, const request& req) {
  const auto owner = find_affiliate(*req.ws, req.path_parameter("affiliateId"), "affiliateId");
  if (!owner) return owner.error();
  return account_in(books, *req.ws, **owner, req.query("currency").value_or(""));
}

std::string settlement_text(const folder_key& key, sequence entry) {
  return make_id(key, id_kind::settlement, entry.value).text();
}

std::string account_settlement_text(const folder_key& key, settlement_id id) {
  CROUPIER_ASSERT(id.index <= index_mask, "a settlement of more than a million accounts");
  return make_id(key, id_kind::account_settlement, id.entry.value << index_bits | id.index).text();
}

std::optional<sequence> read_settlement(const folder_key& key, std::string_view text) {
  const auto id = uuid::parse(text);
  const auto number = id ? number_of_id(key, id_kind::settlement, *id) : std::nullopt;
  return number ? std::optional(sequence{*number}) : std::nullopt;
}

std::optional<settlement_id> read_account_settlement(const folder_key& key, std::string_view text) {
  const auto id = uuid::parse(text);
  const auto number = id ? number_of_id(key, id_kind::account_settlement, *id) : std::nullopt;
  if (!number) return std::nullopt;
  return settlement_id{{*number >> index_bits}, static_cast<std::uint32_t>(*number & index_mask)};
}

std::optional<api_error> parse_body(const request& req, json::document& document) {
  if (const auto error = document.parse(req.body))
    return field_error("body", "not valid JSON: " + error->what + " at byte " + std::to_string(error->at));
  if (!document.root().is_object()) return field_error("body", "must be a JSON object");
  return std::nullopt;
}

void write_account(json::writer& out, const workspace& ws, const account_key& account) {
  const auto* owner = ws.find(account.affiliate);
  CROUPIER_ASSERT(owner != nullptr, "an account of an affiliate that the workspace does not have");
  out.key("affiliateId").string(owner->id.text());
  out.key("affiliateName").string(owner->name);
  out.key("currency").string(account.currency.text());
}

void write_buckets(json::writer& out, const account_buckets& buckets) {
  out.begin_object();
  for (const auto& [name, sum] :
       {std::pair{"open", &buckets.open}, std::pair{"onHold", &buckets.on_hold}, std::pair{"carried", &buckets.carried},
        std::pair{"pending", &buckets.pending}, std::pair{"paid", &buckets.paid},
        std::pair{"rounding", &buckets.rounding}, std::pair{"earned", &buckets.earned}})
    out.key(name).string(sum->text());
  out.end_object();
}

void write_adjustment(json::writer& out, const workspace& ws, const folder_key& key, const account_adjustment& line) {
  out.begin_object();
  out.key("rule").string(text_of(line.reason));
  out.key("effectiveAt").string(line.effective_at.text());
  if (const auto* home = ws.find(line.brand)) out.key("revenueOriginId").string(home->id.text());
  if (const auto* plan = ws.plans().find(line.plan)) out.key("planId").string(plan->id.text());
  if (line.player.value != 0) out.key("clientId").string(make_id(key, id_kind::player, line.player.value).text());
  if (!line.base.is_zero()) out.key("base").string(line.base.text());
  if (!line.measured.is_zero()) out.key("measured").string(line.measured.text());
  if (!line.rate.is_zero()) out.key("rate").string(line.rate.text());
  if (!line.before.is_zero() || !line.after.is_zero()) {
    out.key("before").string(line.before.text());
    out.key("after").string(line.after.text());
  }
  out.key("open").string(line.change.open.text());
  out.key("onHold").string(line.change.on_hold.text());
  out.key("carried").string(line.change.carried.text());
  if (!line.request_id.empty()) out.key("requestId").string(line.request_id);
  if (!line.note.empty()) out.key("reason").string(line.note);
  out.end_object();
}

void write_part(json::writer& out, const workspace& ws, const account_settlement& part, std::string_view status) {
  write_account(out, ws, part.account);
  if (!status.empty()) out.key("status").string(status);
  std::uint64_t movements = 0;
  for (const auto& run : part.runs) movements += run.entries;
  out.key("amount").string(part.payable.text());
  out.key("exact").string(part.exact.text());
  out.key("residue").string(part.residue.text());
  out.key("movements").unsigned_integer(movements);
  out.key("adjustments").unsigned_integer(part.adjustments.size());
}

} // namespace croupier::http::billing
