#pragma once

// Private to the .cpp files of config/: it carries toml++ into whoever includes it.

#include "config/problems.hpp"
#include "config/text_file.hpp"

#include <optional>
#include <string>
#include <string_view>

#include <toml++/toml.h>

namespace croupier::config {

/// The document, or a problem with the line of its first syntax error.
std::optional<toml::table> parse_toml(std::string_view text, std::string_view name, problems& found);

/// Reads one table of a document, field by field, and remembers what is wrong with it. Every field that is there must
/// be asked for: `finish` reports the others as unknown.
class table_reader {
public:
  /// `what`: how a problem names the table, "brand 'Demo'". The table, the name and the list outlive the reader.
  table_reader(const toml::table& table, std::string_view file, problems& found);

  /// The name by which later problems call the table.
  void call_it(std::string what) { what_ = std::move(what); }

  /// Absent or of another kind: nothing; of another kind also a problem.
  std::optional<std::string> text(std::string_view key);
  std::optional<bool> flag(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  const toml::table* table(std::string_view key);
  const toml::array* tables(std::string_view key);

  /// Absent, empty or of another kind: an empty text and a problem.
  std::string required_text(std::string_view key);
  const toml::node* node(std::string_view key);

  /// Adds a problem at the field's line, or at the table's when it has no such field.
  void complain(std::string_view key, const std::string& what);

  std::uint32_t line_of(std::string_view path) const;
  std::string_view file() const noexcept { return file_; }

  /// Reports the fields that nobody asked for.
  void finish();

private:
  const toml::table& table_;
  std::string_view file_;
  problems& found_;
  std::string what_;
  std::vector<std::string_view> asked_;
};

} // namespace croupier::config
