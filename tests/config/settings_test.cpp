#include "config/settings.hpp"

#include "support/catch.hpp"

#include <fstream>
#include <map>
#include <set>
#include <sstream>

using namespace croupier;
using namespace croupier::config;

namespace {

settings_sources with(std::map<std::string, std::string> environment, named_texts command_line = {}) {
  settings_sources sources;
  sources.environment = [environment = std::move(environment)](const std::string& name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  };
  sources.command_line = std::move(command_line);
  return sources;
}

std::vector<std::string> texts(const result<settings, problems>& loaded) {
  std::vector<std::string> lines;
  if (!loaded)
    for (const problem& one : loaded.error()) lines.push_back(one.text());
  return lines;
}

std::vector<std::string> problems_of(std::string_view toml, const settings_sources& sources = {}) {
  return texts(parse_settings(toml, "c.toml", sources));
}

} // namespace

TEST_CASE("without any source the settings are the defaults") {
  const auto loaded = load_settings({});
  REQUIRE(loaded);
  CHECK(loaded->listen.text() == "127.0.0.1:8080");
  CHECK(loaded->durability == durability::sync);
  CHECK(loaded->access_log);
}

TEST_CASE("every setting has a name, a sentence and a default that it allows, and reads its own text back") {
  const settings defaults;
  std::set<std::string_view> names;
  for (const setting_field& field : setting_fields()) {
    CAPTURE(field.name);
    CHECK(names.insert(field.name).second);
    CHECK(field.sentence.ends_with("."));
    const std::string value = field.value_text(defaults);
    if (value.empty()) continue;
    const auto loaded = parse_settings("", "c.toml", with({{field.environment_name(), value}}));
    REQUIRE(loaded);
    CHECK(field.value_text(*loaded) == value);
  }
}

TEST_CASE("a stronger source wins: command line over environment over file") {
  const std::string_view file = "in_flight_max = 10\nidle_after_s = 20\nlog_level = \"debug\"\n";
  const auto loaded = parse_settings(
      file, "c.toml",
      with({{"CROUPIER_IDLE_AFTER_S", "30"}, {"CROUPIER_LOG_LEVEL", "error"}}, {{"log_level", "warning"}}));
  REQUIRE(loaded);
  CHECK(loaded->in_flight_max == 10);
  CHECK(loaded->idle_after_s == 30);
  CHECK(loaded->log_level == log_level::warning);
}

TEST_CASE("all kinds of values are read from a file") {
  const auto loaded = parse_settings("listen = \"[::1]:9000\"\naccess_log = true\ndurability = \"async\"\n"
                                     "log_format = \"json\"\ndata_dir = \"/var/lib/croupier\"\n",
                                     "c.toml", {});
  REQUIRE(loaded);
  CHECK(loaded->listen == listen_address{"::1", 9000});
  CHECK(loaded->listen.text() == "[::1]:9000");
  CHECK(loaded->access_log);
  CHECK(loaded->durability == durability::async);
  CHECK(loaded->log_format == log_format::json);
  CHECK(loaded->data_dir == "/var/lib/croupier");
}

TEST_CASE("everything that is wrong is reported at once, with its place") {
  const std::string_view file = "in_flight_max = 0\n"
                                "in_flihgt_max = 5\n"
                                "\n"
                                "durability = \"sometimes\"\n"
                                "idle_after_s = \"20\"\n"
                                "listen = 8080\n"
                                "access_log = \"yes\"\n"
                                "block_cache_mib = 0.5\n";
  const auto lines = problems_of(file, with({{"CROUPIER_LISTEN", "here"}, {"CROUPIER_LOG_LEVEL", ""}},
                                            {{"request_deadline_ms", "-1"}, {"tls_key", "key.pem"}}));
  CHECK(std::set<std::string>(lines.begin(), lines.end()) ==
        std::set<std::string>{
            "c.toml:1: in_flight_max: '0' is not 1 to 1000000",
            "c.toml:2: unknown setting 'in_flihgt_max'",
            "c.toml:4: durability: 'sometimes' is not sync or async",
            "c.toml:5: idle_after_s: expected 1 to 86400",
            "c.toml:6: listen: expected HOST:PORT in quotes",
            "c.toml:7: access_log: expected true or false",
            "c.toml:8: block_cache_mib: expected 8 to 1048576",
            "CROUPIER_LISTEN: listen: 'here' is not HOST:PORT",
            "CROUPIER_LOG_LEVEL: log_level: '' is not debug, info, warning or error",
            "--request-deadline-ms: request_deadline_ms: '-1' is not 10 to 600000",
            "tls_certificate and tls_key: set both, or none",
        });
}

TEST_CASE("a number of a setting is decimal digits and nothing else") {
  for (const char* text : {"", " 5", "5 ", "+5", "0x5", "5.0", "1e3", "99999999999999999999", "-5", "five"}) {
    CAPTURE(text);
    CHECK(problems_of("", with({{"CROUPIER_IDLE_AFTER_S", text}})).size() == 1);
  }
}

TEST_CASE("listen addresses") {
  struct row {
    const char* text;
    std::optional<listen_address> expected;
    bool loopback;
  };
  const std::vector<row> rows{
      {"127.0.0.1:8080", listen_address{"127.0.0.1", 8080}, true},
      {"127.1.2.3:1", listen_address{"127.1.2.3", 1}, true},
      {"localhost:0", listen_address{"localhost", 0}, true},
      {"[::1]:65535", listen_address{"::1", 65535}, true},
      {"0.0.0.0:80", listen_address{"0.0.0.0", 80}, false},
      {"[::]:80", listen_address{"::", 80}, false},
      {"casino.example:80", listen_address{"casino.example", 80}, false},
      {"", std::nullopt, false},
      {"8080", std::nullopt, false},
      {":8080", std::nullopt, false},
      {"localhost:", std::nullopt, false},
      {"localhost:65536", std::nullopt, false},
      {"localhost:80x", std::nullopt, false},
      {"::1:80", std::nullopt, false},
      {"[]:80", std::nullopt, false},
      {"[::1:80", std::nullopt, false},
  };
  for (const row& one : rows) {
    CAPTURE(one.text);
    const auto parsed = listen_address::parse(one.text);
    CHECK(parsed == one.expected);
    if (parsed) CHECK(parsed->is_loopback() == one.loopback);
  }
}

TEST_CASE("a file that is not TOML, or not there, is one problem with its place") {
  CHECK(problems_of("listen = \n").front().starts_with("c.toml:1: "));
  settings_sources sources;
  sources.file = "no-such-folder/croupier.toml";
  CHECK(texts(load_settings(sources)) ==
        std::vector<std::string>{"no-such-folder/croupier.toml: cannot be read: No such file or directory"});
  sources.file = "/";
  CHECK(texts(load_settings(sources)) == std::vector<std::string>{"/: cannot be read: Is a directory"});
}

TEST_CASE("docs/operate.md has the table of settings as the code has it") {
  std::ifstream page(SOURCE_DIR "/docs/operate.md");
  std::stringstream content;
  content << page.rdbuf();
  const std::string table = settings_table_markdown();
  INFO("the table should be:\n" << table);
  CHECK(content.str().find(table) != std::string::npos);
}
