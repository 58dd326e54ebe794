#include "cli/commands.hpp"
#include "cli/progress_bar.hpp"
#include "cli/storage_refusal.hpp"
#include "cli/text_table.hpp"
#include "persistence/verifier.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <iostream>

namespace croupier::cli {
namespace {

namespace json = boost::json;

struct verify_arguments {
  std::string folder;
  std::uint64_t memory_mib = 1024;
  bool as_json = false;
};

constexpr const char* footer = R"(Folds the whole journal anew and compares every balance, every revshare, every
request id, every settlement and every row of the checkpoint with what the entries
amount to. Nothing in the folder is changed. The first entry that breaks a rule is named. A running
server's folder is refused: verify a backup of it instead (croupier restore does).

Examples:
  croupier verify data
  croupier verify /var/lib/croupier/data --memory-mib 256 --json

Exit codes: 0 the ledger is sound, 1 the disk could not be read, 2 wrong usage,
3 the ledger is not sound, or the folder is in use or holds no ledger.)";

void print(const verify_arguments& arguments, const persistence::verification& found) {
  if (arguments.as_json) {
    std::cout << json::serialize(json::object{{"sound", true},
                                              {"sequence", found.journal_end.last.value},
                                              {"movements", found.journal_end.movement_count},
                                              {"players", found.players},
                                              {"requestIds", found.request_ids},
                                              {"affiliateAccounts", found.accounts},
                                              {"settlements", found.settlements},
                                              {"checkpointSequence", found.checkpoint.value}})
              << '\n';
    return;
  }
  text_table table({text_table::side::left, text_table::side::right},
                   {"entries", with_thousands(found.journal_end.last.value)});
  table.add({"movements", with_thousands(found.journal_end.movement_count)});
  table.add({"players", with_thousands(found.players)});
  table.add({"request ids", with_thousands(found.request_ids)});
  table.add({"affiliate accounts", with_thousands(found.accounts)});
  table.add({"settlements", with_thousands(found.settlements)});
  table.add({"checkpoint at entry", with_thousands(found.checkpoint.value)});
  table.print(std::cout);
  std::cout << arguments.folder << " is sound\n";
}

exit_code refuse(const verify_arguments& arguments, const persistence::storage_error& error) {
  if (arguments.as_json) {
    json::object said{{"sound", false}, {"message", error.text}};
    if (error.at) said["sequence"] = error.at->value;
    std::cout << json::serialize(said) << '\n';
  }
  return refusal_of(error);
}

exit_code run(const verify_arguments& arguments) {
  const auto found = [&] {
    progress_bar bar;
    return persistence::verify_folder(arguments.folder, {arguments.memory_mib << 20}, shown_as_entries(bar));
  }();
  if (!found) return refuse(arguments, found.error());
  print(arguments, *found);
  return exit_code::success;
}

} // namespace

void add_verify(CLI::App& app, exit_code& code) {
  CLI::App* command = app.add_subcommand("verify", "Prove that a data folder is what its entries amount to");
  auto arguments = std::make_shared<verify_arguments>();
  command->add_option("DIR", arguments->folder, "The data folder")->required()->type_name("DIR");
  command->add_option("--memory-mib", arguments->memory_mib, "Memory to use; less memory takes more time")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  command->add_flag("--json", arguments->as_json, "Print one JSON object");
  command->footer(footer);
  command->callback([arguments, &code] { code = run(*arguments); });
}

} // namespace croupier::cli
