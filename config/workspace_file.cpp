#include "config/workspace_file.hpp"

#include "config/reference_book.hpp"
#include "config/toml_source.hpp"
#include "config/toml_tree.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace croupier::config {
namespace {

constexpr std::string_view public_suffix = " (public)";

/// A name that stands for no object, or for one, or for several.
using numbers_by_title = std::map<std::string, std::vector<std::size_t>, std::less<>>;

class workspace_reader {
public:
  workspace_reader(std::string_view file, const workspace& base, const workspace_sources& sources, timestamp now,
                   problems& found)
      : file_(file),
        base_(base),
        sources_(sources),
        now_(now),
        found_(found),
        result_(base),
        references_(base),
        find_([this](ref_kind kind, const std::string& text) { return references_.find(kind, text); }) {}

  void read(const tree& document) {
    if (const tree* demo = document.find("demo")) {
      if (demo->type != tree::kind::boolean) complain(demo->line, "demo: must be true or false");
      is_demo_ = demo->truth;
    }
    for (const object_kind& kind : object_kinds()) read_table(document, kind);
    for (const auto& [name, content] : document.members)
      if (name != "demo" && !is_table(name)) complain(content.line, name + ": unknown field");
  }

  workspace_plan take_plan() { return std::move(plan_); }

private:
  static bool is_table(std::string_view name) {
    const auto kinds = object_kinds();
    return std::any_of(kinds.begin(), kinds.end(), [&](const object_kind& kind) { return kind.table == name; });
  }

  void complain(std::uint32_t line, std::string what) {
    found_.push_back({place_in_file(file_, line), std::move(what)});
  }

  void read_table(const tree& document, const object_kind& kind) {
    const tree* tables = document.find(kind.table);
    const auto is_no_table = [](const tree& item) { return item.type != tree::kind::table; };
    if (tables != nullptr &&
        (tables->type != tree::kind::list || std::any_of(tables->items.begin(), tables->items.end(), is_no_table))) {
      complain(tables->line,
               std::string(kind.table) + ": must be a list of tables: [[" + std::string(kind.table) + "]]");
      return;
    }
    std::set<std::size_t> mentioned;
    const auto by_title = titles_of(kind);
    std::set<uuid> ids;
    if (tables != nullptr)
      for (const tree& one : tables->items) read_object(one, kind, by_title, ids, mentioned);
    for (std::size_t number = 1; number <= kind.count(base_); ++number)
      if (!mentioned.contains(number)) plan_.left_alone.push_back({&kind, number});
  }

  numbers_by_title titles_of(const object_kind& kind) const {
    numbers_by_title titles;
    for (std::size_t number = 1; number <= kind.count(base_); ++number)
      titles[title_of(kind.at(base_, number))].push_back(number);
    return titles;
  }

  void read_object(const tree& from, const object_kind& kind, const numbers_by_title& by_title, std::set<uuid>& ids,
                   std::set<std::size_t>& mentioned) {
    const std::size_t problems_before = found_.size();
    const tree* title = from.find(kind.title);
    label_ = std::string(kind.label);
    if (title != nullptr && title->type == tree::kind::text) label_ += " '" + title->text + "'";
    const uuid id = read_id(from, kind, title, by_title);
    const std::size_t existing = kind.find(base_, id);
    auto object = existing != 0 ? kind.at(base_, existing) : kind.blank(kind.count(result_) + 1, id, now_);
    reading how{naming::file, existing == 0, is_demo_, &find_, &sources_};
    kind.read(object, from, how);
    for (const field_problem& one : how.problems)
      complain(one.line != 0 ? one.line : from.line, label_ + ": " + one.field + ": " + one.what);
    const bool is_first = ids.insert(id).second;
    if (found_.size() == problems_before && !is_first) complain(line_of(from, "id"), label_ + ": id: is in use");
    const bool is_sound = found_.size() == problems_before && !how.refers_to_refused;
    const bool is_put = is_sound && put_object(object, from, existing);
    if (is_first) references_.add(object, !is_put);
    if (existing != 0) mentioned.insert(existing);
  }

  /// Puts the object, if it is another one than there is, and the engine has no problem with it.
  bool put_object(const workspace_object& object, const tree& from, std::size_t existing) {
    const object_kind& kind = kind_of(object);
    if (existing != 0 && kind.at(base_, existing) == object) {
      plan_.unchanged.push_back({&kind, existing});
      return true;
    }
    const timestamp earliest = base_.brands().empty() ? timestamp{std::numeric_limits<std::int64_t>::min()} : now_;
    if (const auto wrong = problem_with(result_, object, earliest)) {
      complain(line_of(from, wrong->substr(0, wrong->find(':'))), label_ + ": " + *wrong);
      return false;
    }
    put(result_, object);
    plan_.objects.push_back(object);
    return true;
  }

  /// Of the member that a path such as "revshare.metric" is in; of the table, when it has no such member.
  static std::uint32_t line_of(const tree& table, std::string_view path) {
    const tree* member = table.find(path.substr(0, path.find_first_of(".[")));
    return member != nullptr ? member->line : table.line;
  }

  uuid read_id(const tree& from, const object_kind& kind, const tree* title, const numbers_by_title& by_title) {
    const std::string name = title != nullptr ? title->text : std::string();
    if (const tree* given = from.find("id")) {
      const auto id = given->type == tree::kind::text ? uuid::parse(given->text) : std::nullopt;
      if (!id) complain(given->line, label_ + ": id: '" + given->text + "' is not a UUID");
      return id.value_or(uuid{});
    }
    const uuid made = derived_id(kind.table, name, sources_);
    if (kind.find(base_, made) != 0) return made;
    const auto called = by_title.find(name);
    if (called == by_title.end()) return made;
    if (called->second.size() > 1) complain(from.line, label_ + ": id: more than one is called so: give the id");
    return id_of(kind.at(base_, called->second.front()));
  }

  std::string_view file_;
  const workspace& base_;
  const workspace_sources& sources_;
  timestamp now_;
  problems& found_;
  workspace result_;
  workspace_plan plan_;
  reference_book references_;
  reading::finder find_;
  bool is_demo_ = false;
  std::string label_; ///< of the object being read
};

} // namespace

bool is_public(const api_key& key) noexcept {
  return key.name.ends_with(public_suffix);
}

void make_public(api_key& key) {
  if (!is_public(key)) key.name += public_suffix;
}

uuid derived_id(std::string_view kind, std::string_view name, const workspace_sources& sources) {
  const auto hash = sources.sha256("croupier/" + std::string(kind) + "/" + std::string(name));
  uuid id;
  std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x80); // version 8: made by a rule of our own
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80); // the variant of RFC 9562
  return id;
}

std::vector<std::string> variables_named_in(std::string_view text) {
  problems ignored;
  std::vector<std::string> names;
  const auto document = parse_toml_tree(text, {}, ignored);
  if (!document) return names;
  for (const auto& [table, list] : document->members)
    for (const tree& object : list.items)
      for (const auto& [name, content] : object.members)
        if (name.ends_with("_env") && content.type == tree::kind::text &&
            std::find(names.begin(), names.end(), content.text) == names.end())
          names.push_back(content.text);
  return names;
}

result<workspace_plan, problems> parse_workspace(std::string_view text, std::string_view name, const workspace& base,
                                                 const workspace_sources& sources, timestamp now) {
  problems found;
  const auto document = parse_toml_tree(text, name, found);
  if (!document) return found;
  workspace_reader reader(name, base, sources, now, found);
  reader.read(*document);
  if (!found.empty()) return found;
  return reader.take_plan();
}

result<workspace_plan, problems> load_workspace_file(const std::string& path, const workspace& base,
                                                     const workspace_sources& sources, timestamp now) {
  problems found;
  const auto text = read_text_file(path, found);
  if (!text) return found;
  return parse_workspace(*text, path, base, sources, now);
}

} // namespace croupier::config
