#pragma once

#include "config/field_names.hpp"
#include "config/object_fields.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::config {

enum class field_shape : std::uint8_t {
  text,
  flag,
  whole,     ///< a whole number
  decimal,   ///< an exact decimal: a text, or a number without an exponent
  time,      ///< RFC 3339
  choice,    ///< one of `choices`
  reference, ///< of an object of kind `refers_to`
  hash,      ///< a secret of which only the SHA-256 is kept
  secret,    ///< a secret that is kept and never shown
  table,     ///< with the members `inner`
  filters    ///< a table of lists of texts
};

/// What there is to say of one member, for documentation.
struct field_entry {
  std::string name; ///< in files; in calls it is api_name(name)
  must how = must::be_free;
  field_shape shape = field_shape::text;
  bool is_list = false;
  std::vector<std::string_view> choices = {};
  std::optional<ref_kind> refers_to = {};
  std::int64_t minimum = 0; ///< of whole numbers
  std::int64_t maximum = 0;
  std::vector<field_entry> inner = {};
  std::string sentence;
};

/// Collects the entries of an object's members; visits `each_field`.
class field_cataloguer {
public:
  template<class T>
  void field(std::string_view name, const T& /*member*/, must how, std::string_view sentence) {
    field_entry entry;
    entry.name = name;
    entry.how = how;
    entry.sentence = sentence;
    describe(entry, static_cast<const T*>(nullptr));
    entries_.push_back(std::move(entry));
  }
  void scopes(std::string_view name, const std::uint8_t& /*member*/, std::string_view sentence) {
    add(name, must::be_given, field_shape::choice, sentence);
    entries_.back().is_list = true;
    for (const auto& [one, one_name] : scope_names) entries_.back().choices.push_back(one_name);
  }
  void hash(std::string_view name, const std::array<std::uint8_t, 32>& /*member*/, std::string_view sentence) {
    add(name, must::be_given, field_shape::hash, sentence);
  }
  void secret(std::string_view name, const std::string& /*member*/, std::string_view sentence) {
    add(name, must::be_free, field_shape::secret, sentence);
  }

  std::vector<field_entry> take() { return std::move(entries_); }

private:
  void add(std::string_view name, must how, field_shape shape, std::string_view sentence) {
    field_entry entry;
    entry.name = name;
    entry.how = how;
    entry.shape = shape;
    entry.sentence = sentence;
    entries_.push_back(std::move(entry));
  }

  static void describe(field_entry& /*entry*/, const std::string* /*type*/) {}
  static void describe(field_entry& entry, const bool* /*type*/) { entry.shape = field_shape::flag; }
  static void describe(field_entry& entry, const percentage* /*type*/) { entry.shape = field_shape::decimal; }
  static void describe(field_entry& entry, const amount* /*type*/) { entry.shape = field_shape::decimal; }
  static void describe(field_entry& entry, const timestamp* /*type*/) { entry.shape = field_shape::time; }
  static void describe(field_entry& entry, const std::array<std::string, 5>* /*type*/) { entry.is_list = true; }
  static void describe(field_entry& entry,
                       const std::vector<std::pair<std::string, std::vector<std::string>>>* /*type*/) {
    entry.shape = field_shape::filters;
  }
  template<std::integral T>
  static void describe(field_entry& entry, const T* /*type*/) {
    entry.shape = field_shape::whole;
    entry.minimum = std::numeric_limits<T>::min();
    entry.maximum = std::numeric_limits<T>::max();
  }
  template<choice T>
  static void describe(field_entry& entry, const T* /*type*/) {
    entry.shape = field_shape::choice;
    for (const auto& [one, name] : names_of(T{})) entry.choices.push_back(name);
  }
  template<reference T>
  static void describe(field_entry& entry, const T* /*type*/) {
    entry.shape = field_shape::reference;
    entry.refers_to = kind_of(T{});
  }
  template<class T>
  static void describe(field_entry& entry, const std::optional<T>* /*type*/) {
    describe(entry, static_cast<const T*>(nullptr));
  }
  template<class T>
  static void describe(field_entry& entry, const std::vector<T>* /*type*/) {
    describe(entry, static_cast<const T*>(nullptr));
    entry.is_list = true;
  }
  template<class T>
  requires requires(field_cataloguer& visit, const T& one) { each_field(visit, one); }
  static void describe(field_entry& entry, const T* /*type*/) {
    entry.shape = field_shape::table;
    field_cataloguer inner;
    const T example{};
    each_field(inner, example);
    entry.inner = inner.take();
  }

  std::vector<field_entry> entries_;
};

} // namespace croupier::config
