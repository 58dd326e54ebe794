#include "cli/server_keys.hpp"

#include "cli/answers.hpp"
#include "cli/commands.hpp"
#include "cli/text_table.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <iostream>
#include <optional>
#include <vector>

namespace croupier::cli {
namespace {

namespace json = boost::json;

const std::string keys_path = "/admin/v1/api-keys";

struct key_arguments {
  std::string name;
  std::string id;
  std::vector<std::string> scopes;
  std::vector<std::string> brands;
  std::string expires_at;
  bool as_json = false;
  std::shared_ptr<server_access> server;
};

json::array texts(const std::vector<std::string>& from) {
  return json::array(from.begin(), from.end());
}

std::string joined(const json::array& from) {
  std::string text;
  for (const json::value& one : from)
    if (one.is_string()) text += (text.empty() ? "" : " ") + std::string(one.get_string());
  return text;
}

std::string state_of(const json::object& key) {
  const json::value* revoked = key.if_contains("revoked");
  if (revoked != nullptr && revoked->is_bool() && revoked->get_bool()) return "revoked";
  const std::string expiry = text_member(key, "expiresAt");
  return expiry.empty() ? "" : "until " + expiry;
}

exit_code list_keys(const key_arguments& arguments) {
  api_client client(*arguments.server);
  json::array all;
  text_table table(std::vector<text_table::side>(5, text_table::side::left),
                   {"ID", "NAME", "SCOPES", "LAST USED", "STATE"});
  for (std::size_t offset = 0, total = 1; offset < total;) {
    const auto answer = read_answer(client.get(keys_path, {{"limit", "500"}, {"offset", std::to_string(offset)}}));
    if (!answer) return fail(answer.error());
    const json::array& rows = list_member(answer->content, "rows");
    all.insert(all.end(), rows.begin(), rows.end());
    for (const json::value& row : rows)
      if (const json::object* key = row.if_object())
        table.add({text_member(*key, "id"), text_member(*key, "name"), joined(list_member(*key, "scopes")),
                   text_member(*key, "lastUsedAt"), state_of(*key)});
    total = offset + rows.size() + (rows.size() == 500 ? 1 : 0);
    offset += rows.size();
    if (rows.empty()) break;
  }
  if (arguments.as_json)
    std::cout << json::serialize(all) << '\n';
  else
    table.print(std::cout);
  return exit_code::success;
}

exit_code create_key(const key_arguments& arguments) {
  json::object body{{"name", arguments.name}, {"scopes", texts(arguments.scopes)}};
  if (!arguments.brands.empty()) body["brandIds"] = texts(arguments.brands);
  if (!arguments.expires_at.empty()) body["expiresAt"] = arguments.expires_at;
  api_client client(*arguments.server);
  const auto answer = read_answer(client.post(keys_path, json::serialize(body)));
  if (!answer) return fail(answer.error());
  if (arguments.as_json)
    std::cout << answer->text << '\n';
  else
    std::cout << "id   " << text_member(answer->content, "id") << "\nkey  " << text_member(answer->content, "secret")
              << "\n\nThe key is not shown again.\n";
  return exit_code::success;
}

exit_code revoke_key(const key_arguments& arguments) {
  api_client client(*arguments.server);
  const auto answer = read_answer(client.remove(keys_path + "/" + arguments.id));
  if (!answer) return fail(answer.error());
  if (arguments.as_json)
    std::cout << answer->text << '\n';
  else
    std::cout << "revoked '" << text_member(answer->content, "name") << "'\n";
  return exit_code::success;
}

} // namespace

void add_server_keys(CLI::App& keys, exit_code& code) {
  auto arguments = std::make_shared<key_arguments>();
  CLI::App* list = keys.add_subcommand("list", "List the keys of a running server");
  list->add_flag("--json", arguments->as_json, "Print one JSON array");
  arguments->server = add_server_access(*list);
  list->callback([arguments, &code] { code = list_keys(*arguments); });

  auto to_create = std::make_shared<key_arguments>();
  CLI::App* create = keys.add_subcommand("create", "Create a key on a running server, and show it once");
  create->add_option("--name", to_create->name, "Whose key it is")->required()->type_name("TEXT");
  create->add_option("--scope", to_create->scopes, "movements:write, events:write, read, billing or admin; repeatable")
      ->required()
      ->type_name("SCOPE");
  create->add_option("--brand", to_create->brands, "Limit it to this brand; repeatable")->type_name("UUID");
  create->add_option("--expires-at", to_create->expires_at, "Refuse it from then on (RFC 3339)")->type_name("TIME");
  create->add_flag("--json", to_create->as_json, "Print the server's answer as it is");
  to_create->server = add_server_access(*create);
  create->callback([to_create, &code] { code = create_key(*to_create); });

  auto to_revoke = std::make_shared<key_arguments>();
  CLI::App* revoke = keys.add_subcommand("revoke", "Refuse a key of a running server for ever");
  revoke->add_option("ID", to_revoke->id, "The key's id")->required()->type_name("UUID");
  revoke->add_flag("--json", to_revoke->as_json, "Print the server's answer as it is");
  to_revoke->server = add_server_access(*revoke);
  revoke->callback([to_revoke, &code] { code = revoke_key(*to_revoke); });
}

} // namespace croupier::cli
