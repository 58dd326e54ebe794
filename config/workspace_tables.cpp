/// The documentation of workspace files, from the lists of members.

#include "config/object_kind.hpp"

namespace croupier::config {
namespace {

std::string allowed_words(const field_entry& entry) {
  switch (entry.shape) {
  case field_shape::text: return entry.is_list ? "list of texts" : "text";
  case field_shape::flag: return "true or false";
  case field_shape::whole: return "whole number";
  case field_shape::decimal: return "text such as `\"12.5\"`";
  case field_shape::time: return "time such as `\"2030-01-01T00:00:00Z\"`";
  case field_shape::choice: {
    std::string words = entry.is_list ? "list of " : "";
    for (std::size_t i = 0; i < entry.choices.size(); ++i)
      words.append(i == 0 ? "`\"" : ", `\"").append(entry.choices[i]).append("\"`");
    return words;
  }
  case field_shape::reference:
    return std::string(entry.is_list ? "list of " : "") + "REF to a " + std::string(words_for(*entry.refers_to));
  case field_shape::hash:
    return "`" + entry.name + "_sha256` (64 hex digits) or `" + entry.name + "_env` (an environment variable)";
  case field_shape::secret: return "`" + entry.name + "_env` (an environment variable)";
  case field_shape::table: return entry.is_list ? "list of tables" : "table";
  case field_shape::filters: return "table of lists of texts";
  }
  return {};
}

void add_rows(std::string& out, const std::vector<field_entry>& entries, const std::string& prefix) {
  for (const field_entry& entry : entries) {
    if (entry.how == must::be_shown) continue;
    out += "| `" + prefix + entry.name + "`" + (entry.how == must::be_given ? "" : " ?") + " | " +
           allowed_words(entry) + " | " + entry.sentence + " |\n";
    add_rows(out, entry.inner, prefix + entry.name + (entry.is_list ? "[]." : "."));
  }
}

} // namespace

std::string workspace_tables_markdown() {
  std::string out;
  for (const object_kind& kind : object_kinds()) {
    out += "## `[[" + std::string(kind.table) +
           "]]`\n\n| Member | Value | What it says |\n|---|---|---|\n| `id` ? | UUID | "
           "Permanent; left out: made from table and " +
           std::string(kind.title) + ". |\n";
    add_rows(out, kind.catalogue(), {});
    out += '\n';
  }
  return out;
}

} // namespace croupier::config
