#include "cli/answers.hpp"
#include "cli/commands.hpp"
#include "cli/text_table.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <iostream>
#include <vector>

namespace croupier::cli {
namespace {

namespace json = boost::json;

struct settle_arguments {
  std::vector<std::string> affiliates;
  std::string up_to;
  std::string minimum;
  std::string note;
  std::string request_id;
  bool yes = false;
  bool as_json = false;
  std::shared_ptr<server_access> server;
};

constexpr const char* footer = R"(Examples:
  croupier settle                                        # shows what would be settled, changes nothing
  croupier settle --minimum 50 --up-to 2026-06-01T00:00:00Z
  croupier settle --minimum 50 --up-to 2026-06-01T00:00:00Z --request-id may-2026 --yes

The same request id again gives the same settlement, so a call whose answer was lost may be repeated.

Exit codes: 0 success, 1 failure (the last line says why), 2 wrong usage.)";

std::string body_of(const settle_arguments& from) {
  json::object body;
  if (from.affiliates.empty())
    body["all"] = true;
  else
    body["affiliateIds"] = json::array(from.affiliates.begin(), from.affiliates.end());
  if (!from.up_to.empty()) body["upTo"] = from.up_to;
  if (!from.minimum.empty()) body["minimum"] = from.minimum;
  if (!from.note.empty()) body["note"] = from.note;
  body["dryRun"] = !from.yes;
  if (!from.request_id.empty()) body["requestId"] = from.request_id;
  return json::serialize(body);
}

void print(const json::object& settled, bool made) {
  using side = text_table::side;
  text_table taken({side::left, side::left, side::right, side::right, side::right},
                   {"AFFILIATE", "CURRENCY", "EXACT", "PAYABLE", "MOVEMENTS"});
  for (const json::value& each : list_member(settled, "accountSettlements"))
    if (const json::object* part = each.if_object())
      taken.add({text_member(*part, "affiliateName"), text_member(*part, "currency"), text_member(*part, "exact"),
                 text_member(*part, "amount"), text_member(*part, "movements")});
  taken.print(std::cout);
  const json::array& skipped = list_member(settled, "skipped");
  if (!skipped.empty()) {
    std::cout << "\nleft out:\n";
    text_table left({side::left, side::left, side::right, side::left}, {"AFFILIATE", "CURRENCY", "OPEN", "WHY"});
    for (const json::value& each : skipped)
      if (const json::object* one = each.if_object())
        left.add({text_member(*one, "affiliateName"), text_member(*one, "currency"), text_member(*one, "openBalance"),
                  text_member(*one, "reason")});
    left.print(std::cout);
  }
  if (made)
    std::cout << "\nsettlement " << text_member(settled, "id") << '\n';
  else
    std::cout << "\nNothing was changed: add --yes and a --request-id to settle.\n";
}

exit_code run(const settle_arguments& arguments) {
  api_client client(*arguments.server);
  const auto answer = read_answer(client.post("/api/node/billing/v1/settle-balances", body_of(arguments)));
  if (!answer) return fail(answer.error());
  if (arguments.as_json)
    std::cout << answer->text << '\n';
  else
    print(answer->content, arguments.yes);
  return exit_code::success;
}

} // namespace

void add_settle(CLI::App& app, exit_code& code) {
  CLI::App* command = app.add_subcommand("settle", "Settle what affiliates are owed, or show what would be settled");
  auto arguments = std::make_shared<settle_arguments>();
  command->add_option("--affiliate", arguments->affiliates, "Only this one; may be given several times")
      ->type_name("UUID");
  command->add_option("--up-to", arguments->up_to, "Only what was earned before this midnight (UTC)")
      ->type_name("TIME");
  command->add_option("--minimum", arguments->minimum, "Leave out who is owed less")->type_name("AMOUNT");
  command->add_option("--note", arguments->note, "Kept with the settlement")->type_name("TEXT");
  CLI::Option* id = command->add_option("--request-id", arguments->request_id, "Names this settlement, for ever");
  id->type_name("ID");
  command->add_flag("--yes", arguments->yes, "Settle; without it nothing is changed")->needs(id);
  command->add_flag("--json", arguments->as_json, "Print the server's answer as it is");
  arguments->server = add_server_access(*command);
  command->footer(footer);
  command->callback([arguments, &code] { code = run(*arguments); });
}

} // namespace croupier::cli
