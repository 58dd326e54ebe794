#include "http/router.hpp"

#include "engine/check.hpp"
#include "http/url.hpp"

#include <algorithm>

namespace croupier::http {

namespace {

bool is_parameter(std::string_view segment) noexcept {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

/// The parts between slashes of a path that begins with one: "/a/b" has two, "/" has one that is empty.
std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  segments.reserve(static_cast<std::size_t>(std::count(path.begin(), path.end(), '/')));
  std::size_t from = 1;
  while (from <= path.size()) {
    const auto end = std::min(path.find('/', from), path.size());
    segments.push_back(path.substr(from, end - from));
    from = end + 1;
  }
  return segments;
}

bool fits(const std::vector<std::string_view>& pattern, const std::vector<std::string>& segments) noexcept {
  return std::equal(pattern.begin(), pattern.end(), segments.begin(), segments.end(),
                    [](std::string_view wanted, const std::string& given) {
                      return is_parameter(wanted) ? !given.empty() : wanted == given;
                    });
}

/// Earlier literal segments decide first.
bool more_literal(const std::vector<std::string_view>& left, const std::vector<std::string_view>& right) noexcept {
  return std::lexicographical_compare(
      left.begin(), left.end(), right.begin(), right.end(),
      [](std::string_view a, std::string_view b) { return !is_parameter(a) && is_parameter(b); });
}

void add_method(std::string& list, std::string_view method) {
  if (!list.empty()) list += ", ";
  list += method;
}

} // namespace

router::router(std::vector<route> table) : table_(std::move(table)) {
  entries_.reserve(table_.size());
  bool get = false;
  std::vector<std::string_view> seen;
  for (std::size_t i = 0; i < table_.size(); ++i) {
    const auto& known = table_[i];
    auto& entry = entry_of(known);
    const bool taken = std::any_of(entry.methods.begin(), entry.methods.end(),
                                   [&](const auto& other) { return other.first == known.method; });
    CROUPIER_ASSERT(!taken, "two routes have one method and pattern");
    entry.methods.emplace_back(known.method, i);
    add_method(entry.allow, known.method);
    if (known.method == "GET") add_method(entry.allow, "HEAD");
    get = get || known.method == "GET";
    if (std::find(seen.begin(), seen.end(), known.method) == seen.end()) seen.push_back(known.method);
  }
  for (auto& entry : entries_) add_method(entry.allow, "OPTIONS");
  for (const auto method : seen) add_method(all_methods_, method);
  if (get) add_method(all_methods_, "HEAD");
  add_method(all_methods_, "OPTIONS");
  std::stable_sort(patterns_.begin(), patterns_.end(), [&](std::size_t left, std::size_t right) {
    return more_literal(entries_[left].segments, entries_[right].segments);
  });
}

router::path_entry& router::entry_of(const route& known) {
  CROUPIER_ASSERT(known.pattern.starts_with('/'), "a route's pattern begins with '/'");
  auto segments = split(known.pattern);
  for (auto& entry : entries_)
    if (entry.segments == segments) return entry;
  const bool has_parameters = std::any_of(segments.begin(), segments.end(), is_parameter);
  if (has_parameters)
    patterns_.push_back(entries_.size());
  else
    literal_.emplace(known.pattern, entries_.size());
  return entries_.emplace_back(path_entry{std::move(segments), {}, {}, known.errors});
}

router::match router::find(std::string_view method, std::string_view raw_path) const {
  match found;
  if (const auto known = literal_.find(raw_path); known != literal_.end()) {
    found.path = raw_path;
    fill(found, entries_[known->second], method);
    return found;
  }
  if (!raw_path.starts_with('/')) return found;
  const auto raw_segments = split(raw_path);
  std::vector<std::string> segments;
  segments.reserve(raw_segments.size());
  found.path.reserve(raw_path.size());
  for (const auto segment : raw_segments) {
    segments.push_back(percent_decoded(segment));
    found.path.append("/").append(segments.back());
  }
  // A literal path was found above, unless it is written with escapes.
  const auto* entry = found.path == raw_path ? nullptr : find_literal(segments);
  if (entry == nullptr) entry = find_pattern(segments);
  if (entry == nullptr) {
    found.style = nearest_style(segments);
    return found;
  }
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const auto wanted = entry->segments[i];
    if (is_parameter(wanted))
      found.parameters.emplace_back(wanted.substr(1, wanted.size() - 2), std::move(segments[i]));
  }
  fill(found, *entry, method);
  return found;
}

const router::path_entry* router::find_literal(const std::vector<std::string>& segments) const noexcept {
  for (const auto& [pattern, index] : literal_)
    if (fits(entries_[index].segments, segments)) return &entries_[index];
  return nullptr;
}

const router::path_entry* router::find_pattern(const std::vector<std::string>& segments) const noexcept {
  for (const auto index : patterns_)
    if (fits(entries_[index].segments, segments)) return &entries_[index];
  return nullptr;
}

/// A path that is nobody's is answered in the words of the dialect whose paths begin like it.
error_style router::nearest_style(const std::vector<std::string>& segments) const noexcept {
  auto style = error_style::plain;
  std::size_t longest = 0;
  for (const auto& entry : entries_) {
    std::size_t shared = 0;
    while (shared < std::min(entry.segments.size(), segments.size()) && entry.segments[shared] == segments[shared])
      ++shared;
    if (shared > longest) {
      longest = shared;
      style = entry.style;
    }
  }
  return style;
}

void router::fill(match& found, const path_entry& entry, std::string_view method) const {
  found.allow = entry.allow;
  found.style = entry.style;
  const auto wanted = method == "HEAD" ? std::string_view("GET") : method;
  for (const auto& [known, index] : entry.methods) {
    if (known != wanted) continue;
    found.route_index = index;
    found.style = table_[index].errors;
  }
}

} // namespace croupier::http
