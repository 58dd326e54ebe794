#include "config/tree.hpp"

#include <algorithm>
#include <utility>

namespace croupier::config {

tree tree::leaf(kind of, std::string_view text) {
  tree made;
  made.type = of;
  made.text = text;
  return made;
}

tree tree::of_text(std::string_view value) {
  return leaf(kind::text, value);
}

tree tree::of_number(std::string_view digits) {
  return leaf(kind::number, digits);
}

tree tree::of(kind container) {
  return leaf(container, {});
}

tree tree::of_truth(bool value) {
  tree made;
  made.type = kind::boolean;
  made.truth = value;
  return made;
}

const tree* tree::find(std::string_view name) const noexcept {
  const auto found = std::find_if(members.begin(), members.end(), [&](const auto& one) { return one.name == name; });
  return found == members.end() ? nullptr : &found->content;
}

void tree::add(std::string_view name, tree value) {
  members.push_back({std::string(name), std::move(value)});
}

bool operator==(const tree& left, const tree& right) noexcept {
  return left.type == right.type && left.truth == right.truth && left.text == right.text &&
         std::equal(left.items.begin(), left.items.end(), right.items.begin(), right.items.end()) &&
         std::equal(left.members.begin(), left.members.end(), right.members.begin(), right.members.end(),
                    [](const auto& a, const auto& b) { return a.name == b.name && a.content == b.content; });
}

std::string shown(const tree& value) {
  std::string out;
  switch (value.type) {
  case tree::kind::null: return "nothing";
  case tree::kind::boolean: return value.truth ? "true" : "false";
  case tree::kind::number: return value.text;
  case tree::kind::text: return '"' + value.text + '"';
  case tree::kind::list:
    for (const tree& item : value.items) out += (out.empty() ? "" : ", ") + shown(item);
    return '[' + out + ']';
  case tree::kind::table:
    for (const auto& [name, content] : value.members) out += (out.empty() ? "" : ", ") + name + ": " + shown(content);
    return '{' + out + '}';
  case tree::kind::secret: return "(a secret)";
  case tree::kind::other: return "?";
  }
  return out;
}

} // namespace croupier::config
