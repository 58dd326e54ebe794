#include "cli/commands.hpp"
#include "cli/copying.hpp"
#include "cli/progress_bar.hpp"
#include "cli/storage_refusal.hpp"
#include "cli/text_table.hpp"
#include "engine/timestamp.hpp"
#include "persistence/backup.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <filesystem>
#include <iostream>
#include <optional>
#include <sys/stat.h>

namespace croupier::cli {
namespace {

namespace json = boost::json;

struct restore_arguments {
  std::string backups;
  std::string to;
  std::uint32_t number = 0; ///< 0: the newest
  std::uint64_t memory_mib = 1024;
  bool lists = false;
  bool as_json = false;
};

constexpr const char* footer = R"(Puts a backup back as a data folder, compares every checksum, and proves the ledger
as croupier verify does. Only a ledger that is sound gets the name DIR.

Examples:
  croupier restore /backup/ledger --list
  croupier restore /backup/ledger restored
  croupier restore /backup/ledger restored --number 12 --json

Exit codes: 0 restored and sound, 1 the disk failed, 2 wrong usage, 3 there is no such
backup, something is in the way, or the backup is damaged.)";

json::object object_of(const persistence::backup_info& one) {
  return {{"backup", one.number},
          {"madeAt", timestamp{one.made_at_unix_s * 1'000'000}.text()},
          {"sequence", one.at.value},
          {"bytes", one.bytes}};
}

exit_code list(const restore_arguments& arguments) {
  const auto all = persistence::list_backups(arguments.backups);
  if (!all) return refusal_of(all.error());
  if (arguments.as_json) {
    json::array rows;
    for (const auto& one : *all) rows.push_back(object_of(one));
    std::cout << json::serialize(rows) << '\n';
    return exit_code::success;
  }
  using enum text_table::side;
  text_table table({right, left, right, right}, {"BACKUP", "MADE AT", "UP TO ENTRY", "BYTES"});
  for (const auto& one : *all)
    table.add({std::to_string(one.number), timestamp{one.made_at_unix_s * 1'000'000}.text(),
               with_thousands(one.at.value), with_thousands(one.bytes)});
  table.print(std::cout);
  return exit_code::success;
}

/// The bytes of that backup (none: the newest); 0 when there is none.
std::uint64_t bytes_of(const std::string& backups, std::optional<std::uint32_t> number) {
  std::uint64_t bytes = 0;
  if (const auto all = persistence::list_backups(backups))
    for (const auto& one : *all)
      if (!number || one.number == *number) bytes = one.bytes;
  return bytes;
}

exit_code restore(const restore_arguments& arguments) {
  umask(S_IRWXG | S_IRWXO);
  const auto number = arguments.number == 0 ? std::nullopt : std::optional(arguments.number);
  const auto restored = [&] {
    progress_bar bar;
    std::optional<shown_meanwhile> copying(
        std::in_place, growth_of(persistence::restoring_folder(arguments.to), bytes_of(arguments.backups, number)));
    // The proof begins when everything is copied.
    const auto proved = [&copying, show = shown_as_entries(bar)](std::uint64_t part, std::uint64_t whole) {
      copying.reset();
      show(part, whole);
    };
    return persistence::restore_backup(arguments.backups, number, arguments.to, {arguments.memory_mib << 20}, proved);
  }();
  if (!restored) return refusal_of(restored.error());
  if (arguments.as_json) {
    auto said = object_of(restored->from);
    said["entries"] = restored->proof.journal_end.last.value;
    said["directory"] = arguments.to;
    std::cout << json::serialize(said) << '\n';
  } else {
    std::cout << "backup " << restored->from.number << " is restored into " << arguments.to
              << " and sound: " << with_thousands(restored->proof.journal_end.last.value) << " entries, "
              << with_thousands(restored->proof.players) << " players\n";
  }
  return exit_code::success;
}

} // namespace

void add_restore(CLI::App& app, exit_code& code) {
  CLI::App* command = app.add_subcommand("restore", "Put a backup back as a data folder, and prove it");
  auto arguments = std::make_shared<restore_arguments>();
  command->add_option("BACKUPS", arguments->backups, "The folder of backups")->required()->type_name("DIR");
  CLI::Option* to = command->add_option("DIR", arguments->to, "The data folder to make; absent or empty");
  to->type_name("DIR");
  command->add_option("--number", arguments->number, "Which backup; the newest otherwise")
      ->type_name("N")
      ->check(CLI::Range(1U, 4'000'000'000U));
  command->add_option("--memory-mib", arguments->memory_mib, "Memory for the proof; less memory takes more time")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  command->add_flag("--list", arguments->lists, "List the backups instead")->excludes(to);
  command->add_flag("--json", arguments->as_json, "Print JSON");
  command->footer(footer);
  command->callback([arguments, to, &code] {
    if (!arguments->lists && to->empty()) throw CLI::RequiredError("DIR");
    code = arguments->lists ? list(*arguments) : restore(*arguments);
  });
}

} // namespace croupier::cli
