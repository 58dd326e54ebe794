#pragma once

#include "config/field_names.hpp"
#include "config/object_fields.hpp"
#include "config/tree.hpp"
#include "engine/workspace.hpp"

#include <string>
#include <string_view>

namespace croupier::config {

/// Makes the tree of an object; visits `each_field`. What has no value is left out. Secrets are of tree::kind::secret.
class field_writer {
public:
  /// `ws` knows what the object refers to; in files metrics go by code and the others by name, in calls all by id.
  field_writer(const workspace& ws, naming names) : ws_(ws), names_(names), made_(tree::of(tree::kind::table)) {}

  template<class T>
  void field(std::string_view name, const T& member, must /*how*/, std::string_view /*sentence*/) {
    write(name, member);
  }
  void scopes(std::string_view name, const std::uint8_t& member, std::string_view sentence);
  void hash(std::string_view name, const std::array<std::uint8_t, 32>& member, std::string_view sentence);
  void secret(std::string_view name, const std::string& member, std::string_view sentence);

  tree take() { return std::move(made_); }

private:
  void add(std::string_view name, tree value) {
    made_.add(names_ == naming::file ? std::string(name) : api_name(name), std::move(value));
  }

  template<class T>
  void write(std::string_view name, const T& member) {
    add(name, made_of(member));
  }
  template<class T>
  void write(std::string_view name, const std::optional<T>& member) {
    if (member) write(name, *member);
  }
  template<reference T>
  void write(std::string_view name, const T& member) {
    if (member.value != 0) add(name, made_of(member));
  }

  static tree made_of(const std::string& value) { return tree::of_text(value); }
  static tree made_of(bool value) { return tree::of_truth(value); }
  static tree made_of(percentage value) { return tree::of_text(value.text()); }
  static tree made_of(amount value) { return tree::of_text(value.text()); }
  static tree made_of(timestamp value) { return tree::of_text(value.text()); }
  static tree made_of(std::integral auto value) { return tree::of_number(std::to_string(value)); }
  static tree made_of(choice auto value) { return tree::of_text(name_of_choice(value)); }
  tree made_of(brand_number value) const;
  tree made_of(metric_number value) const;
  tree made_of(affiliate_number value) const;
  tree made_of(offer_number value) const;
  tree made_of(source_number value) const;
  tree made_of(creative_number value) const;
  static tree made_of(const std::array<std::string, 5>& value);
  static tree made_of(const std::vector<std::pair<std::string, std::vector<std::string>>>& value);

  template<class T>
  requires requires(field_writer& visit, const T& one) { each_field(visit, one); }
  tree made_of(const T& value) const {
    field_writer inner(ws_, names_);
    each_field(inner, value);
    return inner.take();
  }

  template<class T>
  tree made_of(const std::vector<T>& values) const {
    auto list = tree::of(tree::kind::list);
    for (const T& one : values) list.items.push_back(made_of(one));
    return list;
  }

  const workspace& ws_;
  naming names_;
  tree made_;
};

} // namespace croupier::config
