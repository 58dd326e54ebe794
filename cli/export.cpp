#include "cli/answers.hpp"
#include "cli/commands.hpp"
#include "cli/export_line.hpp"
#include "cli/movement_pages.hpp"
#include "cli/progress_bar.hpp"
#include "cli/text_table.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <limits>
#include <memory>

namespace croupier::cli {
namespace {

namespace json = boost::json;

struct export_arguments {
  movement_filters filters;
  std::string file;
  bool as_json = false;
  std::shared_ptr<server_access> server;
};

constexpr const char* footer = R"(Each line is the body that recorded the movement, as croupier import takes it; oldest
first, so that values which replace a balance come in their order. What is recorded
while the export runs is not in it. A temporary file of the same size is needed.

An opening balance has the member "opening": true, by which an import sets it as one.
Movements of other dialects are written as the metrics that they changed. A movement
without a request id is exported without one, and an import refuses that line, since
nothing would keep it from being applied twice.

Examples:
  croupier export movements.ndjson
  croupier export - --player player-42 | gzip > player-42.ndjson.gz
  croupier export june.ndjson --from 2026-06-01T00:00:00Z --to 2026-07-01T00:00:00Z --json

Exit codes: 0 everything is in the file, 1 failure, 2 wrong usage.)";

/// Pages come newest first: kept in a file without a name, and read back last page first.
class page_stack {
public:
  bool push(const std::string& page) {
    if (!file_ || std::fwrite(page.data(), 1, page.size(), file_.get()) != page.size()) return false;
    sizes_.push_back(page.size());
    end_ += page.size();
    return true;
  }

  bool pour(std::ostream& out) {
    std::string page;
    for (; !sizes_.empty(); sizes_.pop_back()) {
      page.resize(sizes_.back());
      end_ -= page.size();
      if (::fseeko(file_.get(), static_cast<off_t>(end_), SEEK_SET) != 0 ||
          std::fread(page.data(), 1, page.size(), file_.get()) != page.size())
        return false;
      out << page;
    }
    return static_cast<bool>(out.flush());
  }

private:
  struct closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, closer> file_{std::tmpfile()};
  std::vector<std::size_t> sizes_;
  std::uint64_t end_ = 0;
};

exit_code run(const export_arguments& arguments) {
  std::ofstream file;
  if (arguments.file != "-") {
    file.open(arguments.file, std::ios::binary | std::ios::trunc);
    if (!file) return fail(arguments.file + ": cannot be written");
  }
  page_stack pages;
  std::uint64_t done = 0;
  bool kept = true;
  std::string wrong;
  {
    progress_bar bar;
    wrong = each_movement_page(*arguments.server, arguments.filters, std::numeric_limits<std::uint64_t>::max(),
                               [&](const json::array& rows, std::optional<std::uint64_t> total) {
                                 std::string page;
                                 for (auto row = rows.rbegin(); row != rows.rend(); ++row)
                                   if (const json::object* one = row->if_object()) page += export_line(*one) + "\n";
                                 kept = kept && pages.push(page);
                                 done += rows.size();
                                 bar.show(done, total.value_or(0), with_thousands(done) + " movements");
                               });
  }
  if (!wrong.empty()) return fail(wrong);
  if (!kept) return fail("the temporary file cannot be written: is its disk full?");
  if (!pages.pour(arguments.file == "-" ? std::cout : file)) return fail(arguments.file + ": cannot be written");
  if (arguments.as_json)
    std::cout << json::serialize(json::object{{"movements", done}, {"file", arguments.file}}) << '\n';
  else if (arguments.file != "-")
    std::cout << with_thousands(done) << " movements in " << arguments.file << '\n';
  return exit_code::success;
}

} // namespace

void add_export(CLI::App& app, exit_code& code) {
  CLI::App* command = app.add_subcommand("export", "Write movements into a file that import reads back");
  auto arguments = std::make_shared<export_arguments>();
  movement_filters& filters = arguments->filters;
  command->add_option("FILE", arguments->file, "The file to write; - writes standard output")
      ->required()
      ->type_name("FILE");
  command->add_option("--from", filters.from, "At or after this time")->type_name("TIME")->capture_default_str();
  command->add_option("--to", filters.to, "Before this time")->type_name("TIME")->capture_default_str();
  command->add_option("--brand", filters.brands, "Only of these brands (ids)")->type_name("UUID");
  command->add_option("--player", filters.players, "Only of these players (external ids)")->type_name("ID");
  command->add_flag("--json", arguments->as_json, "Print the summary as one JSON object, when FILE is not -");
  arguments->server = add_server_access(*command);
  command->footer(footer);
  command->callback([arguments, &code] {
    if (arguments->as_json && arguments->file == "-")
      throw CLI::ValidationError("--json", "standard output has the movements");
    code = run(*arguments);
  });
}

} // namespace croupier::cli
