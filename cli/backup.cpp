#include "cli/answers.hpp"
#include "cli/commands.hpp"
#include "cli/copying.hpp"
#include "cli/storage_refusal.hpp"
#include "cli/text_table.hpp"
#include "persistence/rocksdb_store.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <sys/stat.h>

namespace croupier::cli {
namespace {

namespace json = boost::json;

struct backup_arguments {
  std::string data_dir;
  std::string folder;
  std::uint32_t keep = 7;
  bool as_json = false;
  std::shared_ptr<server_access> server;
};

constexpr const char* footer = R"(Without --data-dir the running server makes the backup, while it goes on taking
movements, in the folder of its setting backup_dir; the key needs the scope admin.
With --data-dir the folder of a stopped server is backed up into --into.

Every backup is whole; files that did not change are kept once and shared by all.
The folder holds the ledger's secret key: guard it like the ledger. Restore one from
time to time (croupier restore proves it): a backup that was never restored is a hope.

Examples:
  croupier backup
  croupier backup --url https://ledger.example --json
  croupier backup --data-dir data --into /backup/ledger --keep 30

Exit codes: 0 the backup is whole, 1 it failed, 2 wrong usage, 3 the data folder is in
use, or the backups are another ledger's.)";

struct backup_facts {
  std::string number;
  std::string at;
  std::string bytes;
  std::string new_bytes;
};

void print(const backup_facts& made) {
  text_table table({text_table::side::left, text_table::side::right}, {"backup", made.number});
  table.add({"up to entry", made.at});
  table.add({"bytes", made.bytes});
  table.add({"  of these new", made.new_bytes});
  table.print(std::cout);
}

/// How far the server is. What it does not answer is not shown.
std::optional<copied> progress_of(api_client& client) {
  const auto answer = read_answer(client.get("/admin/v1/backup"));
  const auto bytes = [&](std::string_view name) {
    return std::strtoull(text_member(answer->content, name).c_str(), nullptr, 10);
  };
  if (!answer || !answer->content.contains("ofBytes")) return std::nullopt;
  return copied{bytes("bytes"), bytes("ofBytes")};
}

exit_code ask_server(const backup_arguments& arguments) {
  api_client client(*arguments.server);
  const auto answer = [&] {
    const shown_meanwhile progress(
        [asking = std::make_shared<api_client>(*arguments.server)] { return progress_of(*asking); });
    return read_answer(client.post("/admin/v1/backup", ""));
  }();
  if (!answer) return fail(answer.error());
  const json::object& made = answer->content;
  if (arguments.as_json)
    std::cout << answer->text << '\n';
  else
    print({text_member(made, "backup"), text_member(made, "sequence"), text_member(made, "bytes"),
           text_member(made, "newBytes")});
  return exit_code::success;
}

exit_code back_up_folder(const backup_arguments& arguments) {
  umask(S_IRWXG | S_IRWXO);
  persistence::store_options opening;
  opening.folder = arguments.data_dir;
  opening.create = false;
  const auto store = persistence::rocksdb_store::open(opening);
  if (!store) return refusal_of(store.error());
  persistence::backup_options options;
  options.folder = arguments.folder;
  options.keep = arguments.keep;
  const auto made = [&] {
    const shown_meanwhile progress(growth_of(arguments.folder, bytes_to_back_up(arguments.data_dir, arguments.folder)));
    return (*store)->back_up(options);
  }();
  const auto closed = (*store)->close_cleanly();
  if (!made) return refusal_of(made.error());
  if (!closed) return refusal_of(closed.error());
  if (arguments.as_json)
    std::cout << json::serialize(json::object{{"backup", made->number},
                                              {"sequence", made->at.value},
                                              {"bytes", made->bytes},
                                              {"newBytes", made->new_bytes}})
              << '\n';
  else
    print({std::to_string(made->number), std::to_string(made->at.value), std::to_string(made->bytes),
           std::to_string(made->new_bytes)});
  return exit_code::success;
}

} // namespace

void add_backup(CLI::App& app, exit_code& code) {
  CLI::App* command = app.add_subcommand("backup", "Back the ledger up, while it runs");
  auto arguments = std::make_shared<backup_arguments>();
  CLI::Option* data = command->add_option("--data-dir", arguments->data_dir, "The data folder of a stopped server");
  CLI::Option* into = command->add_option("--into", arguments->folder, "The folder of backups");
  data->type_name("DIR")->needs(into);
  into->type_name("DIR")->needs(data);
  command->add_option("--keep", arguments->keep, "The newest so many backups stay")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000))
      ->needs(data)
      ->capture_default_str();
  command->add_flag("--json", arguments->as_json, "Print one JSON object");
  arguments->server = add_server_access(*command);
  command->footer(footer);
  command->callback(
      [arguments, &code] { code = arguments->data_dir.empty() ? ask_server(*arguments) : back_up_folder(*arguments); });
}

} // namespace croupier::cli
