#include "config/field_writer.hpp"

#include "engine/check.hpp"

#include <algorithm>

namespace croupier::config {
namespace {

template<class Number>
const auto& referred(const workspace& ws, Number number) {
  const auto* found = ws.find(number);
  CROUPIER_ASSERT(found != nullptr, "an object refers to nothing");
  return *found;
}

template<class Number>
tree name_or_id(const workspace& ws, Number number, naming names) {
  const auto& object = referred(ws, number);
  return tree::of_text(names == naming::file ? object.name : object.id.text());
}

} // namespace

void field_writer::scopes(std::string_view name, const std::uint8_t& member, std::string_view /*sentence*/) {
  auto list = tree::of(tree::kind::list);
  for (const auto& [one, one_name] : scope_names)
    if ((member & static_cast<std::uint8_t>(one)) != 0) list.items.push_back(tree::of_text(one_name));
  add(name, std::move(list));
}

void field_writer::hash(std::string_view name, const std::array<std::uint8_t, 32>& member,
                        std::string_view /*sentence*/) {
  auto value = tree::of(tree::kind::secret);
  value.text.assign(member.begin(), member.end());
  add(name, std::move(value));
}

void field_writer::secret(std::string_view name, const std::string& member, std::string_view /*sentence*/) {
  if (member.empty()) return;
  auto value = tree::of(tree::kind::secret);
  value.text = member;
  add(name, std::move(value));
}

tree field_writer::made_of(brand_number value) const {
  return name_or_id(ws_, value, names_);
}
tree field_writer::made_of(metric_number value) const {
  const metric& object = referred(ws_, value);
  return tree::of_text(names_ == naming::file ? object.code : object.id.text());
}
tree field_writer::made_of(affiliate_number value) const {
  return name_or_id(ws_, value, names_);
}
tree field_writer::made_of(offer_number value) const {
  return name_or_id(ws_, value, names_);
}
tree field_writer::made_of(source_number value) const {
  return name_or_id(ws_, value, names_);
}
tree field_writer::made_of(creative_number value) const {
  return name_or_id(ws_, value, names_);
}

tree field_writer::made_of(const std::array<std::string, 5>& value) {
  auto list = tree::of(tree::kind::list);
  const auto end = std::find_if(value.rbegin(), value.rend(), [](const auto& one) { return !one.empty(); }).base();
  for (auto one = value.begin(); one != end; ++one) list.items.push_back(tree::of_text(*one));
  return list;
}

tree field_writer::made_of(const std::vector<std::pair<std::string, std::vector<std::string>>>& value) {
  auto table = tree::of(tree::kind::table);
  for (const auto& [dimension, allowed] : value) {
    auto list = tree::of(tree::kind::list);
    for (const auto& one : allowed) list.items.push_back(tree::of_text(one));
    table.add(dimension, std::move(list));
  }
  return table;
}

} // namespace croupier::config
