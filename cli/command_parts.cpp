#include "cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace croupier::cli {

std::shared_ptr<server_access> add_server_access(CLI::App& command) {
  auto access = std::make_shared<server_access>();
  command.add_option("--url", access->url, "Where the server is")->envname("CROUPIER_URL")->capture_default_str();
  command
      .add_option("--api-key", access->api_key,
                  "The API key; better given as an environment variable, since everyone on the machine can read "
                  "command lines")
      ->envname("CROUPIER_API_KEY")
      ->type_name("KEY");
  command.parse_complete_callback([access] {
    if (const auto wrong = api_client::problem_with(*access)) throw CLI::ValidationError("--url", *wrong);
  });
  return access;
}

exit_code fail(const std::string& why) {
  std::cerr << "croupier: " << why << '\n';
  return exit_code::failed;
}

} // namespace croupier::cli
