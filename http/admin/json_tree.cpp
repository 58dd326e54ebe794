#include "http/admin/json_tree.hpp"

namespace croupier::http::admin {

using config::tree;

tree tree_of(const json::value& value) {
  switch (value.type()) {
  case json::kind::null: return {};
  case json::kind::boolean: return tree::of_truth(value.truth());
  case json::kind::number: return tree::of_number(value.text());
  case json::kind::string: return tree::of_text(value.text());
  case json::kind::array: {
    auto list = tree::of(tree::kind::list);
    for (const auto& item : value.items()) list.items.push_back(tree_of(item));
    return list;
  }
  case json::kind::object: {
    auto table = tree::of(tree::kind::table);
    for (const auto& [name, content] : value.members()) table.add(name, tree_of(content));
    return table;
  }
  }
  return {};
}

void write_members(json::writer& out, const tree& table) {
  for (const auto& [name, content] : table.members)
    if (content.type != tree::kind::secret) write(out.key(name), content);
}

void write(json::writer& out, const tree& value) {
  switch (value.type) {
  case tree::kind::boolean: out.boolean(value.truth); return;
  case tree::kind::number: out.raw(value.text); return;
  case tree::kind::text: out.string(value.text); return;
  case tree::kind::list:
    out.begin_array();
    for (const tree& item : value.items) write(out, item);
    out.end_array();
    return;
  case tree::kind::table:
    out.begin_object();
    write_members(out, value);
    out.end_object();
    return;
  case tree::kind::null:
  case tree::kind::secret:
  case tree::kind::other: out.raw("null"); return;
  }
}

} // namespace croupier::http::admin
