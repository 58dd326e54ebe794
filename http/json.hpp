#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// JSON in and out, for every dialect. Input is held to the letter of RFC 8259 and to more: no duplicate keys, no
/// invalid UTF-8, no deep nesting, nothing after the value. Numbers keep the digits that were sent and never pass
/// through floating point.
namespace croupier::http::json {

/// Nesting beyond this is refused, so that no input can exhaust a stack.
inline constexpr std::size_t depth_max = 32;

/// A text with more values (keys count too) is refused, so that no input can take much more memory than its own size.
inline constexpr std::size_t values_max = 1'000'000;

/// Longer texts are refused; every limit on bodies is far below.
inline constexpr std::size_t text_bytes_max = 64U << 20U;

enum class kind : std::uint8_t { null, boolean, number, string, array, object };

struct member;

/// One parsed value: a view into its document.
class value {
public:
  kind type() const noexcept { return kind_; }
  bool is_string() const noexcept { return kind_ == kind::string; }
  bool is_number() const noexcept { return kind_ == kind::number; }
  bool is_array() const noexcept { return kind_ == kind::array; }
  bool is_object() const noexcept { return kind_ == kind::object; }

  /// Of a boolean.
  bool truth() const noexcept { return truth_; }
  /// Of a string: decoded, valid UTF-8, may hold NUL. Of a number: its text as sent. Otherwise empty.
  std::string_view text() const noexcept {
    return kind_ == kind::string || kind_ == kind::number ? std::string_view(text_, size_) : std::string_view();
  }
  /// Of an array, in order. Otherwise empty.
  std::span<const value> items() const noexcept;
  /// Of an object, in the order sent, keys unique. Otherwise empty.
  std::span<const member> members() const noexcept;
  /// The member of that name; nullptr when there is none. O(members).
  const value* find(std::string_view name) const noexcept;

private:
  friend class tree_builder;
  kind kind_ = kind::null;
  bool truth_ = false;
  std::uint32_t size_ = 0; ///< of characters, items or members; `text_bytes_max` fits
  union {
    const char* text_ = nullptr;
    const value* items_;
    const member* members_;
  };
};

struct member {
  std::string_view name;
  value content;
};

/// Where two values differ in meaning, as paths ("metrics[0].value"), at most `limit` of them, members by name: the
/// order of members does not matter, strings are compared decoded, numbers by their text. O(n log n).
std::vector<std::string> differences(const value& left, const value& right, std::size_t limit);

struct parse_error {
  std::string what;   ///< for the client: "duplicate key \"a\"", "syntax error", ...
  std::size_t at = 0; ///< how many bytes were read before it was seen
};

/// A parsed text. Views in its values point into the text, which the caller keeps, or into the document. Usual bodies
/// (about 60 values) need no heap. One thread at a time.
class document {
public:
  document();
  ~document();
  document(const document&) = delete;
  document& operator=(const document&) = delete;

  /// Parses one JSON text, whole. Nothing returned: `root()` holds it. The values of an earlier parse end. O(length),
  /// and O(n log n) for n members of one object.
  std::optional<parse_error> parse(std::string_view text);

  const value& root() const noexcept { return root_; }

private:
  std::array<std::byte, 6144> first_block_;
  std::pmr::monotonic_buffer_resource memory_;
  value root_;
};

/// Writes JSON by appending to a string; commas are its business, balance is the caller's.
class writer {
public:
  explicit writer(std::string& out) noexcept : out_(out) {}

  writer& begin_object() { return open('{'); }
  writer& end_object() { return close('}'); }
  writer& begin_array() { return open('['); }
  writer& end_array() { return close(']'); }
  writer& key(std::string_view name);

  /// Any bytes; what is not UTF-8 in them is written as U+FFFD.
  writer& string(std::string_view text);
  writer& integer(std::int64_t number);
  writer& unsigned_integer(std::uint64_t number);
  writer& boolean(bool truth) { return raw(truth ? "true" : "false"); }
  /// JSON made elsewhere.
  writer& raw(std::string_view json);

private:
  writer& open(char bracket);
  writer& close(char bracket);
  void separate();

  std::string& out_;
  bool after_value_ = false;
};

/// Writes a parsed value again: in meaning the same, without the white space.
void write(writer& out, const value& what);

} // namespace croupier::http::json
