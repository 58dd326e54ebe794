#include "http/json.hpp"

#include "engine/check.hpp"
#include "http/utf8.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <limits>
#include <memory>
#include <new>
#include <utility>

namespace croupier::http::json {

namespace {

/// Up to this many members every pair of keys is compared; beyond it the keys are sorted first.
constexpr std::size_t pairwise_keys_max = 12;

} // namespace

/// Receives Boost.JSON's events and builds the tree bottom-up: finished values wait on a stack until the container that
/// they belong to ends and takes them into the arena.
class tree_builder {
public:
  using string_view = boost::json::string_view;
  using error_code = boost::json::error_code;

  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  tree_builder(std::string_view text, std::pmr::memory_resource* memory)
      : text_(text), memory_(memory), parts_(memory) {
    stack_.reserve(64);
  }

  const value& root() const noexcept { return stack_.front(); }
  /// Why the text was refused by us and not by Boost.JSON; empty when it was not.
  const std::string& complaint() const noexcept { return complaint_; }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_array_begin(error_code&) { return true; }

  bool on_array_end(std::size_t count, error_code& error) {
    value made;
    made.kind_ = kind::array;
    made.size_ = static_cast<std::uint32_t>(count);
    auto* items = allocate<value>(count);
    std::uninitialized_copy(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end(), items);
    made.items_ = items;
    stack_.resize(stack_.size() - count);
    return push(made, error);
  }

  bool on_object_end(std::size_t count, error_code& error) {
    value made;
    made.kind_ = kind::object;
    made.size_ = static_cast<std::uint32_t>(count);
    auto* members = allocate<member>(count);
    const value* next = stack_.data() + (stack_.size() - 2 * count);
    for (std::size_t i = 0; i < count; ++i, next += 2) new (members + i) member{next[0].text(), next[1]};
    made.members_ = members;
    if (!keys_are_unique({members, count})) {
      error = boost::json::error::syntax;
      return false;
    }
    stack_.resize(stack_.size() - 2 * count);
    return push(made, error);
  }

  bool on_key_part(string_view part, std::size_t, error_code&) { return add_part(part); }
  bool on_key(string_view last, std::size_t, error_code& error) { return push_text(kind::string, last, error); }
  bool on_string_part(string_view part, std::size_t, error_code&) { return add_part(part); }
  bool on_string(string_view last, std::size_t, error_code& error) { return push_text(kind::string, last, error); }
  bool on_number_part(string_view part, error_code&) { return add_part(part); }
  // The converted number is Boost's affair: only its text is kept.
  bool on_int64(std::int64_t, string_view last, error_code& error) { return push_text(kind::number, last, error); }
  bool on_uint64(std::uint64_t, string_view last, error_code& error) { return push_text(kind::number, last, error); }
  bool on_double(double, string_view last, error_code& error) { return push_text(kind::number, last, error); }

  bool on_bool(bool truth, error_code& error) {
    value made;
    made.kind_ = kind::boolean;
    made.truth_ = truth;
    return push(made, error);
  }
  bool on_null(error_code& error) { return push(value{}, error); }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

private:
  template<class T>
  T* allocate(std::size_t count) {
    return static_cast<T*>(memory_->allocate(count * sizeof(T), alignof(T)));
  }

  bool add_part(string_view part) {
    parts_.append(part.data(), part.size());
    return true;
  }

  /// A text that came in one piece of the source is kept as a view of it; escapes make parts, which are joined.
  bool push_text(kind of, string_view last, error_code& error) {
    value made;
    made.kind_ = of;
    const bool whole = parts_.empty() && last.data() >= text_.data() && last.data() <= text_.data() + text_.size();
    if (whole) {
      made.text_ = last.data();
      made.size_ = static_cast<std::uint32_t>(last.size());
    } else {
      made.size_ = static_cast<std::uint32_t>(parts_.size() + last.size());
      auto* joined = allocate<char>(made.size_);
      std::copy(parts_.begin(), parts_.end(), joined);
      std::copy(last.begin(), last.end(), joined + parts_.size());
      made.text_ = joined;
      parts_.clear();
    }
    return push(made, error);
  }

  bool push(const value& made, error_code& error) {
    stack_.push_back(made);
    if (++values_ <= values_max) return true;
    complaint_ = "more than " + std::to_string(values_max) + " values";
    error = boost::json::error::array_too_large;
    return false;
  }

  bool keys_are_unique(std::span<const member> members) {
    if (members.size() <= pairwise_keys_max) {
      for (std::size_t i = 1; i < members.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
          if (members[i].name == members[j].name) return note_duplicate(members[i].name);
      return true;
    }
    std::vector<std::string_view> names;
    names.reserve(members.size());
    for (const member& each : members) names.push_back(each.name);
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    return twice == names.end() || note_duplicate(*twice);
  }

  bool note_duplicate(std::string_view name) {
    // Clients read it in a message: a long name is cut, and not inside a character.
    constexpr std::size_t shown_bytes_max = 60;
    std::size_t shown = 0;
    while (shown < name.size()) {
      const std::size_t step = utf8_sequence_length(name.substr(shown));
      if (step == 0 || shown + step > shown_bytes_max) break;
      shown += step;
    }
    complaint_ = "duplicate key \"" + std::string(name.substr(0, shown)) + "\"";
    return false;
  }

  std::string_view text_;
  std::pmr::memory_resource* memory_;
  std::vector<value> stack_;
  std::pmr::string parts_;
  std::string complaint_;
  std::size_t values_ = 0;
};

std::span<const value> value::items() const noexcept {
  if (kind_ != kind::array) return {};
  return {items_, size_};
}

std::span<const member> value::members() const noexcept {
  if (kind_ != kind::object) return {};
  return {members_, size_};
}

const value* value::find(std::string_view name) const noexcept {
  for (const member& each : members())
    if (each.name == name) return &each.content;
  return nullptr;
}

namespace {

std::vector<const member*> by_name(const value& object) {
  std::vector<const member*> sorted;
  sorted.reserve(object.members().size());
  for (const member& each : object.members()) sorted.push_back(&each);
  std::sort(sorted.begin(), sorted.end(), [](const member* a, const member* b) { return a->name < b->name; });
  return sorted;
}

void compare_members(const value& left, const value& right, const std::string& prefix, std::size_t limit,
                     std::vector<std::string>& found);

void compare(const value& left, const value& right, const std::string& path, std::size_t limit,
             std::vector<std::string>& found) {
  const auto differ = [&](const std::string& where) {
    if (found.size() < limit) found.push_back(where.empty() ? "body" : where);
  };
  if (found.size() >= limit) return;
  if (left.type() != right.type()) return differ(path);
  switch (left.type()) {
  case kind::null: return;
  case kind::boolean:
    if (left.truth() != right.truth()) differ(path);
    return;
  case kind::number:
  case kind::string:
    if (left.text() != right.text()) differ(path);
    return;
  case kind::array:
    if (left.items().size() != right.items().size()) return differ(path);
    for (std::size_t i = 0; i < left.items().size(); ++i)
      compare(left.items()[i], right.items()[i], path + "[" + std::to_string(i) + "]", limit, found);
    return;
  case kind::object: compare_members(left, right, path.empty() ? "" : path + ".", limit, found); return;
  }
}

void compare_members(const value& left, const value& right, const std::string& prefix, std::size_t limit,
                     std::vector<std::string>& found) {
  const auto lefts = by_name(left);
  const auto rights = by_name(right);
  auto l = lefts.begin();
  auto r = rights.begin();
  while ((l != lefts.end() || r != rights.end()) && found.size() < limit) {
    const bool only_left = r == rights.end() || (l != lefts.end() && (*l)->name < (*r)->name);
    const bool only_right = !only_left && (l == lefts.end() || (*r)->name < (*l)->name);
    const std::string path = prefix + std::string(only_right ? (*r)->name : (*l)->name);
    if (only_left || only_right)
      found.push_back(path);
    else
      compare((*l)->content, (*r)->content, path, limit, found);
    if (!only_right) ++l;
    if (!only_left) ++r;
  }
}

} // namespace

std::vector<std::string> differences(const value& left, const value& right, std::size_t limit) {
  std::vector<std::string> found;
  compare(left, right, "", limit, found);
  return found;
}

document::document() : memory_(first_block_.data(), first_block_.size()) {}
document::~document() = default;

std::optional<parse_error> document::parse(std::string_view text) {
  root_ = value{};
  memory_.release();
  if (text.size() > text_bytes_max) return parse_error{"too long", 0};
  boost::json::parse_options options;
  options.max_depth = depth_max;
  boost::json::basic_parser<tree_builder> parser(options, text, &memory_);
  boost::json::error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (!error && read < text.size()) error = boost::json::error::extra_data;
  if (error) {
    const std::string& complaint = parser.handler().complaint();
    return parse_error{complaint.empty() ? error.message() : complaint, read};
  }
  CROUPIER_ASSERT(parser.done(), "a JSON text without an error must have been read whole");
  root_ = parser.handler().root();
  return std::nullopt;
}

void writer::separate() {
  if (after_value_) out_ += ',';
  after_value_ = true;
}

writer& writer::open(char bracket) {
  separate();
  out_ += bracket;
  after_value_ = false;
  return *this;
}

writer& writer::close(char bracket) {
  out_ += bracket;
  after_value_ = true;
  return *this;
}

writer& writer::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

namespace {

template<class Integer>
std::string_view text_of(Integer number, std::array<char, 24>& room) noexcept {
  const auto end = std::to_chars(room.data(), room.data() + room.size(), number).ptr;
  return {room.data(), static_cast<std::size_t>(end - room.data())};
}

} // namespace

writer& writer::integer(std::int64_t number) {
  std::array<char, 24> room;
  return raw(text_of(number, room));
}
writer& writer::unsigned_integer(std::uint64_t number) {
  std::array<char, 24> room;
  return raw(text_of(number, room));
}

namespace {

void append_escaped(std::string& out, char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
  case '"': out += "\\\""; return;
  case '\\': out += "\\\\"; return;
  case '\n': out += "\\n"; return;
  case '\r': out += "\\r"; return;
  case '\t': out += "\\t"; return;
  default:
    out += "\\u00";
    out += hex[static_cast<unsigned char>(c) >> 4U];
    out += hex[static_cast<unsigned char>(c) & 0xfU];
  }
}

bool stands_for_itself(char c) noexcept {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && static_cast<unsigned char>(c) < 0x80;
}

/// How many bytes at the front stand for themselves.
std::size_t plain_bytes(std::string_view text) noexcept {
  std::size_t count = 0;
  while (count < text.size() && stands_for_itself(text[count])) ++count;
  return count;
}

/// Writes the character at the front, which does not stand for itself, and takes it off.
void escape_one(std::string& out, std::string_view& text) {
  std::size_t used = 1;
  if (static_cast<unsigned char>(text.front()) < 0x80) {
    append_escaped(out, text.front());
  } else if (const std::size_t bytes = utf8_sequence_length(text); bytes != 0) {
    out += text.substr(0, bytes);
    used = bytes;
  } else {
    out += "\xef\xbf\xbd";
  }
  text.remove_prefix(used);
}

/// Writes the text in quotes, a comma before it if there is to be one. Most texts are plain: one growth of the output
/// and one copy each.
void append_quoted(std::string& out, bool comma, std::string_view text) {
  auto plain = plain_bytes(text);
  const auto begin = out.size();
  const std::size_t before = comma ? 2 : 1;
  out.resize(begin + before + plain + 1, '"');
  if (comma) out[begin] = ',';
  std::copy_n(text.data(), plain, out.data() + begin + before);
  if (plain == text.size()) return;
  out.pop_back();
  for (text.remove_prefix(plain); !text.empty(); text.remove_prefix(plain)) {
    escape_one(out, text);
    plain = plain_bytes(text);
    out += text.substr(0, plain);
  }
  out += '"';
}

} // namespace

writer& writer::key(std::string_view name) {
  append_quoted(out_, after_value_, name);
  out_ += ':';
  after_value_ = false;
  return *this;
}

writer& writer::string(std::string_view text) {
  append_quoted(out_, after_value_, text);
  after_value_ = true;
  return *this;
}

void write(writer& out, const value& what) {
  switch (what.type()) {
  case kind::null: out.raw("null"); return;
  case kind::boolean: out.boolean(what.truth()); return;
  case kind::number: out.raw(what.text()); return;
  case kind::string: out.string(what.text()); return;
  case kind::array:
    out.begin_array();
    for (const value& each : what.items()) write(out, each);
    out.end_array();
    return;
  case kind::object:
    out.begin_object();
    for (const member& each : what.members()) {
      out.key(each.name);
      write(out, each.content);
    }
    out.end_object();
    return;
  }
}

} // namespace croupier::http::json
