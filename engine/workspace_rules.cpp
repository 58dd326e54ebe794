/// What may be put into a workspace. Everything here guards records of money: what a journal entry refers to by number
/// must mean the same for ever.

#include "engine/workspace.hpp"

#include <algorithm>
#include <initializer_list>

namespace croupier {
namespace {

using problem = std::optional<std::string>;

constexpr std::size_t text_length_max = 255;
constexpr std::size_t code_length_max = 100;
constexpr std::size_t url_length_max = 2048;

problem at(std::string_view field, std::string_view what) {
  return std::string(field).append(": ").append(what);
}

/// The first of the problems that there is.
problem first_of(std::initializer_list<problem> problems) {
  for (const auto& one : problems)
    if (one) return one;
  return std::nullopt;
}

/// A new object takes the next number. 0 comes of a table that has used up its numbers.
template<class Object>
problem number_problem(const std::vector<Object>& table, std::size_t number) {
  if (number == 0) return at("number", "there is no room for another one");
  if (number > table.size() + 1) return at("number", "must be the next free one, " + std::to_string(table.size() + 1));
  return std::nullopt;
}

/// The id is there, does not change, and nothing else in the table has it. `holder`: who has it now.
template<class Object>
problem id_problem(const Object* before, const Object* holder, const uuid& id) {
  if (id.is_nil()) return at("id", "must not be nil");
  if (before != nullptr && before->id != id) return at("id", "is permanent");
  return holder != before ? at("id", "is in use") : std::nullopt;
}

/// For the tables that are too small for an index of ids.
template<class Object>
const Object* scan_for(const std::vector<Object>& table, const uuid& id) noexcept {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Object& one) { return one.id == id; });
  return found == table.end() ? nullptr : &*found;
}

problem text_problem(std::string_view field, std::string_view text) {
  if (text.empty()) return at(field, "must not be empty");
  if (text.size() > text_length_max) return at(field, "must not be longer than 255 bytes");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), is_control)) return at(field, "must not contain control characters");
  return std::nullopt;
}

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
problem archive_problem(const workspace& ws, const metric& value) {
  if (!value.archived) return std::nullopt;
  for (const auto& one : ws.offers())
    if (one.revshare && one.revshare->metric == value.number)
      return at("archived", "offer '" + one.name + "' pays revshare on it");
  return std::nullopt;
}

problem terms_problem(const workspace& ws, const std::optional<revshare_terms>& terms) {
  if (!terms) return std::nullopt;
  const auto* base = ws.find(terms->metric);
  if (base == nullptr) return at("revshare.metric", "does not exist");
  if (base->type != metric_type::decimal) return at("revshare.metric", "must be a decimal metric");
  if (base->archived) return at("revshare.metric", "is archived");
  if (terms->rate.is_negative() || terms->rate > percentage::from_integer(100))
    return at("revshare.rate", "must be 0 to 100");
  return std::nullopt;
}

/// It is sent out in a Location header as it is, so nothing but visible ASCII may be in it.
problem destination_problem(std::string_view url) {
  const auto is_visible = [](char c) { return c > 0x20 && c < 0x7f; };
  const auto scheme = url.starts_with("https://") ? 8U : url.starts_with("http://") ? 7U : 0U;
  if (scheme == 0 || url.size() == scheme || std::string_view("/?#:@").find(url[scheme]) != std::string_view::npos)
    return at("destination", "must be an absolute http or https URL");
  if (url.size() > url_length_max) return at("destination", "must not be longer than 2048 bytes");
  if (!std::all_of(url.begin(), url.end(), is_visible))
    return at("destination", "must not contain spaces, control or non-ASCII characters");
  return std::nullopt;
}

problem scopes_problem(std::uint8_t scopes) {
  constexpr std::uint8_t all = 31;
  if (scopes == 0) return at("scopes", "must not be empty");
  return scopes > all ? at("scopes", "contains an unknown scope") : std::nullopt;
}

problem brands_problem(const workspace& ws, const std::vector<brand_number>& brands) {
  for (auto one = brands.begin(); one != brands.end(); ++one) {
    if (ws.find(*one) == nullptr) return at("brands", "one does not exist");
    if (std::find(brands.begin(), one, *one) != one) return at("brands", "one is listed twice");
  }
  return std::nullopt;
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
                   default_problem(*this, value)});
}

problem workspace::problem_with(const metric& value) const {
  const auto* before = find(value.number);
  return first_of({number_problem(metrics_, value.number.value),
                   id_problem(before, scan_for(metrics_, value.id), value.id), code_problem(*this, value, before),
                   text_problem("name", value.name), type_problem(value, before), archive_problem(*this, value)});
}

problem workspace::problem_with(const affiliate& value) const {
  return first_of({number_problem(affiliates_, value.number.value),
                   id_problem(find(value.number), find_affiliate(value.id), value.id),
                   text_problem("name", value.name)});
}

problem workspace::problem_with(const offer& value) const {
  return first_of({number_problem(offers_, value.number.value),
                   id_problem(find(value.number), find_offer(value.id), value.id), text_problem("name", value.name),
                   terms_problem(*this, value.revshare)});
}

problem workspace::problem_with(const tracking_link& value) const {
  return first_of({number_problem(links_, value.number.value),
                   id_problem(find(value.number), find_link(value.id), value.id), text_problem("name", value.name),
                   find(value.offer) == nullptr ? at("offer", "does not exist") : std::nullopt,
                   find(value.affiliate) == nullptr ? at("affiliate", "does not exist") : std::nullopt,
                   destination_problem(value.destination)});
}

problem workspace::problem_with(const api_key& value) const {
  const auto* before = value.number - 1U < api_keys_.size() ? &api_keys_[value.number - 1U] : nullptr;
  return first_of({number_problem(api_keys_, value.number), id_problem(before, scan_for(api_keys_, value.id), value.id),
                   text_problem("name", value.name), scopes_problem(value.scopes), brands_problem(*this, value.brands),
                   secret_problem(api_keys_, value)});
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
