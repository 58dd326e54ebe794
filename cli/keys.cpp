#include "cli/commands.hpp"
#include "cli/server_keys.hpp"
#include "http/secrets.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <iostream>
#include <memory>

namespace croupier::cli {
namespace {

constexpr const char* footer = R"(The ledger keeps the SHA-256 of a key, never the key.

Examples:
  croupier keys list
  croupier keys create --name platform --scope movements:write --scope read
  croupier keys revoke 11111111-2222-4333-8444-555555555555
  croupier keys generate --json
  croupier keys hash < key.txt

Exit codes: 0 success, 1 failure (the last line says why), 2 wrong usage.)";

exit_code generate(bool as_json) {
  const std::string key = http::generate_api_key();
  const std::string digest = http::to_hex(http::sha256(key));
  if (as_json)
    std::cout << boost::json::serialize(boost::json::object{{"secret", key}, {"secretSha256", digest}}) << '\n';
  else
    std::cout << "key            " << key << "\nsecret_sha256  " << digest
              << "\n\nGive the key to its user and put the hash into the workspace file:\n\n"
                 "[[keys]]\nname = \"...\"\nscopes = [\"movements:write\", \"read\"]\nsecret_sha256 = \""
              << digest << "\"\n";
  return exit_code::success;
}

exit_code hash() {
  std::string key;
  if (!std::getline(std::cin, key) || key.empty()) return fail("standard input has no key on its first line");
  std::cout << http::to_hex(http::sha256(key)) << '\n';
  return exit_code::success;
}

} // namespace

void add_keys(CLI::App& app, exit_code& code) {
  CLI::App* command = app.add_subcommand("keys", "Make API keys, for a running server or a workspace file");
  command->require_subcommand(1);
  command->footer(footer);
  CLI::App* made = command->add_subcommand("generate", "Print a new key and its hash");
  auto as_json = std::make_shared<bool>(false);
  made->add_flag("--json", *as_json, "Print one JSON object");
  made->callback([as_json, &code] { code = generate(*as_json); });
  command->add_subcommand("hash", "Read a key from standard input and print its hash")->callback([&code] {
    code = hash();
  });
  add_server_keys(*command, code);
}

} // namespace croupier::cli
