/// What may be put into a workspace. Everything here guards records of money: what a journal entry refers to by number
/// must mean the same for ever.

#include "engine/rule_words.hpp"
#include "engine/workspace.hpp"

#include <algorithm>

namespace croupier {
namespace {

using namespace rules;

constexpr std::size_t code_length_max = 100;

problem currency_problem(const brand& value, const brand* before) {
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (value.currency.size() != 3 || !std::all_of(value.currency.begin(), value.currency.end(), is_capital))
    return at("currency", "must be a code of three capital letters");
  // Every balance and payment of the brand is in it: another code would relabel them all.
  if (before != nullptr && before->currency != value.currency) return at("currency", "is permanent");
  return std::nullopt;
}

problem alias_problem(const workspace& ws, const brand& value) {
  for (auto alias = value.aliases.begin(); alias != value.aliases.end(); ++alias) {
    if (auto wrong = text_problem("aliases", *alias)) return wrong;
    if (std::find(value.aliases.begin(), alias, *alias) != alias)
      return at("aliases", "'" + *alias + "' is listed twice");
    const auto* holder = ws.find_brand_by_alias(*alias);
    if (holder != nullptr && holder->number != value.number)
      return at("aliases", "'" + *alias + "' is an alias of brand '" + holder->name + "'");
  }
  return std::nullopt;
}

problem brand_terms_problem(const brand& value) {
  if (value.attribution_window_days > 3660) return at("attribution_window_days", "must be 0 to 3660");
  if (value.utc_offset_minutes < -840 || value.utc_offset_minutes > 840)
    return at("utc_offset_minutes", "must be -840 to 840");
  return std::nullopt;
}

problem default_problem(const workspace& ws, const brand& value) {
  const auto* holder = ws.default_brand();
  if (!value.is_default || holder == nullptr || holder->number == value.number) return std::nullopt;
  return at("default", "brand '" + holder->name + "' is the default already");
}

problem code_problem(const workspace& ws, const metric& value, const metric* before) {
  if (!is_metric_code(value.code))
    return at("code", "must be 1 to 100 lower-case letters and digits, in groups joined by single hyphens");
  if (before != nullptr && before->code != value.code) return at("code", "is permanent");
  if (before == nullptr && ws.find_metric(value.code) != nullptr) return at("code", "is in use");
  return std::nullopt;
}

problem type_problem(const metric& value, const metric* before) {
  if (before != nullptr && before->type != value.type) return at("type", "is permanent");
  if (value.monetary && value.type == metric_type::integer)
    return at("monetary", "an integer metric is never monetary");
  return std::nullopt;
}

/// An offer that pays on an archived metric would go on paying nothing without a word.
problem archive_problem(const workspace& ws, const metric& value, timestamp now) {
  if (!value.archived) return std::nullopt;
  for (const auto& one : ws.offers())
    if (one.revshare && one.revshare->metric == value.number)
      return at("archived", "offer '" + one.name + "' pays revshare on it");
  for (const auto& plan : ws.plans().plans()) {
    const auto names = [&](const auto& condition) { return condition && condition->metric == value.number; };
    const bool pays = (plan.revshare && plan.revshare->metric == value.number) ||
                      (plan.cpa && (names(plan.cpa->deposits) || names(plan.cpa->wagering)));
    if (!pays || (plan.valid_until && *plan.valid_until <= now)) continue;
    const auto end = plan.valid_until ? "until " + plan.valid_until->text() : "and has no end";
    return at("archived", "plan '" + plan.name + "' pays on it " + end);
  }
  for (const auto& mapping : ws.mappings())
    if (mapping.enabled && mapping.metric == value.number)
      return at("archived", "event mapping '" + mapping.name + "' changes it");
  return std::nullopt;
}

problem meaning_problem(const workspace& ws, const metric& value) {
  if (value.meaning == metric_meaning::none) return std::nullopt;
  for (const auto& one : ws.metrics())
    if (one.number != value.number && one.meaning == value.meaning && !one.archived)
      return at("meaning", "metric '" + one.code + "' has it");
  const bool counts = value.meaning == metric_meaning::deposit_count;
  if (counts != (value.type == metric_type::integer))
    return at("meaning", counts ? "only an integer metric counts" : "only a decimal metric is an amount");
  return std::nullopt;
}

problem archived_offer_problem(const workspace& ws, const offer& value) {
  if (!value.archived) return std::nullopt;
  for (const auto& link : ws.links())
    if (link.enabled && link.offer == value.number) return at("archived", "link '" + link.name + "' is enabled");
  return std::nullopt;
}

problem deal_problem(const deal_terms& deal) {
  const auto wrong = croupier::problem_with(deal);
  return wrong ? problem("deal." + *wrong) : std::nullopt;
}

problem archived_affiliate_problem(const workspace& ws, const affiliate& value) {
  if (!value.archived) return std::nullopt;
  for (const auto& link : ws.links())
    if (link.enabled && link.affiliate == value.number) return at("archived", "link '" + link.name + "' is enabled");
  return std::nullopt;
}

template<class Object>
problem live_problem(std::string_view field, const Object* named, bool changed) {
  if (named == nullptr) return at(field, "does not exist");
  return named->archived && changed ? at(field, "is archived") : std::nullopt;
}

template<class Number>
problem optional_reference_problem(std::string_view field, const workspace& ws, Number number) {
  return number.value != 0 && ws.find(number) == nullptr ? at(field, "does not exist") : std::nullopt;
}

problem sub_ids_problem(const tracking_link& value) {
  for (const auto& one : value.sub_ids)
    if (auto wrong = optional_text_problem("sub_ids", one)) return wrong;
  return std::nullopt;
}

problem terms_problem(const workspace& ws, const std::optional<revshare_terms>& terms) {
  if (!terms) return std::nullopt;
  const auto* base = ws.find(terms->metric);
  if (base == nullptr) return at("revshare.metric", "does not exist");
  if (base->type != metric_type::decimal) return at("revshare.metric", "must be a decimal metric");
  if (base->archived) return at("revshare.metric", "is archived");
  if (terms->rate.is_negative() || terms->rate > percentage::from_integer(100))
    return at("revshare.rate_percent", "must be 0 to 100");
  return std::nullopt;
}

problem scopes_problem(std::uint8_t scopes) {
  constexpr std::uint8_t all = 31;
  if (scopes == 0) return at("scopes", "must not be empty");
  return scopes > all ? at("scopes", "contains an unknown scope") : std::nullopt;
}

problem secret_problem(const std::vector<api_key>& keys, const api_key& value) {
  const auto same_secret = [&](const api_key& one) {
    return one.number != value.number && one.secret_sha256 == value.secret_sha256;
  };
  return std::any_of(keys.begin(), keys.end(), same_secret) ? at("secret", "is in use") : std::nullopt;
}

} // namespace

problem workspace::problem_with(const brand& value) const {
  const auto* before = find(value.number);
  return first_of({number_problem(brands_, value.number.value), id_problem(before, find_brand(value.id), value.id),
                   text_problem("name", value.name), currency_problem(value, before), alias_problem(*this, value),
                   default_problem(*this, value), brand_terms_problem(value)});
}

problem workspace::problem_with(const metric& value, timestamp now) const {
  const auto* before = find(value.number);
  return first_of({number_problem(metrics_, value.number.value),
                   id_problem(before, scan_for(metrics_, value.id), value.id), code_problem(*this, value, before),
                   text_problem("name", value.name), type_problem(value, before), archive_problem(*this, value, now),
                   meaning_problem(*this, value)});
}

problem workspace::problem_with(const affiliate& value) const {
  return first_of({number_problem(affiliates_, value.number.value),
                   id_problem(find(value.number), find_affiliate(value.id), value.id), text_problem("name", value.name),
                   optional_text_problem("payment_details", value.payment_details, 1000), deal_problem(value.deal),
                   archived_affiliate_problem(*this, value)});
}

problem workspace::problem_with(const offer& value) const {
  return first_of({number_problem(offers_, value.number.value),
                   id_problem(find(value.number), find_offer(value.id), value.id), text_problem("name", value.name),
                   terms_problem(*this, value.revshare), archived_offer_problem(*this, value)});
}

problem workspace::problem_with(const tracking_link& value) const {
  return first_of({number_problem(links_, value.number.value),
                   id_problem(find(value.number), find_link(value.id), value.id), text_problem("name", value.name),
                   live_problem("offer", find(value.offer), value.enabled),
                   live_problem("affiliate", find(value.affiliate), value.enabled),
                   optional_reference_problem("marketing_source", *this, value.source),
                   optional_reference_problem("creative", *this, value.creative), sub_ids_problem(value),
                   optional_text_problem("geo_target", value.geo_target),
                   url_problem("destination", value.destination, "https://", "http://")});
}

problem workspace::problem_with(const api_key& value) const {
  const auto* before = value.number - 1U < api_keys_.size() ? &api_keys_[value.number - 1U] : nullptr;
  return first_of({number_problem(api_keys_, value.number), id_problem(before, scan_for(api_keys_, value.id), value.id),
                   text_problem("name", value.name), scopes_problem(value.scopes),
                   references_problem("brands", *this, value.brands),
                   optional_reference_problem("default_brand", *this, value.default_brand),
                   secret_problem(api_keys_, value)});
}

problem workspace::problem_with(const marketing_source& value) const {
  return first_of({number_problem(sources_, value.number.value),
                   id_problem(find(value.number), scan_for(sources_, value.id), value.id),
                   text_problem("name", value.name), optional_reference_problem("affiliate", *this, value.affiliate)});
}

problem workspace::problem_with(const creative& value) const {
  return first_of({number_problem(creatives_, value.number.value),
                   id_problem(find(value.number), find_creative(value.id), value.id), text_problem("name", value.name),
                   optional_reference_problem("offer", *this, value.offer)});
}

bool is_metric_code(std::string_view text) noexcept {
  if (text.empty() || text.size() > code_length_max) return false;
  char previous = '-';
  for (const char c : text) {
    const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!alphanumeric && (c != '-' || previous == '-')) return false;
    previous = c;
  }
  return previous != '-';
}

} // namespace croupier
