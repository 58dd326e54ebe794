#include "http/json_texts.hpp"

#include <algorithm>
#include <cstddef>

namespace croupier::http::json {

namespace {

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view space = " \t\r\n";
  const auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

/// The index of the closing quote of the string that opens at `quote`.
std::size_t string_end(std::string_view text, std::size_t quote) noexcept {
  for (auto end = text.find('"', quote + 1); end != std::string_view::npos; end = text.find('"', end + 1)) {
    auto before = end;
    while (text[before - 1] == '\\') --before;
    if ((end - before) % 2 == 0) return end;
  }
  return text.size();
}

/// The text from the value of the member at `index` on.
std::string_view from_member(std::string_view text, std::size_t index) noexcept {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
    case '"': i = string_end(text, i); break;
    case '{':
    case '[': ++depth; break;
    case '}':
    case ']': --depth; break;
    case ':': // at this depth only behind the key of a member
      if (depth == 1 && index-- == 0) return text.substr(i + 1);
      break;
    default: break;
    }
  }
  return {};
}

} // namespace

std::vector<std::string_view> children(std::string_view container) {
  std::vector<std::string_view> found;
  std::size_t depth = 0;
  std::size_t start = 0;
  const auto take = [&](std::size_t end) {
    if (const auto child = trimmed(container.substr(start, end - start)); !child.empty()) found.push_back(child);
  };
  for (std::size_t i = 0; i < container.size(); ++i) {
    switch (container[i]) {
    case '"': i = string_end(container, i); break;
    case '{':
    case '[':
      if (++depth == 1) start = i + 1;
      break;
    case '}':
    case ']':
      if (--depth == 0) {
        take(i);
        return found;
      }
      break;
    case ',':
      if (depth == 1) {
        take(i);
        start = i + 1;
      }
      break;
    case ':': // at this depth only behind the key of an object
      if (depth == 1) start = i + 1;
      break;
    default: break;
    }
  }
  return found;
}

std::vector<std::string_view> item_texts(std::string_view text, const value& object, std::string_view name) {
  const auto members = object.members();
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const member& each) { return each.name == name; });
  if (found == members.end()) return {};
  return children(from_member(text, static_cast<std::size_t>(found - members.begin())));
}

} // namespace croupier::http::json
