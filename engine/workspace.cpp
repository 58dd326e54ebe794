#include "engine/workspace.hpp"

#include "engine/check.hpp"

#include <algorithm>
#include <utility>

namespace croupier {
namespace {

/// Numbers start at 1; 0 wraps around and is out of every table.
template<class Object>
const Object* at_number(const std::vector<Object>& table, std::size_t number) noexcept {
  return number - 1 < table.size() ? &table[number - 1] : nullptr;
}

template<class Object, class Index, class Key>
const Object* by_key(const std::vector<Object>& table, const Index& index, const Key& key) noexcept {
  const auto found = index.find(key);
  return found == index.end() ? nullptr : at_number(table, found->second.value);
}

/// Puts `value` at its place and gives back what stood there before.
template<class Object>
std::optional<Object> place(std::vector<Object>& table, std::size_t number, Object value) {
  CROUPIER_ASSERT(number >= 1 && number <= table.size() + 1, "an object is put beyond the end of its table");
  if (number > table.size()) {
    table.push_back(std::move(value));
    return std::nullopt;
  }
  return std::exchange(table[number - 1], std::move(value));
}

/// The same for a table that is looked up by id.
template<class Object, class Index>
void place_with_id(std::vector<Object>& table, Index& by_id, Object value) {
  const auto number = value.number;
  const auto id = value.id;
  if (const auto before = place(table, number.value, std::move(value))) by_id.erase(before->id);
  by_id[id] = number;
}

} // namespace

bool api_key::may(scope wanted) const noexcept {
  const auto has = [this](scope one) { return (scopes & static_cast<std::uint8_t>(one)) != 0; };
  return has(wanted) || has(scope::admin);
}

bool api_key::sees(brand_number wanted) const noexcept {
  return brands.empty() || std::find(brands.begin(), brands.end(), wanted) != brands.end();
}

const brand* workspace::find(brand_number number) const noexcept {
  return at_number(brands_, number.value);
}
const metric* workspace::find(metric_number number) const noexcept {
  return at_number(metrics_, number.value);
}
const affiliate* workspace::find(affiliate_number number) const noexcept {
  return at_number(affiliates_, number.value);
}
const offer* workspace::find(offer_number number) const noexcept {
  return at_number(offers_, number.value);
}
const tracking_link* workspace::find(link_number number) const noexcept {
  return at_number(links_, number.value);
}
const marketing_source* workspace::find(source_number number) const noexcept {
  return at_number(sources_, number.value);
}
const creative* workspace::find(creative_number number) const noexcept {
  return at_number(creatives_, number.value);
}
const event_mapping* workspace::find(mapping_number number) const noexcept {
  return at_number(mappings_, number.value);
}
const destination* workspace::find(destination_number number) const noexcept {
  return at_number(destinations_, number.value);
}
const report_preset* workspace::find(preset_number number) const noexcept {
  return at_number(presets_, number.value);
}

const brand* workspace::find_brand(const uuid& id) const noexcept {
  return by_key(brands_, brand_by_id_, id);
}

const brand* workspace::find_brand_by_alias(std::string_view alias) const noexcept {
  return by_key(brands_, brand_by_alias_, alias);
}

const brand* workspace::default_brand() const noexcept {
  const auto found = std::find_if(brands_.begin(), brands_.end(), [](const brand& one) { return one.is_default; });
  return found == brands_.end() ? nullptr : &*found;
}

const metric* workspace::find_metric(std::string_view code) const noexcept {
  return by_key(metrics_, metric_by_code_, code);
}

metric_number workspace::metric_that_means(metric_meaning meaning) const noexcept {
  return by_meaning_[static_cast<std::size_t>(meaning)];
}

const affiliate* workspace::find_affiliate(const uuid& id) const noexcept {
  return by_key(affiliates_, affiliate_by_id_, id);
}

const offer* workspace::find_offer(const uuid& id) const noexcept {
  return by_key(offers_, offer_by_id_, id);
}

const tracking_link* workspace::find_link(const uuid& id) const noexcept {
  return by_key(links_, link_by_id_, id);
}

const creative* workspace::find_creative(const uuid& id) const noexcept {
  return by_key(creatives_, creative_by_id_, id);
}

void workspace::put(brand value) {
  const auto number = value.number;
  if (const auto before = place(brands_, number.value, std::move(value))) {
    brand_by_id_.erase(before->id);
    for (const auto& alias : before->aliases) brand_by_alias_.erase(alias);
  }
  const auto& now = *find(number);
  brand_by_id_[now.id] = number;
  for (const auto& alias : now.aliases) brand_by_alias_[alias] = number;
}

void workspace::put(metric value) {
  const auto number = value.number;
  if (const auto before = place(metrics_, number.value, std::move(value))) metric_by_code_.erase(before->code);
  metric_by_code_[find(number)->code] = number;
  by_meaning_.fill({});
  for (const auto& one : metrics_)
    if (one.meaning != metric_meaning::none && !one.archived)
      by_meaning_[static_cast<std::size_t>(one.meaning)] = one.number;
}

void workspace::put(affiliate value) {
  place_with_id(affiliates_, affiliate_by_id_, std::move(value));
}

void workspace::put(offer value) {
  place_with_id(offers_, offer_by_id_, std::move(value));
}

void workspace::put(tracking_link value) {
  place_with_id(links_, link_by_id_, std::move(value));
}

void workspace::put(api_key value) {
  const auto number = value.number;
  place(api_keys_, number, std::move(value));
}

void workspace::put(commission_plan value) {
  plans_.put(std::move(value));
}

void workspace::put(marketing_source value) {
  const auto number = value.number.value;
  place(sources_, number, std::move(value));
}

void workspace::put(creative value) {
  place_with_id(creatives_, creative_by_id_, std::move(value));
}

void workspace::put(event_mapping value) {
  const auto number = value.number.value;
  place(mappings_, number, std::move(value));
}

void workspace::put(destination value) {
  const auto number = value.number.value;
  place(destinations_, number, std::move(value));
}

void workspace::put(report_preset value) {
  const auto number = value.number.value;
  place(presets_, number, std::move(value));
}

} // namespace croupier
