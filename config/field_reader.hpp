#pragma once

#include "config/field_names.hpp"
#include "config/object_fields.hpp"
#include "config/tree.hpp"
#include "config/workspace_sources.hpp"
#include "engine/result.hpp"

#include <charconv>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace croupier::config {

/// What is wrong with one member.
struct field_problem {
  std::string field = {}; ///< path, in the names of the reading: "revshare.tiers[0].rate_percent"
  std::string what = {};  ///< "is required"
  std::uint32_t line = 0;
  friend bool operator==(const field_problem&, const field_problem&) = default;
};

/// How objects are read, and what came of it.
struct reading {
  /// The number of what is referred to, 0 when it was refused; or why there is none, in words.
  using finder = std::function<result<std::uint32_t, std::string>(ref_kind, const std::string&)>;

  naming names = naming::file;
  bool is_new = true;   ///< what is required must be there; else members that are left out stay as they are
  bool is_demo = false; ///< secrets may stand in the open
  const finder* find = nullptr;
  const workspace_sources* sources = nullptr; ///< of files, for secrets

  std::vector<field_problem> problems = {};
  bool refers_to_refused = false; ///< its problem has been reported where it arose
  bool secret_was_open = false;   ///< the SHA-256 is of a secret that everyone with the file knows
};

/// Reads the members of one table into an object. Visits `each_field`; `finish` reports members that nobody asked for.
class field_reader {
public:
  /// `prefix`: of the paths in problems, "" or "revshare.". All must outlive the reader.
  field_reader(const tree& table, std::string prefix, bool is_new, reading& into)
      : table_(table), prefix_(std::move(prefix)), is_new_(is_new), into_(into) {}

  template<class T>
  void field(std::string_view name, T& member, must how, std::string_view /*sentence*/) {
    if (how == must::be_shown) return;
    const std::string wire = wire_name(name);
    if (const tree* found = ask(wire)) {
      read(wire, *found, member);
    } else if (how == must::be_given && is_new_) {
      complain(wire, table_, "is required");
    }
  }

  void scopes(std::string_view name, std::uint8_t& member, std::string_view sentence);
  /// Of files: `<name>_sha256`, `<name>_env` or, in the open, `<name>`. In calls it is the server that makes them.
  void hash(std::string_view name, std::array<std::uint8_t, 32>& member, std::string_view sentence);
  /// `<name>`, of files in the open in demo files only, else `<name>_env`.
  void secret(std::string_view name, std::string& member, std::string_view sentence);

  /// The member, which now counts as known; nullptr when it is not there.
  const tree* ask(std::string_view wire_name);
  void complain(std::string_view wire_name, const tree& at, std::string what);
  void finish();

private:
  std::string wire_name(std::string_view name) const {
    return into_.names == naming::file ? std::string(name) : api_name(name);
  }

  void read(const std::string& name, const tree& from, std::string& into);
  void read(const std::string& name, const tree& from, bool& into);
  void read(const std::string& name, const tree& from, percentage& into);
  void read(const std::string& name, const tree& from, amount& into);
  void read(const std::string& name, const tree& from, timestamp& into);
  void read(const std::string& name, const tree& from, std::vector<std::string>& into);
  void read(const std::string& name, const tree& from, std::array<std::string, 5>& into);
  void read(const std::string& name, const tree& from,
            std::vector<std::pair<std::string, std::vector<std::string>>>& into);

  template<std::integral T>
  void read(const std::string& name, const tree& from, T& into) {
    const auto [end, error] = std::from_chars(from.text.data(), from.text.data() + from.text.size(), into);
    if (from.type == tree::kind::number && error == std::errc{} && end == from.text.data() + from.text.size()) return;
    complain(name, from,
             "must be a whole number, " + std::to_string(std::numeric_limits<T>::min()) + " to " +
                 std::to_string(std::numeric_limits<T>::max()));
  }

  template<choice T>
  void read(const std::string& name, const tree& from, T& into) {
    const auto chosen = from.type == tree::kind::text ? find_choice<T>(from.text) : std::nullopt;
    if (!chosen) return complain(name, from, "must be " + choices_in_words<T>("\""));
    into = *chosen;
  }

  template<reference T>
  void read(const std::string& name, const tree& from, T& into) {
    if (from.type == tree::kind::null) {
      into = T{};
      return;
    }
    if (const auto number = refer(name, from, kind_of(T{}))) into.value = static_cast<typename T::rep>(*number);
  }

  template<reference T>
  void read(const std::string& name, const tree& from, std::vector<T>& into) {
    read_items(name, from, into, [&](const std::string& item_name, const tree& item, T& one) {
      if (item.type == tree::kind::null) return complain(item_name, item, "must not be null");
      read(item_name, item, one);
    });
  }

  template<class T>
  void read(const std::string& name, const tree& from, std::optional<T>& into) {
    if (from.type == tree::kind::null) {
      into.reset();
      return;
    }
    T value{};
    read(name, from, value);
    into = std::move(value);
  }

  /// A table inside the object is read as a whole: members that it leaves out have their defaults.
  template<class T>
  requires requires(field_reader& visit, T& one) { each_field(visit, one); }
  void read(const std::string& name, const tree& from, T& into) {
    if (from.type != tree::kind::table) return complain(name, from, "must be a table");
    T value{};
    field_reader inner(from, prefix_ + name + ".", true, into_);
    each_field(inner, value);
    inner.finish();
    into = std::move(value);
  }

  template<class T>
  requires requires(field_reader& visit, T& one) { each_field(visit, one); }
  void read(const std::string& name, const tree& from, std::vector<T>& into) {
    read_items(name, from, into,
               [&](const std::string& item_name, const tree& item, T& one) { read(item_name, item, one); });
  }

  template<class T, class Read>
  void read_items(const std::string& name, const tree& from, std::vector<T>& into, Read read_item) {
    if (from.type != tree::kind::list) return complain(name, from, "must be a list");
    std::vector<T> values(from.items.size());
    for (std::size_t i = 0; i < values.size(); ++i)
      read_item(name + "[" + std::to_string(i) + "]", from.items[i], values[i]);
    into = std::move(values);
  }

  std::optional<std::uint32_t> refer(const std::string& name, const tree& from, ref_kind kind);
  std::optional<std::string> secret_from_environment(const std::string& name);
  bool is_long_enough(const std::string& name, const tree& at, std::string_view secret);

  const tree& table_;
  std::string prefix_;
  bool is_new_;
  reading& into_;
  std::vector<std::string> asked_;
};

} // namespace croupier::config
