#include "cli/commands.hpp"
#include "cli/importer.hpp"
#include "cli/progress_bar.hpp"
#include "cli/text_table.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>

namespace croupier::cli {
namespace {

namespace json = boost::json;

struct import_arguments {
  std::string file;
  std::string mapping;
  bool opening = false;
  bool as_json = false;
  registration_wish registration;
  std::shared_ptr<server_access> server;
};

constexpr const char* footer = R"(The file has one movement a line (NDJSON: the body of
POST /tracking/clients/v1/metrics/movements), or, with --mapping, rows of CSV that
a mapping file turns into movements (docs/import.md). Every movement needs a request
id, so importing a file again, or going on after a break, changes nothing that is
in the ledger already.

With --opening the file has opening balances: what players bring along from
elsewhere. They are set without paying revshare, which needs an admin key.

Examples:
  croupier import movements.ndjson
  croupier import bets.csv --mapping config/crash-game-mapping.toml \
      --register-with-link 5d1f0c2a-0001-4000-8000-000000000002
  zcat archive.ndjson.gz | croupier import - --json
  croupier import totals.csv --mapping totals.toml --opening

Exit codes: 0 every line is in the ledger, 1 some are not, 2 wrong usage or mapping.)";

/// The reason of a source that cannot be read, with the name of its file.
exit_code refuse(const std::string& file, const std::string& why) {
  std::cerr << "croupier: " << file << ": " << why << '\n';
  return exit_code::usage;
}

/// What went wrong, for people, whoever reads the summary.
void tell_errors(const std::string& file, const import_summary& summary) {
  for (const auto& [line, what] : summary.first_errors) std::cerr << file << ":" << line << ": " << what << '\n';
  if (summary.errors > summary.first_errors.size())
    std::cerr << file << ": and " << with_thousands(summary.errors - summary.first_errors.size())
              << " more lines with errors\n";
}

void print(const import_summary& summary) {
  text_table table({text_table::side::left, text_table::side::right}, {"lines", with_thousands(summary.lines)});
  table.add({"accepted", with_thousands(summary.accepted)});
  table.add({"duplicates", with_thousands(summary.duplicates)});
  if (summary.mismatches > 0) table.add({"  with other content", with_thousands(summary.mismatches)});
  table.add({"errors", with_thousands(summary.errors)});
  if (summary.registered > 0) table.add({"players registered", with_thousands(summary.registered)});
  table.print(std::cout);
}

/// Every member is always there, but `stopped`.
void print_json(const import_summary& summary) {
  json::array first_errors;
  for (const auto& [line, what] : summary.first_errors)
    first_errors.push_back(json::object{{"line", line}, {"message", what}});
  json::object said{{"complete", summary.stopped.empty()},
                    {"lines", summary.lines},
                    {"accepted", summary.accepted},
                    {"duplicates", summary.duplicates},
                    {"payloadMismatches", summary.mismatches},
                    {"errors", summary.errors},
                    {"playersRegistered", summary.registered},
                    {"firstErrors", std::move(first_errors)}};
  if (!summary.stopped.empty()) said["stopped"] = summary.stopped;
  std::cout << json::serialize(said) << '\n';
}

exit_code import_from(movement_source& source, const import_arguments& arguments, std::uint64_t file_bytes) {
  importer work(*arguments.server, arguments.registration,
                arguments.opening ? import_kind::opening_balances : import_kind::movements);
  import_summary summary;
  {
    progress_bar bar;
    summary = work.run(source, [&](const import_summary& so_far, std::uint64_t bytes) {
      bar.show(bytes, file_bytes,
               with_thousands(so_far.accepted) + " accepted, " + with_thousands(so_far.duplicates) + " duplicates, " +
                   with_thousands(so_far.errors) + " errors");
    });
  }
  tell_errors(arguments.file, summary);
  if (arguments.as_json)
    print_json(summary);
  else
    print(summary);
  if (!summary.stopped.empty())
    return fail(arguments.file + ": " + summary.stopped + " (the same command goes on where it stopped)");
  return summary.errors == 0 ? exit_code::success : exit_code::failed;
}

exit_code run(const import_arguments& arguments) {
  std::ifstream file;
  std::uint64_t file_bytes = 0;
  if (arguments.file != "-") {
    file.open(arguments.file, std::ios::binary);
    if (!file) return refuse(arguments.file, "cannot be read");
    std::error_code unknown; // a pipe has no size: then there is no percentage
    const auto size = std::filesystem::file_size(arguments.file, unknown);
    file_bytes = unknown ? 0 : size;
  }
  std::istream& from = arguments.file == "-" ? std::cin : file;
  if (arguments.mapping.empty()) return import_from(*read_ndjson(from), arguments, file_bytes);
  const auto mapping = config::load_import_mapping(arguments.mapping);
  if (!mapping) {
    for (const config::problem& one : mapping.error()) std::cerr << one.text() << '\n';
    return exit_code::usage;
  }
  const auto source = read_csv(from, *mapping);
  if (!source) return refuse(arguments.file, source.error());
  return import_from(**source, arguments, file_bytes);
}

} // namespace

void add_import(CLI::App& app, exit_code& code) {
  CLI::App* command = app.add_subcommand("import", "Send the movements of a file to a running server");
  auto arguments = std::make_shared<import_arguments>();
  command->add_option("FILE", arguments->file, "NDJSON or CSV file; - reads standard input")->required();
  command->add_option("--mapping", arguments->mapping, "How the rows of a CSV file become movements")
      ->type_name("FILE");
  command->add_flag("--opening", arguments->opening, "The file has opening balances, which earn nothing");
  CLI::Option* click = command->add_option("--register-with-click", arguments->registration.click,
                                           "Register unknown players with this click");
  click->type_name("CID");
  command
      ->add_option("--register-with-link", arguments->registration.link,
                   "Register unknown players with a click that is made on this tracking link")
      ->type_name("LINK_ID")
      ->excludes(click);
  command->add_flag("--json", arguments->as_json, "Print the summary as one JSON object");
  arguments->server = add_server_access(*command);
  command->footer(footer);
  command->callback([arguments, &code] { code = run(*arguments); });
}

} // namespace croupier::cli
